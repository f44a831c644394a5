//! Who may ask: what every order must carry (COMMON PARAMETER).

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::fault::Fault;
use crate::world::after;

use super::facts::facts;
use super::refusal::ApiError;
use super::request::Parameters;
use super::signing;
use super::state::{CustomerIndex, State};

/// What is far off to a cloud that should not care.
const FAR: Duration = Duration::from_secs(12 * 60 * 60);

/// The customer that a request comes from.
pub fn admit(state: &State, parameters: &Parameters) -> Result<CustomerIndex, ApiError> {
    let faults = &state.rules.faults;
    let proves_nothing = ["accessKey", "expires", "signature"].iter().all(|name| parameters.get(name).is_none());
    if proves_nothing && faults.has(Fault::HicloudKeysNotNeeded) {
        return Ok(CustomerIndex::FIRST);
    }
    faults.check(Fault::HicloudAuthTypeIgnored, || match parameters.get("chtAuthType") {
        Some("hwspass") => Ok(()),
        _ => Err(ApiError::credentials("the mechanism of authentication is not hwspass")),
    })?;
    let customer = customer(state, parameters)?;
    check_expiry(state, parameters)?;
    check_signature(state, customer, parameters)?;
    check_version(state, parameters)?;
    Ok(customer)
}

/// The customer that the access key names. It may be sent twice, but then it is the same.
fn customer(state: &State, parameters: &Parameters) -> Result<CustomerIndex, ApiError> {
    let mut keys = parameters.of("accessKey");
    let (fault, text) = match keys.next().filter(|key| !key.is_empty()) {
        None => (Fault::HicloudKeylessAccepted, "the order has no access key"),
        Some(key) => match state.customer_with_key(key).filter(|_| keys.all(|other| other == key)) {
            Some(customer) => return Ok(customer),
            None => (Fault::HicloudUnknownKeyAccepted, "the access key is not known"),
        },
    };
    state.rules.faults.check(fault, || Err(ApiError::credentials(text)))?;
    Ok(CustomerIndex::FIRST)
}

fn check_expiry(state: &State, parameters: &Parameters) -> Result<(), ApiError> {
    let faults = &state.rules.faults;
    let expires =
        parameters.get("expires").ok_or_else(|| ApiError::credentials("the order does not say when it expires"))?;
    match read_expiry(expires) {
        None => {
            let unreadable = || Err(ApiError::credentials("the expiry is not of the form YYYY-MM-DDThh:mm:ssZ"));
            faults.check(Fault::HicloudMalformedExpiryAccepted, unreadable)
        }
        Some(moment) if moment < state.now => {
            faults.check(Fault::HicloudExpiredAccepted, || Err(ApiError::credentials("the order has expired")))
        }
        Some(moment) if faults.has(Fault::HicloudFarExpiryRefused) && moment > after(state.now, FAR) => {
            Err(ApiError::credentials("the order is valid for too long"))
        }
        Some(_) => Ok(()),
    }
}

/// `2013-05-09T15:01:44Z`, in UTC.
fn read_expiry(text: &str) -> Option<Timestamp> {
    const FORM: &str = "%Y-%m-%dT%H:%M:%SZ";
    let moment = DateTime::strptime(FORM, text).ok()?;
    let moment = TimeZone::UTC.to_timestamp(moment).ok()?;
    // The reader is lenient with leading zeros and spaces; the document is not.
    (moment.strftime(FORM).to_string() == text).then_some(moment)
}

fn check_signature(state: &State, customer: CustomerIndex, parameters: &Parameters) -> Result<(), ApiError> {
    let faults = &state.rules.faults;
    let Some(signature) = parameters.get("signature") else {
        return faults.check(Fault::HicloudUnsignedAccepted, || Err(ApiError::credentials("the order is not signed")));
    };
    let customer = state.customer(customer);
    // Only a fault lets an order without a known key come so far, and then no secret key is meant.
    let known = parameters.get("accessKey") == Some(customer.access_key.as_str());
    let encoded = faults.has(Fault::HicloudEncodedNameSigned).then(|| parameters.with_encoded("instanceName"));
    let signed = encoded.as_ref().unwrap_or(parameters);
    if !known || signing::is_signed(signed, signature, &customer.secret_key) {
        return Ok(());
    }
    faults.check(Fault::HicloudSignatureNotChecked, || {
        Err(ApiError::credentials("the signature does not belong to the order"))
    })
}

fn check_version(state: &State, parameters: &Parameters) -> Result<(), ApiError> {
    let faults = &state.rules.faults;
    let version = parameters.get("version").ok_or_else(|| ApiError::parameter("the order has no version"))?;
    let earlier_refused = faults.has(Fault::HicloudEarlierVersionRefused)
        && facts().versions.first().is_none_or(|current| current != version);
    if facts().versions.iter().any(|known| known == version) && !earlier_refused {
        return Ok(());
    }
    let unknown = || Err(ApiError::parameter(format!("there is no version {version}")));
    if earlier_refused { unknown() } else { faults.check(Fault::HicloudVersionIgnored, unknown) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_has_one_form() {
        assert!(read_expiry("2013-05-09T15:01:44Z").is_some());
        for text in ["2013-05-09T15:01:44", "2013-05-09", "2013-5-9T15:01:44Z", "2013-13-09T15:01:44Z", "tomorrow"] {
            assert_eq!(read_expiry(text), None, "{text}");
        }
    }
}
