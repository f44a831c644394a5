//! Who asks the shop: tokens, OAuth 2 (RFC 6749, 4.4) and sessions.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::api::Incoming;
use crate::fault::Fault;

use super::answer::{Answer, Refusal};
use super::customer::{CLIENT, Customer, NEIGHBOUR, TOKEN, USER};
use super::form::pairs;
use super::state::Shop;

/// So long an issued token is good.
const LASTS: SignedDuration = SignedDuration::from_mins(5);

impl Shop {
    /// Who asks, if anybody may.
    pub(super) fn admit(&self, request: &Incoming, now: Timestamp) -> Result<Customer, Refusal> {
        let authorization = request.header("authorization");
        if let Some(session) = authorization.is_none().then(|| cookie(request, "session")).flatten() {
            let is_known = self.issued().sessions.iter().any(|known| known == session);
            return if is_known { Ok(Customer::Main) } else { Err(Refusal::Credential) };
        }
        let Some(given) = authorization else {
            let unasked = self.has(Fault::ShopNoCredentialTaken);
            return if unasked { Ok(Customer::Main) } else { Err(Refusal::Credential) };
        };
        match given.strip_prefix("Bearer ").unwrap_or_default() {
            TOKEN => Ok(Customer::Main),
            NEIGHBOUR => Ok(Customer::Neighbour),
            issued if self.issued().tokens.get(issued).is_some_and(|until| now < *until) => Ok(Customer::Main),
            _ if self.has(Fault::ShopAnyCredentialTaken) => Ok(Customer::Main),
            _ => Err(Refusal::Credential),
        }
    }

    /// Issues a token.
    pub(super) fn token(&self, request: &Incoming, now: Timestamp) -> Result<Answer, Refusal> {
        let asked = pairs(&request.body);
        let has = |name: &str, value: &str| asked.iter().any(|(known, given)| known == name && given == value);
        if !has("grant_type", "client_credentials") {
            return Err(Refusal::Data("grant_type is not client_credentials".to_owned()));
        }
        let by_header = basic(request) == Some(format!("{}:{}", CLIENT.0, CLIENT.1));
        let is_known = by_header || has("client_id", CLIENT.0) && has("client_secret", CLIENT.1);
        if !is_known {
            return Err(Refusal::Credential);
        }
        let token = uuid::Uuid::new_v4().simple().to_string();
        self.issued().tokens.insert(token.clone(), now + LASTS);
        let answer = json!({"access_token": token, "token_type": "Bearer", "expires_in": LASTS.as_secs()});
        Ok(Answer::json(200, &answer))
    }

    /// Begins a session.
    pub(super) fn login(&self, request: &Incoming) -> Result<Answer, Refusal> {
        let given: Value = serde_json::from_str(&request.body).unwrap_or_default();
        if given["user"] != USER.0 || given["password"] != USER.1 {
            return Err(Refusal::Credential);
        }
        let session = uuid::Uuid::new_v4().simple().to_string();
        let cookie = format!("session={session}; Path=/; HttpOnly; SameSite=Strict");
        self.issued().sessions.push(session);
        Ok(Answer::empty(204).with("set-cookie", cookie))
    }
}

/// What the header of basic authentication says.
fn basic(request: &Incoming) -> Option<String> {
    use base64::Engine as _;
    let coded = request.header("authorization")?.strip_prefix("Basic ")?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(coded).ok()?;
    String::from_utf8(bytes).ok()
}

fn cookie<'a>(request: &'a Incoming, name: &str) -> Option<&'a str> {
    let pairs = request.header("cookie")?.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}
