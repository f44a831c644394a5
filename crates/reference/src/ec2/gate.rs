//! Who may ask, and until when.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::api::Incoming;
use crate::fault::{Fault, Faults};
use crate::world::{AccountIndex, World};

use super::failure::Failure;
use super::parameters::Parameters;
use super::signing::{Authorization, is_signed_by_version_2};

/// How far the clock of a client may be off, as with Amazon.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(15);

/// The account that a request comes from.
pub fn admit(world: &World, request: &Incoming, parameters: &Parameters) -> Result<AccountIndex, Failure> {
    match request.header("authorization") {
        Some(header) => by_version_4(world, request, header),
        None => by_version_2(world, request, parameters),
    }
}

fn by_version_2(world: &World, request: &Incoming, parameters: &Parameters) -> Result<AccountIndex, Failure> {
    let faults = &world.rules.faults;
    let signed = parameters.get("Signature").is_some();
    if !signed {
        let by_post = request.method == "POST" && faults.has(Fault::Ec2UnsignedPostAccepted);
        let unsigned = || if by_post { Ok(()) } else { Err(Failure::credentials("the request is not signed")) };
        faults.check(Fault::Ec2UnsignedAccepted, unsigned)?;
    }
    let account = account(world, parameters.get("AWSAccessKeyId"))?;
    if parameters.get("SignatureVersion") != Some("2") {
        return Err(Failure::credentials("the signature version is neither 2 nor 4"));
    }
    check_time(parameters, faults, world.now)?;
    let Account::Known(account) = account else { return Ok(AccountIndex::FIRST) };
    if signed {
        let unchecked = request.method == "POST" && faults.has(Fault::Ec2PostSignatureNotChecked);
        let good = unchecked || is_signed_by_version_2(request, parameters, &world.accounts.get(account).secret_key);
        faults.check(Fault::Ec2SignatureNotChecked, || if good { Ok(()) } else { Err(does_not_belong()) })?;
    }
    Ok(account)
}

fn by_version_4(world: &World, request: &Incoming, header: &str) -> Result<AccountIndex, Failure> {
    let authorization = Authorization::read(header);
    let authorization = authorization.ok_or_else(|| Failure::credentials("the authorization can't be read"))?;
    let account = account(world, Some(authorization.key))?;
    let moment = request.header("x-amz-date").unwrap_or_default();
    let made = DateTime::strptime("%Y%m%dT%H%M%SZ", moment).ok().and_then(in_utc);
    let made = made.ok_or_else(|| Failure::credentials("the request does not say when it was made"))?;
    check_age(made, world.now)?;
    let Account::Known(account) = account else { return Ok(AccountIndex::FIRST) };
    let good = authorization.is_good(request, moment, &world.accounts.get(account).secret_key);
    let faults = &world.rules.faults;
    faults.check(Fault::Ec2Version4NotChecked, || if good { Ok(()) } else { Err(does_not_belong()) })?;
    Ok(account)
}

fn does_not_belong() -> Failure {
    Failure::credentials("the signature does not belong to the request")
}

/// Whom an access key names.
enum Account {
    /// An account.
    Known(AccountIndex),
    /// No account: only a fault lets such a request come farther.
    NoOne,
}

fn account(world: &World, key: Option<&str>) -> Result<Account, Failure> {
    let known = key.and_then(|key| world.accounts.with_key(key));
    match known {
        Some(account) => Ok(Account::Known(account)),
        None if world.rules.faults.has(Fault::Ec2UnknownKeyAccepted) => Ok(Account::NoOne),
        None => Err(Failure::credentials("the access key is not known")),
    }
}

/// A request of version 2 says when it was made, or until when it is valid.
fn check_time(parameters: &Parameters, faults: &Faults, now: Timestamp) -> Result<(), Failure> {
    match (parameters.get("Timestamp"), parameters.get("Expires")) {
        (None, None) => faults.check(Fault::Ec2TimelessAccepted, || {
            Err(Failure::new("MissingParameter", "the request has neither Timestamp nor Expires"))
        }),
        (Some(_), Some(_)) => {
            Err(Failure::new("InvalidParameterCombination", "Timestamp and Expires exclude each other"))
        }
        (Some(made), None) => check_age(read(made)?, now),
        (None, Some(expires)) => {
            let expires = read(expires)?;
            faults.check(Fault::Ec2ExpiredAccepted, || if expires > now { Ok(()) } else { Err(expired()) })
        }
    }
}

fn check_age(made: Timestamp, now: Timestamp) -> Result<(), Failure> {
    let age = now.duration_since(made);
    if age.abs() > TOLERANCE { Err(expired()) } else { Ok(()) }
}

fn expired() -> Failure {
    Failure::new("RequestExpired", "the request has expired")
}

/// Reads `2011-10-03T15:19:30`, in UTC where no offset is given.
fn read(text: &str) -> Result<Timestamp, Failure> {
    let with_offset = text.parse::<Timestamp>().ok();
    let moment = with_offset.or_else(|| text.parse::<DateTime>().ok().and_then(in_utc));
    moment.ok_or_else(|| Failure::new("InvalidParameterValue", format!("{text} is no moment")))
}

fn in_utc(local: DateTime) -> Option<Timestamp> {
    TimeZone::fixed(Offset::UTC).to_timestamp(local).ok()
}
