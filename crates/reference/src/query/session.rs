//! Sessions: who logs in by name and password asks with a cookie and a key from then on, and signs nothing.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::arguments::Arguments;
use crate::refusal::{ApiError, Reason};
use crate::resource::fields;
use crate::world::{AccountIndex, Fields, Record, World, kind};

/// The cookie that names a session.
const COOKIE: &str = "JSESSIONID";
/// How long a session may rest, as answers to logins say. Here it never ends by itself.
const TIMEOUT: &str = "1800";

/// The sessions that are open, by their cookies.
#[derive(Default)]
pub struct Sessions {
    open: HashMap<String, Session>,
    begun: u64,
}

/// What is known of one.
struct Session {
    /// What each of its requests gives besides the cookie.
    key: String,
    account: AccountIndex,
}

impl Sessions {
    /// Opens a session for the user with a name and a password: what is answered, and the header that sets the cookie.
    pub fn log_in(&mut self, world: &World, arguments: &Arguments) -> Result<(Fields, String), ApiError> {
        let name = arguments.get("username").unwrap_or_default();
        let refused = || ApiError::new(Reason::Login, format!("{name} is not known with this password"));
        let user = user(world, arguments, name).ok_or_else(refused)?;
        let account = world.accounts.find(|account| account.id == user.text("accountid")).ok_or_else(refused)?;
        self.begun += 1;
        let cookie = world.ids.named(&format!("session {}", self.begun)).replace('-', "").to_uppercase();
        let key = STANDARD.encode(world.ids.named(&format!("key of session {}", self.begun)));
        let answer = fields(json!({
            "timeout": TIMEOUT,
            "firstname": user.text("firstname"),
            "sessionkey": key,
            "registered": "false",
            "type": world.accounts.get(account).role.number().to_string(),
            "userid": user.id(),
            "domainid": user.text("domainid"),
            "account": user.text("account"),
            "lastname": user.text("lastname"),
            "username": name,
        }));
        let header = format!("{COOKIE}={cookie}; Path=/client; HttpOnly");
        self.open.insert(cookie, Session { key, account });
        Ok((answer, header))
    }

    /// Ends the session of a request, if it has one.
    pub fn log_out(&mut self, cookies: Option<&str>) -> Fields {
        if let Some(cookie) = cookies.and_then(named) {
            self.open.remove(cookie);
        }
        fields(json!({"description": "success"}))
    }

    /// The account of a request in a session: it has the cookie and gives the key.
    pub fn account(&self, cookies: &str, arguments: &Arguments) -> Option<AccountIndex> {
        let session = self.open.get(named(cookies)?)?;
        (arguments.get("sessionkey")? == session.key).then_some(session.account)
    }
}

/// The session that the header of a request names.
fn named(cookies: &str) -> Option<&str> {
    let cookies = cookies.split(';').filter_map(|cookie| cookie.trim().split_once('='));
    cookies.filter(|(name, _)| *name == COOKIE).map(|(_, value)| value).next()
}

/// The user with a name and a password in a domain, which is given by its id, or by its path without the root.
fn user<'a>(world: &'a World, arguments: &Arguments, name: &str) -> Option<&'a Record> {
    let password = arguments.get("password")?;
    let domain = if let Some(id) = arguments.get("domainid") {
        world.accounts.domain_with(id)?
    } else {
        let path = arguments.get("domain").unwrap_or_default().trim_matches('/');
        let root = world.accounts.domain();
        let path = if path.is_empty() { root.path.clone() } else { format!("{}/{path}", root.path) };
        world.accounts.domain_at(&path)?
    };
    let mut users = world.store.of(kind::USER);
    users.find(|user| {
        let known = user.hidden.get("password").and_then(serde_json::Value::as_str);
        user.text("username") == name && user.text("domainid") == domain.id && known == Some(password)
    })
}
