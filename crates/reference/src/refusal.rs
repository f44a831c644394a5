//! Why a request is refused.

/// Why a request is refused, in words for people and a reason for programs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct ApiError {
    /// The reason.
    pub reason: Reason,
    /// The message for the caller.
    pub text: String,
    /// The id that nothing has, if that is the reason.
    pub unknown: Option<String>,
}

/// The reasons for which a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It names no command.
    NoCommand,
    /// It names a command that does not exist.
    UnknownCommand,
    /// It does not prove who sent it.
    Credentials,
    /// Its sender has sent too many.
    Throttled,
    /// A parameter is missing, or does not go with the others.
    Parameter,
    /// A parameter has a value that can't be.
    Value,
    /// The resource is not in a state that allows it.
    State,
    /// The resource is somebody else's.
    Permission,
    /// The account has as much as it may have.
    AccountLimit,
    /// The resource is used by another.
    InUse,
    /// The account's role may not call the command.
    Forbidden,
    /// The account may not be given more.
    Allocation,
    /// A rule contradicts another.
    Conflict,
    /// No host can hold what is asked for.
    Capacity,
    /// What is asked for is not offered here.
    Unsupported,
}

impl Reason {
    /// The code of the error and status of the answer, as CloudStack numbers them (`ApiErrorCode`).
    pub fn code(self) -> u16 {
        match self {
            Self::NoCommand => 400,
            Self::Credentials => 401,
            Self::Throttled => 429,
            Self::Parameter | Self::Value | Self::State => 431,
            Self::UnknownCommand => 432,
            Self::Permission => 531,
            Self::AccountLimit => 532,
            Self::InUse => 536,
            Self::Forbidden => 401,
            Self::Allocation => 535,
            Self::Conflict => 537,
            Self::Capacity => 533,
            Self::Unsupported => 431,
        }
    }

    /// CloudStack's number for the exception behind the error (developer's guide 4.1, 4.3.6), where the answer has one.
    pub fn exception(self) -> Option<u16> {
        match self {
            Self::NoCommand | Self::Credentials | Self::Forbidden => None,
            Self::UnknownCommand | Self::Throttled | Self::Parameter => Some(9999),
            Self::Value | Self::State => Some(4350),
            Self::Permission => Some(4365),
            Self::AccountLimit | Self::Allocation => Some(4370),
            Self::InUse => Some(4375),
            Self::Conflict => Some(4360),
            Self::Capacity => Some(4325),
            Self::Unsupported => Some(4390),
        }
    }
}

impl ApiError {
    /// A refusal.
    pub fn new(reason: Reason, text: impl Into<String>) -> Self {
        Self { reason, text: text.into(), unknown: None }
    }

    /// A parameter is missing, or does not go with the others.
    pub fn parameter(text: impl Into<String>) -> Self {
        Self::new(Reason::Parameter, text)
    }

    /// A parameter has a value that can't be.
    pub fn value(text: impl Into<String>) -> Self {
        Self::new(Reason::Value, text)
    }

    /// The resource is not in a state that allows it.
    pub fn state(text: impl Into<String>) -> Self {
        Self::new(Reason::State, text)
    }

    /// Nothing has this id.
    pub fn unknown(what: impl std::fmt::Display, id: &str) -> Self {
        Self { unknown: Some(id.to_owned()), ..Self::value(format!("there is no {what} with the id {id}")) }
    }

    /// The resource is somebody else's.
    pub fn foreign(what: impl std::fmt::Display, id: &str) -> Self {
        Self::new(Reason::Permission, format!("the {what} {id} belongs to another account"))
    }
}
