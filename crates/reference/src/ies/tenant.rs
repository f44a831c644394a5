//! The tenants of the preset data, and how a request proves whose it is.

use uuid::Uuid;

/// The namespace of what is made up for this API; any fixed UUID would do.
const NAMESPACE: Uuid = Uuid::from_u128(0x8d0c_4a3e_5b1f_4f62_9f27_61c2_7a40_1e95);

/// What is in `Authorization` in every example, whichever the tenant.
pub const BEARER: &str = "Bearer 6a8cbc0e-e93c-4684-9a39-40d085bd657e";

/// A tenant of the preset data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenant {
    /// User 1.
    Nbitest11,
    /// User 2 to User 4.
    Nbitest12,
    /// User 5 to User 7.
    Nbitest13,
    /// User 8 to User 11.
    Nbitest14,
    /// User 12 to User 15.
    Nbitest15,
    /// User 16.
    Nbitest16,
}

impl Tenant {
    /// All of them, in the order of the table. The first is the one that tests work with.
    pub const ALL: [Self; 6] =
        [Self::Nbitest11, Self::Nbitest12, Self::Nbitest13, Self::Nbitest14, Self::Nbitest15, Self::Nbitest16];

    /// Its account.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nbitest11 => "nbitest_11",
            Self::Nbitest12 => "nbitest_12",
            Self::Nbitest13 => "nbitest_13",
            Self::Nbitest14 => "nbitest_14",
            Self::Nbitest15 => "nbitest_15",
            Self::Nbitest16 => "nbitest_16",
        }
    }

    /// Whether the table lets it create services, and not only scale its own.
    pub fn may_create(self) -> bool {
        matches!(self, Self::Nbitest11 | Self::Nbitest16)
    }

    /// Its token. Those of the table are cut off; this one is made up, and the same at every start.
    pub fn token(self) -> String {
        base64url(Uuid::new_v5(&NAMESPACE, self.name().as_bytes()))
    }

    /// The tenant with a token.
    pub fn with_token(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tenant| tenant.token() == token)
    }
}

/// The ids of services and operations: UUIDs in 22 characters, as the examples print them. The same at every start.
#[derive(Debug, Default)]
pub struct Ids(u64);

impl Ids {
    /// The next one.
    pub fn fresh(&mut self) -> String {
        self.0 += 1;
        base64url(Uuid::new_v5(&NAMESPACE, format!("number {}", self.0).as_bytes()))
    }
}

fn base64url(id: Uuid) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(id.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_of_one_tenant() {
        for tenant in Tenant::ALL {
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
