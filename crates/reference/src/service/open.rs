//! Opens the API of each suite that the cloud knows.

use std::sync::Arc;

use crate::demonstration::Credentials;
use crate::opening::{Further, Opened, Opening, StartError};
use crate::policy::{Dialect, Policy};
use crate::query::{PATH, QueryService, Unguarded};
use crate::world::{Rules, World};
use crate::{ec2, esm, hicloud, ies, seed};
use assay_suite::Suite;

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
    let service = QueryService::new(Arc::clone(suite), world, opening.settings.throttle);
    let service = service.map_err(|unknown| StartError::UnknownOperation { suite: name.clone(), operation: unknown.0 });
    let service = Arc::new(service?);
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
