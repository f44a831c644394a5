//! What a target has to offer for a suite: its variables, what each must be, and how it is found on a deployment.

use crate::name::OperationName;
use crate::source::Located;

/// A variable that scenarios use and the target file gives.
#[derive(Clone, Debug)]
pub struct TargetVariable {
    /// Its name, without `$`.
    pub name: Located<String>,
    /// What it must be: "a machine with a tag".
    pub text: String,
    /// Whether cases that change things by it may run at once.
    pub sharing: Sharing,
    /// How it is found on a deployment, where that can be.
    pub find: Option<Lookup>,
}

/// Whether cases that change things by a variable may run at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// They may.
    #[default]
    AtOnce,
    /// One after another: they would be in each other's way.
    InTurn,
}

/// A request that shows a variable's value.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// The operation, which reads.
    pub call: Located<OperationName>,
    /// The account of the target that asks; the main one when nothing is said.
    pub account: Option<String>,
    /// Its arguments: literals, or variables that are found before.
    pub with: Vec<(String, Located<String>)>,
    /// The path in its answer to the value; of several values the first is taken.
    pub take: Located<String>,
}
