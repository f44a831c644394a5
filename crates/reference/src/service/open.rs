//! Opens the API of each suite that the cloud knows.

use std::sync::{Arc, OnceLock};

use crate::demonstration::Credentials;
use crate::policy::{Dialect, Policy};
use crate::settings::Settings;
use crate::world::{Rules, World};
use crate::{ec2, esm, hicloud, ies, seed};
use assay_suite::Suite;

use super::api::Api;
use super::query::{QueryService, Unguarded};
use super::{PATH, StartError};

/// What every API is opened with.
pub struct Opening<'a> {
    /// What the cloud was started with.
    pub settings: &'a Settings,
    /// How it behaves, what it breaks, how long things take.
    pub rules: Rules,
    /// The API of the suite `cloudn`, once it is open: its EC2 side acts on the same machines.
    pub cloudn: OnceLock<Arc<QueryService>>,
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
    /// Another door to the same API, on a port of its own.
    pub further: Option<Further>,
}

/// Another door to an API.
pub struct Further {
    /// The account that asks there, without keys.
    pub account: &'static str,
    /// The port; 0 where the system chooses it.
    pub port: u16,
    /// What answers.
    pub api: Arc<dyn Api>,
}

/// Opens the API of a suite; nothing if the cloud does not know it.
pub fn open(suite: &Arc<Suite>, opening: &Opening<'_>) -> Result<Option<Opened>, StartError> {
    match suite.name.value.0.as_str() {
        "cloudn" => open_query(suite, opening, Dialect::Cloudn).map(Some),
        "cloudstack" => open_query(suite, opening, Dialect::CloudStack).map(Some),
        "hicloud" => hicloud::open(suite, opening).map(Some),
        "ies" => Ok(Some(ies::open(suite, opening))),
        "esm" => Ok(Some(esm::open(suite, opening))),
        "ec2" => Ok(ec2::open(suite, opening)),
        _ => Ok(None),
    }
}

/// An API that is asked by query as CloudStack is.
fn open_query(suite: &Arc<Suite>, opening: &Opening<'_>, dialect: Dialect) -> Result<Opened, StartError> {
    let name = &suite.name.value.0;
    let breaks: &[&str] = match dialect {
        // The EC2 side acts on the same world, by the same rules.
        Dialect::Cloudn => &["cloudn", "ec2"],
        Dialect::CloudStack => &["cloudstack"],
    };
    let rules = Rules {
        dialect,
        policy: Policy::of_dialect(opening.settings.behaviour, dialect),
        faults: opening.rules.faults.of_suites(breaks),
        ..opening.rules.clone()
    };
    let mut world = World::new(name, rules, seed::moment(0));
    let seeded = |reason| StartError::Seed { suite: name.clone(), reason };
    let variables = seed::fill(&mut world).map_err(|refusal| seeded(refusal.text))?;
    let accounts = world.accounts.iter().filter(|account| !account.api_key.is_empty()).map(|account| Credentials {
        account: account.name.clone(),
        keys: vec![("api_key", account.api_key.clone()), ("secret_key", account.secret_key.clone())],
        url: None,
    });
    let accounts = accounts.collect();
    let integration = seed::integration(&world);
    let service = Arc::new(QueryService::new(Arc::clone(suite), world, opening.settings.throttle)?);
    if dialect == Dialect::Cloudn {
        // A second suite of the same name keeps its machines to itself.
        let _ = opening.cloudn.set(Arc::clone(&service));
    }
    let open = integration.zip(opening.settings.integration.port());
    let further = open.map(|(account, port)| Further {
        account: seed::INTEGRATION,
        port,
        api: Arc::new(Unguarded { service: Arc::clone(&service), account }),
    });
    Ok(Opened { api: service, path: PATH, accounts, variables, further })
}
