//! The part of a load that one generator puts on a deployment.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which part of all requests a generator makes: those whose number leaves `number - 1` when divided by `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WrittenShard")]
pub struct Shard {
    /// From 1 to `of`.
    pub number: u32,
    /// How many generators there are.
    pub of: u32,
}

impl Default for Shard {
    fn default() -> Self {
        Self::WHOLE
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Shard {
    /// One generator makes all.
    pub const WHOLE: Self = Self { number: 1, of: 1 };
    /// So many generators can share a load: those that are missing are reported one by one.
    pub const MOST: u32 = 10_000;

    /// One of several generators; nothing if there can't be so many, or not this one.
    pub fn new(number: u32, of: u32) -> Option<Self> {
        (of <= Self::MOST && (1..=of).contains(&number)).then_some(Self { number, of })
    }
}

/// What a record says of a generator, before anybody looked whether that can be.
#[derive(Deserialize)]
struct WrittenShard {
    number: u32,
    of: u32,
}

impl TryFrom<WrittenShard> for Shard {
    type Error = String;

    fn try_from(WrittenShard { number, of }: WrittenShard) -> Result<Self, String> {
        Self::new(number, of).ok_or_else(|| format!("there is no generator {number} of {of}"))
    }
}
