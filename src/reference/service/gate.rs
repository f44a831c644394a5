//! Who may ask: keys, signatures, expiries, and how often.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::reference::fault::{Fault, Faults};
use crate::reference::policy::{Expiry, Policy};
use crate::reference::refusal::{Reason, Refusal};
use crate::reference::settings::Throttle;
use crate::reference::world::{AccountIndex, World, after};

use super::Arguments;
use super::signing::{self, OffsetForm};

/// The only signature version that knows of an expiry.
const VERSION: &str = "3";

/// Lets in who can prove to be an account of the world.
pub struct Gate {
    throttle: Option<Throttle>,
    intervals: HashMap<AccountIndex, Interval>,
}

/// The requests that an account has sent since an interval began.
struct Interval {
    end: Timestamp,
    requests: u32,
}

impl Gate {
    /// A gate that nobody has passed yet.
    pub fn new(throttle: Option<Throttle>) -> Self {
        Self { throttle, intervals: HashMap::new() }
    }

    /// The account that a request comes from. What is counted is every request with a known key, well signed or not.
    pub fn admit(&mut self, world: &World, arguments: &Arguments) -> Result<AccountIndex, Refusal> {
        let (policy, faults) = (&world.rules.policy, &world.rules.faults);
        let signature = arguments.get("signature");
        if signature.is_none() {
            faults.check(Fault::UnsignedAccepted, || Err(refused("the request is not signed")))?;
        }
        let account = account(world, arguments)?;
        check_expiry(arguments, policy, faults, world.now)?;
        self.count(account, world.now)?;
        if let Some(signature) = signature {
            check_signature(world, arguments, account, signature)?;
        }
        Ok(account)
    }

    fn count(&mut self, account: AccountIndex, now: Timestamp) -> Result<(), Refusal> {
        let Some(throttle) = self.throttle else { return Ok(()) };
        let begun = || Interval { end: after(now, throttle.interval), requests: 0 };
        let interval = self.intervals.entry(account).or_insert_with(begun);
        if interval.end <= now {
            *interval = begun();
        }
        interval.requests = interval.requests.saturating_add(1);
        if interval.requests > throttle.requests.get() {
            return Err(Refusal::new(Reason::Throttled, "the account has sent too many requests"));
        }
        Ok(())
    }
}

fn refused(text: &str) -> Refusal {
    Refusal::new(Reason::Credentials, text)
}

/// The account that the API key names.
fn account(world: &World, arguments: &Arguments) -> Result<AccountIndex, Refusal> {
    let faults = &world.rules.faults;
    let (fault, text) = match arguments.get("apikey") {
        None => (Fault::KeylessAccepted, "the request has no API key"),
        Some(key) => match world.accounts.with_key(key) {
            Some(account) => return Ok(account),
            None => (Fault::UnknownKeyAccepted, "the API key is not known"),
        },
    };
    faults.check(fault, || Err(refused(text)))?;
    Ok(AccountIndex::FIRST)
}

fn check_signature(
    world: &World,
    arguments: &Arguments,
    account: AccountIndex,
    signature: &str,
) -> Result<(), Refusal> {
    let faults = &world.rules.faults;
    let known = arguments.get("apikey").is_some_and(|key| world.accounts.with_key(key).is_some());
    let other = faults.has(Fault::ForeignSecretAccepted) && signing::is_well_formed(signature);
    // Only a fault lets a request without a known key come so far, and then nobody's secret key is meant.
    if !known || other || faults.has(Fault::SignatureNotChecked) {
        return Ok(());
    }
    let secret_key = &world.accounts.get(account).secret_key;
    if signing::is_signed(arguments, signature, secret_key, world.rules.policy.signing_order) {
        return Ok(());
    }
    Err(refused("the signature does not belong to the request"))
}

/// `expires` and `signatureVersion` (Cloudn Compute 1-2; CloudStack developer's guide 4.1, 5.3).
fn check_expiry(arguments: &Arguments, policy: &Policy, faults: &Faults, now: Timestamp) -> Result<(), Refusal> {
    let (version, expires) = (arguments.get("signatureversion"), arguments.get("expires"));
    let form = match policy.expiry {
        Expiry::Paired => {
            check_version(version, faults)?;
            check_paired(version, expires, faults)?;
            OffsetForm::Zulu
        }
        Expiry::Versioned if version == Some(VERSION) => {
            expires.ok_or_else(|| refused("signature version 3 needs an expiry"))?;
            OffsetForm::Gmt
        }
        Expiry::Versioned => return Ok(()),
    };
    let Some(expires) = expires else { return Ok(()) };
    let ignores_offset = faults.has(Fault::ExpiryOffsetIgnored);
    let moment = signing::read_expiry(expires, form);
    let moment = if ignores_offset { moment.and_then(|_| signing::without_offset(expires)) } else { moment };
    match moment {
        None => faults.check(Fault::MalformedExpiryAccepted, || Err(refused("the expiry can't be read"))),
        Some(moment) if moment < now => {
            faults.check(Fault::ExpiredAccepted, || Err(refused("the request has expired")))
        }
        Some(_) => Ok(()),
    }
}

fn check_version(version: Option<&str>, faults: &Faults) -> Result<(), Refusal> {
    faults.check(Fault::VersionIgnored, || match version {
        None | Some(VERSION) => Ok(()),
        Some(_) => Err(refused("the signature version is not 3")),
    })
}

fn check_paired(version: Option<&str>, expires: Option<&str>, faults: &Faults) -> Result<(), Refusal> {
    let fault = match (version, expires) {
        (None, Some(_)) => Fault::ExpiryAloneAccepted,
        (Some(_), None) => Fault::VersionAloneAccepted,
        _ => return Ok(()),
    };
    faults.check(fault, || Err(refused("expires and signatureVersion go together")))
}
