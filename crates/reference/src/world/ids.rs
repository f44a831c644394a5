//! Ids and passwords: unlike each other, and the same at every start.

use uuid::Uuid;

/// The namespace of all worlds; any fixed UUID would do.
const WORLDS: Uuid = Uuid::from_u128(0x5c1f_24f6_9f0b_4e0f_8d43_0a4a_2b6d_9c11);

/// Ids and passwords still to be given away.
pub struct Ids {
    namespace: Uuid,
    given: u64,
}

impl Ids {
    /// Those of a world.
    pub fn of(world: &str) -> Self {
        Self { namespace: Uuid::new_v5(&WORLDS, world.as_bytes()), given: 0 }
    }

    /// The id of something that has a name of its own.
    pub fn named(&self, name: &str) -> String {
        Uuid::new_v5(&self.namespace, name.as_bytes()).to_string()
    }

    /// The next id.
    pub fn fresh(&mut self) -> String {
        let number = self.number();
        self.named(&format!("number {number}"))
    }

    /// The next password: eight letters, as CloudStack makes them.
    pub fn password(&mut self) -> String {
        let number = self.number();
        let bytes = Uuid::new_v5(&self.namespace, format!("password {number}").as_bytes());
        bytes.as_bytes().iter().take(8).map(|byte| char::from(b'a' + byte % 26)).collect()
    }

    /// The next number, from 1.
    pub fn number(&mut self) -> u64 {
        self.given += 1;
        self.given
    }
}
