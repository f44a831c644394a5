//! The embedded reference cloud: small, stateful, and answering as the documents say.
//!
//! It knows the documented facts of a suite and nothing else of the harness. Its signing, decoding and encoding are its
//! own: two independent implementations that agree are evidence; one that agrees with itself is not.
//!
//! A request passes, in this order, through
//!
//! - `service`: the listener; `query`: the reading of a request, and who may ask ([`Settings`], [`Cloud`]);
//! - `contract`: what the document says about the parameters of the operation;
//! - `command`: what the operation does to the `world`, or the generic `list`;
//! - `present` and `answer`: how a resource is shown, and how that is written.
//!
//! Where the deployed software behind a document is known to differ from it, a `Policy` says how; and a [`Fault`]
//! breaks one promise on purpose, to prove that the harness notices.

mod answer;
mod api;
mod arguments;
mod command;
mod contract;
mod data;
mod demonstration;
mod ec2;
mod esm;
mod fault;
mod hicloud;
mod ies;
mod inventory;
mod kind;
mod model;
mod opening;
mod page;
mod policy;
mod present;
mod query;
mod refusal;
mod resource;
mod rest;
mod seed;
mod service;
mod settings;
mod shop;
mod surface;
mod throttle;
mod world;

#[cfg(test)]
mod tests;

pub use demonstration::{Credentials, Demonstration, Service};
pub use fault::{Fault, FaultKind, UnknownFault};
pub use inventory::Held;
pub use model::{Aspect, Mutant, MutantData, mutants};
pub use opening::StartError;
pub use policy::Behaviour;
pub use service::{Cloud, RunningCloud};
pub use settings::{Exposure, FAULT_TRACE, FaultTrace, Integration, Latency, Settings, Shop, Throttle};
pub use shop::NAME as SHOP;
