//! Opens the shop.

use std::sync::{Arc, Mutex};

use crate::demonstration::Credentials;
use crate::opening::{Opened, Opening};

use super::answer::BASE;
use super::customer::{NEIGHBOUR, TOKEN};
use super::state::Shop;

/// What the suite of the shop is called.
pub const NAME: &str = "shop";

/// Opens a shop in which nothing is.
pub fn open(opening: &Opening<'_>) -> Opened {
    let account = |account: &str, token: &str| Credentials {
        account: account.to_owned(),
        keys: vec![("bearer", token.to_owned())],
        url: None,
    };
    let shop = Shop {
        faults: opening.rules.faults.of_suites(&[NAME]),
        job_time: opening.settings.job_time.try_into().unwrap_or_default(),
        stocks: Mutex::default(),
        issued: Mutex::default(),
    };
    Opened {
        api: Arc::new(shop),
        path: BASE,
        accounts: vec![account("main", TOKEN), account("neighbour", NEIGHBOUR)],
        variables: Vec::new(),
        further: None,
    }
}
