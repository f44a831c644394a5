//! An answer before it is written.

use assay_suite::Encoding;

use crate::policy::Version;
use crate::world::Fields;

/// The status of an answer that refuses nothing.
pub const OK: u16 = 200;

/// An answer before it is written.
#[derive(Clone, Debug)]
pub struct Draft {
    pub status: u16,
    pub encoding: Encoding,
    pub escaping: Escaping,
    pub version: Version,
    pub envelope: String,
    pub content: Fields,
}

/// Whether what XML reserves is escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escaping {
    Done,
    Forgotten,
}
