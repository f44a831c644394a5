//! Who may ask: keys, signatures, expiries, and how often.

use std::sync::Arc;

use jiff::Timestamp;

use crate::arguments::{Arguments, Method};
use crate::fault::{Fault, Faults};
use crate::policy::{Expiry, Policy};
use crate::refusal::{ApiError, Reason};
use crate::throttle::throttle_of;
use crate::world::{AccountIndex, Standing, World};

use super::signing::{self, OffsetForm};

/// The only signature version that knows of an expiry.
const VERSION: &str = "3";

/// Lets in who can prove to be an account of the world.
pub struct Gate;

impl Gate {
    /// The account that a request comes from. What is counted is every request with a known key, well signed or not.
    pub fn admit(world: &mut World, arguments: &Arguments, method: Method) -> Result<AccountIndex, ApiError> {
        let rules = Arc::clone(&world.rules);
        let (policy, faults) = (&rules.policy, &rules.faults);
        let signature = arguments.get("signature");
        if signature.is_none() {
            let by_post = by_post(faults, method, [Fault::UnsignedPostAccepted, Fault::CloudstackUnsignedPostAccepted]);
            let unsigned = || if by_post { Ok(()) } else { Err(refused("the request is not signed")) };
            faults.check(Fault::UnsignedAccepted, unsigned)?;
        }
        let account = account(world, arguments, method)?;
        check_expiry(arguments, policy, faults, world.now)?;
        Self::admit_known(world, account)?;
        let unchecked = [Fault::PostSignatureNotChecked, Fault::CloudstackPostSignatureNotChecked];
        if let Some(signature) = signature.filter(|_| !by_post(faults, method, unchecked)) {
            check_signature(world, arguments, account, signature)?;
        }
        Ok(account)
    }

    /// The account, unless it may not ask, or not now.
    pub fn admit_known(world: &mut World, account: AccountIndex) -> Result<AccountIndex, ApiError> {
        if world.accounts.get(account).standing == Standing::Disabled {
            return Err(refused("the account is disabled"));
        }
        count(world, account)?;
        Ok(account)
    }
}

fn count(world: &mut World, account: AccountIndex) -> Result<(), ApiError> {
    let Some(throttle) = throttle_of(world, account) else { return Ok(()) };
    let now = world.now;
    let counted = world.counters.count(account, throttle, now);
    let broken = world.rules.faults.has(Fault::CloudstackThrottleIgnored);
    counted.or_else(|_| match broken {
        true => Ok(()),
        false => Err(ApiError::new(Reason::Throttled, "the account has sent too many requests")),
    })
}

/// Whether a check of POST requests is not made.
fn by_post(faults: &Faults, method: Method, skipped_by: [Fault; 2]) -> bool {
    method == Method::Post && skipped_by.into_iter().any(|fault| faults.has(fault))
}

fn refused(text: &str) -> ApiError {
    ApiError::new(Reason::Credentials, text)
}

/// The account that the API key names.
fn account(world: &World, arguments: &Arguments, method: Method) -> Result<AccountIndex, ApiError> {
    let faults = &world.rules.faults;
    let keyless = by_post(faults, method, [Fault::PostKeylessAccepted, Fault::CloudstackPostKeylessAccepted]);
    let (fault, text) = match arguments.get("apikey") {
        None => (Fault::KeylessAccepted, "the request has no API key"),
        Some(key) => match world.accounts.with_key(key) {
            Some(account) => return Ok(account),
            None => (Fault::UnknownKeyAccepted, "the API key is not known"),
        },
    };
    faults.check(fault, || if keyless { Ok(()) } else { Err(refused(text)) })?;
    Ok(AccountIndex::FIRST)
}

fn check_signature(
    world: &World,
    arguments: &Arguments,
    account: AccountIndex,
    signature: &str,
) -> Result<(), ApiError> {
    let faults = &world.rules.faults;
    let known = arguments.get("apikey").is_some_and(|key| world.accounts.with_key(key).is_some());
    let other = faults.has(Fault::ForeignSecretAccepted) && signing::is_well_formed(signature);
    // Only a fault lets a request without a known key come so far, and then no secret key is meant.
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
fn check_expiry(arguments: &Arguments, policy: &Policy, faults: &Faults, now: Timestamp) -> Result<(), ApiError> {
    let (version, expires) = (arguments.get("signatureversion"), arguments.get("expires"));
    let form = match policy.expiry {
        Expiry::Paired => {
            check_version(version, faults)?;
            check_paired(version, expires, faults)?;
            OffsetForm::Zulu
        }
        Expiry::VersionedZulu if version.is_none() && expires.is_none() => return Ok(()),
        Expiry::VersionedZulu if version == Some(VERSION) || faults.has(Fault::CloudstackExpiryAlwaysCounts) => {
            if version.is_some() {
                expires.ok_or_else(|| refused("signature version 3 needs an expiry"))?;
            }
            OffsetForm::Zulu
        }
        Expiry::Versioned if version == Some(VERSION) => {
            expires.ok_or_else(|| refused("signature version 3 needs an expiry"))?;
            OffsetForm::Gmt
        }
        Expiry::Versioned | Expiry::VersionedZulu => return Ok(()),
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

fn check_version(version: Option<&str>, faults: &Faults) -> Result<(), ApiError> {
    faults.check(Fault::VersionIgnored, || match version {
        None | Some(VERSION) => Ok(()),
        Some(_) => Err(refused("the signature version is not 3")),
    })
}

fn check_paired(version: Option<&str>, expires: Option<&str>, faults: &Faults) -> Result<(), ApiError> {
    let fault = match (version, expires) {
        (None, Some(_)) => Fault::ExpiryAloneAccepted,
        (Some(_), None) => Fault::VersionAloneAccepted,
        _ => return Ok(()),
    };
    faults.check(fault, || Err(refused("expires and signatureVersion go together")))
}
