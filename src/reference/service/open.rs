//! Opens the API of each suite that the cloud knows.

use std::sync::Arc;

use crate::reference::demonstration::Credentials;
use crate::reference::ies;
use crate::reference::seed;
use crate::reference::settings::Settings;
use crate::reference::world::{Rules, World};
use crate::suite::Suite;

use super::api::Api;
use super::query::QueryService;
use super::{PATH, StartError};

/// What every API is opened with.
pub struct Opening<'a> {
    /// What the cloud was started with.
    pub settings: &'a Settings,
    /// How it behaves, what it breaks, how long things take.
    pub rules: Rules,
}

/// An API that can be served.
pub struct Opened {
    /// The API.
    pub api: Arc<dyn Api>,
    /// The path that its requests begin with; empty if each operation has its own.
    pub path: &'static str,
    /// Who may ask; the account that tests work with is the first.
    pub accounts: Vec<Credentials>,
    /// Ids of what it is seeded with, by the names that scenarios know them by.
    pub variables: Vec<(String, String)>,
}

/// Opens the API of a suite; nothing if the cloud does not know it.
pub fn open(suite: &Arc<Suite>, opening: &Opening<'_>) -> Result<Option<Opened>, StartError> {
    match suite.name.value.0.as_str() {
        "cloudn" => open_query(suite, opening).map(Some),
        "ies" => Ok(Some(ies::open(suite, opening))),
        _ => Ok(None),
    }
}

/// An API that is asked by query as CloudStack is.
fn open_query(suite: &Arc<Suite>, opening: &Opening<'_>) -> Result<Opened, StartError> {
    let name = &suite.name.value.0;
    let mut world = World::new(name, opening.rules.clone(), seed::moment(0));
    let seeded = |reason| StartError::Seed { suite: name.clone(), reason };
    let variables = seed::demonstration(&mut world).map_err(|refusal| seeded(refusal.text))?;
    let accounts = world.accounts.iter().map(|account| Credentials {
        account: account.name.clone(),
        keys: vec![("api_key", account.api_key.clone()), ("secret_key", account.secret_key.clone())],
        url: None,
    });
    let accounts = accounts.collect();
    let api = QueryService::new(Arc::clone(suite), world, opening.settings.throttle)?;
    Ok(Opened { api: Arc::new(api), path: PATH, accounts, variables })
}
