//! Reads `OpenAPI` documents: 3.0, 3.1, 3.2, and Swagger 2.0.
//!
//! The document stays the source: each requirement that is read from it has its line there.

mod by_name;
mod document;
mod files;
mod laws;
mod links;
mod lists;
mod operations;
mod overlay;
mod parameters;
mod paths;
mod reader;
mod requirements;
mod resources;
mod responses;
mod rules;
mod schema;
mod security;
mod servers;
mod settings;
mod shape;
mod states;
mod suite;
mod values;
mod verbs;
mod version;

pub use document::{named, references, referred, security_schemes, suite_name};
pub use settings::writable_fields;
pub use suite::read;

#[cfg(test)]
mod tests;
