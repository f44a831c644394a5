//! What one API's documentation promises: its operations, its conventions and its requirements.

mod absent;
mod answer;
mod contract;
mod conventions;
mod described;
mod deviation;
pub mod http;
pub mod human;
mod jobs;
mod list;
mod name;
mod named_schema;
pub mod openapi;
mod operation;
mod paging;
mod profile;
mod quantile;
mod read;
mod requirement;
mod service_level;
pub mod source;
mod status;
mod suite;
mod undo;
mod value;
mod variable;

pub use absent::{AbsentAnswer, AbsentBody};
pub use answer::{AnswerSchema, Shaped, Shapes};
pub use contract::{
    ADDRESS, AuthScheme, CONTENT_TYPE, Content, Contract, Demand, DocumentedHeader, DocumentedResponse, Explode,
    HEADER, Input, InputKind, Link, ParameterStyle, RAW_BODY, ResponseStatus, Rule, UNKNOWN_CREDENTIAL, Wire, WireForm,
    is_json,
};
pub use conventions::{AnswerFormat, Encoding, Envelope, ListForm, Signing, Style};
pub use described::{
    Counted, Described, Law, LawKind, ListFilter, ListLaw, ListLawKind, NextPage, Order, Paged, PathMethods, Resource,
    StateLaw, States, Through, Way, counts, place_of, refers_by_name,
};
pub use deviation::{Deviation, Observation, Observed, ServerName, fits};
pub use jobs::{JobStates, Jobs};
pub use list::List;
pub use name::{OperationName, SuiteName};
pub use named_schema::NamedSchema;
pub use operation::{
    Alternatives, Availability, Bounds, Company, Effect, Filter, Location, Number, Operation, OwnPaging, Parameter,
    Presence, RequestLine, Use, ValueType,
};
pub use paging::{Count, Counts, PageStart, Paging};
pub use profile::ConformanceProfile;
pub use quantile::Quantile;
pub use read::SuiteFiles;
pub use requirement::{AppliesTo, Basis, Requirement, RequirementId, Standing};
pub use service_level::{ServiceLevel, Throughput};
pub use status::StatusPattern;
pub use suite::{Document, Stranger, Suite};
pub use undo::{BEFORE, FOUND, Find, LOCATION, SENT, Several, ShownBy, Undo, way};
pub use value::{Variable, plain, value_at};
pub use variable::{Lookup, Sharing, TargetVariable};
