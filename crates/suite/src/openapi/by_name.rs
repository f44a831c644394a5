//! The operations of a document, by their names.

use indexmap::IndexMap;

use crate::name::OperationName;
use crate::operation::Operation;

pub(super) type Operations = IndexMap<OperationName, Operation>;
