//! What an API is opened with, and what that gives.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use super::api::Api;
use super::demonstration::Credentials;
use super::query::QueryService;
use super::settings::Settings;
use super::world::Rules;

/// Why a cloud can't be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address can be reached from elsewhere, and its target file does not allow it.
    #[error("{0} is not a loopback address; the keys of this cloud are public, so exposing it must be asked for")]
    Exposed(SocketAddr),
    /// A suite has an operation for which the cloud has no behaviour.
    #[error("the reference cloud does not know the operation {operation} of the suite {suite}")]
    UnknownOperation {
        /// The suite.
        suite: String,
        /// The operation.
        operation: String,
    },
    /// There are more suites than ports after the given one.
    #[error("there is no port left after {0} for another suite")]
    NoPort(u16),
    /// What the cloud is to begin with does not fit into it.
    #[error("can't seed the suite {suite}: {reason}")]
    Seed {
        /// The suite.
        suite: String,
        /// What does not fit.
        reason: String,
    },
    /// The address can't be listened on.
    #[error("can't listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

/// What every API is opened with.
pub struct Opening<'a> {
    /// What the cloud was started with.
    pub settings: &'a Settings,
    /// How it behaves, what it breaks, how long things take.
    pub rules: Rules,
    /// The API of the suite `cloudn`, once it is open: its EC2 side acts on the same machines.
    pub cloudn: OnceLock<Arc<QueryService>>,
}

/// An API that can be served.
pub struct Opened {
    /// The API.
    pub api: Arc<dyn Api>,
    /// The path that its requests begin with; empty if each operation has its own.
    pub path: &'static str,
    /// Who may ask; the account that tests work with is the first.
    pub accounts: Vec<Credentials>,
    /// Ids of what it is seeded with, by the names that scenarios know them by.
    pub variables: Vec<(String, String)>,
    /// Another door to the same API, on a port of its own.
    pub further: Option<Further>,
}

/// Another door to an API.
pub struct Further {
    /// The account that asks there, without keys.
    pub account: &'static str,
    /// The port; 0 where the system chooses it.
    pub port: u16,
    /// What answers.
    pub api: Arc<dyn Api>,
}
