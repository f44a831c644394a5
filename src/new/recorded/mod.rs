//! Recorded requests: what HAR files, Postman collections, curl command lines and access logs have in common.

mod access_log;
mod address;
mod body;
mod curl;
mod error;
mod fields;
mod har;
mod limits;
mod outline;
mod placeholder;
mod postman;
mod reading;
mod recording;
mod shell;
mod spot;

pub(super) use body::Body;
pub(super) use limits::check_length;
pub(super) use placeholder::{Part, parts};
pub(super) use reading::read;
pub(super) use recording::{Recorded, Recording};
pub(super) use spot::Spot;
