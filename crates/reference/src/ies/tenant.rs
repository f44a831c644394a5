//! How a request proves whose it is, and the ids of what a tenant makes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::facts::{Tenant, facts};

/// The namespace of what is made up for this API; any fixed UUID would do.
const NAMESPACE: Uuid = Uuid::from_u128(0x8d0c_4a3e_5b1f_4f62_9f27_61c2_7a40_1e95);

impl Tenant {
    /// Its token. Those of the table are cut off; this one is made up, and the same at every start.
    pub fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(Uuid::new_v5(&NAMESPACE, self.name.as_bytes()))
    }

    /// The tenant with a token.
    pub fn with_token(token: &str) -> Option<&'static Self> {
        facts().tenants.iter().find(|tenant| tenant.token() == token)
    }
}

/// The ids of services and operations: UUIDs in 22 characters, as the examples print them. The same at every start.
#[derive(Debug, Default)]
pub struct Ids(u64);

impl Ids {
    /// The next one.
    pub fn fresh(&mut self) -> String {
        self.0 += 1;
        URL_SAFE_NO_PAD.encode(Uuid::new_v5(&NAMESPACE, format!("number {}", self.0).as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_of_one_tenant() {
        for tenant in &facts().tenants {
            assert_eq!(Tenant::with_token(&tenant.token()), Some(tenant));
        }
        assert_eq!(Tenant::with_token("unknown"), None);
    }

    #[test]
    fn ids_are_as_long_as_those_of_the_examples() {
        let mut ids = Ids::default();
        let (first, second) = (ids.fresh(), ids.fresh());
        assert_eq!((first.len(), second.len()), (22, 22));
        assert_ne!(first, second);
    }
}
