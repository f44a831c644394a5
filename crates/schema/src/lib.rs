//! The JSON Schemas of an API's answers: compiled when first needed, used to decode XML and to validate answers.

mod check;
pub mod decimal;
mod field;
mod reference;
mod schemas;
mod shape;
mod single;
mod violation;

pub use field::Field;
pub use schemas::Schemas;
pub use shape::Shape;
pub use single::SingleSchema;
pub use violation::SchemaViolation;
