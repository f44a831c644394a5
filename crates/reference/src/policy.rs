//! Where the software behind a document departs from it.

use std::fmt;

use assay_suite::Counts;

use super::world::{Kind, kind};

/// Which server the cloud plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Behaviour {
    /// The one that the document describes.
    #[default]
    Documented,
    /// Apache CloudStack 4.1, as its public source answers.
    CloudStack41,
}

impl fmt::Display for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Documented => "documented",
            Self::CloudStack41 => "cloudstack-4.1",
        })
    }
}

/// Whose document the cloud answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The manual of Cloudn, whose accounts are all alike.
    Cloudn,
    /// The developer's guide of CloudStack 4.1.
    CloudStack,
}

/// Every question that the servers answer differently.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Whether `COMMAND` is `command`.
    pub names: Names,
    /// How a request's parameters are ordered before they are signed.
    pub signing_order: SigningOrder,
    /// When `expires` counts, and which forms it has.
    pub expiry: Expiry,
    /// The status and code of a command that an account's role may not call.
    pub forbidden: u16,
    /// The status and code of a request that names no command, and the name of the element around it.
    pub no_command: (u16, &'static str),
    /// The code of a request too many.
    pub throttled: u16,
    /// What may be asked of a list's pages.
    pub paging: PagingRules,
    /// What is answered instead of an empty list.
    pub empty_list: EmptyList,
    /// What happens to an id filter that finds nothing.
    pub unknown_filter: UnknownFilter,
    /// Whether fields without a value are written.
    pub blanks: Blanks,
    /// How XML writes a list without items.
    pub empty_items: EmptyItems,
    /// What the acceptance of a creation holds.
    pub acceptance: Acceptance,
    /// How a synchronous success is written.
    pub success: Success,
    /// The code that a failed job shows.
    pub failed_job: FailedJob,
    /// How a job names its command.
    pub job_command: JobCommand,
    /// When the state of a resource is looked at.
    pub state_check: StateCheck,
    /// Which of several documented envelopes is used.
    pub envelope: Envelope,
    /// Whose names of envelopes, parameters and fields count.
    pub surface: Surface,
    /// What is made of `true` and `false` misspelt.
    pub misspelt_boolean: MisspeltBoolean,
    /// Whose checks of requests and resources count, where they differ.
    pub checks: Checks,
    /// The version that XML answers show on their first element.
    pub version: Option<&'static str>,
}

/// Whether `COMMAND` is `command`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// It is.
    AnyCase,
    /// Not for `command` and `response`.
    CommandAsWritten,
}

/// How a request's parameters are ordered before they are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningOrder {
    /// By their names in lower case.
    LowerCase,
    /// By their names as they were sent.
    AsWritten,
}

/// When `expires` counts, and which forms it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// `expires` and `signatureVersion` go together; the offset may be written `Z`.
    Paired,
    /// `expires` counts only where `signatureVersion` is 3; the offset may be written `Z`.
    VersionedZulu,
    /// `expires` counts only where `signatureVersion` is 3; the offset is four digits or `GMT`.
    Versioned,
}

/// What may be asked of a list's pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PagingRules {
    /// `page` and `pagesize` together, both from 1.
    Documented,
    /// The same, and a page has at most as many items as the default page.
    Bounded,
    /// Those of `BaseListCmd`: at most the default page, any page before the first is the first, -1 is everything.
    CloudStack,
}

/// What is answered instead of an empty list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptyList {
    /// A count of 0.
    CountOnly,
    /// Nothing at all, unless a page past the end was asked for.
    Nothing,
}

/// What happens to an id filter that finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownFilter {
    /// The list is empty.
    Empty,
    /// The request is refused.
    Refused,
}

/// Whether fields without a value are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blanks {
    /// XML has an empty element, JSON leaves them out (developer's guide 4.1, 5.5.1); null is a value.
    EmptyInXml,
    /// Neither has them, null included.
    LeftOut,
}

/// How XML writes a list without items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptyItems {
    /// Not at all.
    LeftOut,
    /// As an empty element, like any other field without a value (developer's guide 4.1, 5.5.1).
    Placeholder,
}

/// What the acceptance of a creation holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// The job's id only.
    Job,
    /// In JSON the id of what will be created, too.
    ResourceAndJob,
    /// The id of what will be created, too, in both formats.
    JobAndResource,
}

/// How a synchronous success is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Success {
    /// `true`.
    Boolean,
    /// `"true"`.
    Text,
}

/// The code that a failed job shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailedJob {
    /// That of the error.
    OwnCode,
    /// That of the error, and the reason as plain text.
    PlainText,
    /// Always 530, internal error.
    InternalError,
}

/// How a job names its command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobCommand {
    /// By its name.
    Name,
    /// By the Java class behind it.
    JavaClass,
}

/// When the state of a resource is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateCheck {
    /// Before the request is accepted.
    AtOnce,
    /// By the job, which then fails.
    InJob,
}

/// Which of several documented envelopes is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// The first.
    First,
    /// The last: what the suite adds to the printed name.
    Last,
}

/// Whose names of envelopes, parameters and fields count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// Those of the document.
    Document,
    /// Those of the server's public source, where they differ.
    Source,
}

/// What is made of `true` and `false` misspelt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MisspeltBoolean {
    /// The request is refused.
    Refused,
    /// It is false.
    False,
}

/// Whose checks of requests and resources count, where they differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checks {
    /// Those that follow from the document.
    Document,
    /// Those of a CloudStack 4.1 management server, with its words where clients look at them.
    Server,
}

/// The lists of which CloudStack 4.1 counts the page and not the whole.
const COUNTED_BY_PAGE: [Kind; 2] = [kind::TEMPLATE, kind::ISO];

impl Policy {
    /// What a server does.
    pub fn of(behaviour: Behaviour) -> Self {
        match behaviour {
            Behaviour::Documented => Self::documented(),
            Behaviour::CloudStack41 => Self::cloudstack(),
        }
    }

    /// What a server does where it answers to a document.
    pub fn of_dialect(behaviour: Behaviour, dialect: Dialect) -> Self {
        match (behaviour, dialect) {
            (Behaviour::Documented, Dialect::CloudStack) => Self::guide(),
            (Behaviour::CloudStack41, Dialect::CloudStack) => Self { surface: Surface::Source, ..Self::cloudstack() },
            _ => Self::of(behaviour),
        }
    }

    /// The developer's guide of CloudStack 4.1, chapter 5.
    fn guide() -> Self {
        Self {
            expiry: Expiry::VersionedZulu,
            paging: PagingRules::Bounded,
            empty_items: EmptyItems::Placeholder,
            acceptance: Acceptance::JobAndResource,
            failed_job: FailedJob::PlainText,
            version: Some("4.1.0"),
            ..Self::documented()
        }
    }

    fn documented() -> Self {
        Self {
            names: Names::AnyCase,
            signing_order: SigningOrder::LowerCase,
            expiry: Expiry::Paired,
            forbidden: 401,
            no_command: (400, "errorresponse"),
            throttled: 429,
            paging: PagingRules::Documented,
            empty_list: EmptyList::CountOnly,
            unknown_filter: UnknownFilter::Empty,
            blanks: Blanks::EmptyInXml,
            empty_items: EmptyItems::LeftOut,
            acceptance: Acceptance::Job,
            success: Success::Boolean,
            failed_job: FailedJob::OwnCode,
            job_command: JobCommand::Name,
            state_check: StateCheck::AtOnce,
            envelope: Envelope::First,
            surface: Surface::Document,
            misspelt_boolean: MisspeltBoolean::Refused,
            checks: Checks::Document,
            version: None,
        }
    }

    fn cloudstack() -> Self {
        Self {
            names: Names::CommandAsWritten,
            signing_order: SigningOrder::AsWritten,
            expiry: Expiry::Versioned,
            forbidden: 432,
            no_command: (401, "null"),
            throttled: 429,
            paging: PagingRules::CloudStack,
            empty_list: EmptyList::Nothing,
            unknown_filter: UnknownFilter::Refused,
            blanks: Blanks::LeftOut,
            empty_items: EmptyItems::LeftOut,
            acceptance: Acceptance::ResourceAndJob,
            success: Success::Text,
            failed_job: FailedJob::InternalError,
            job_command: JobCommand::JavaClass,
            state_check: StateCheck::InJob,
            envelope: Envelope::Last,
            surface: Surface::Document,
            misspelt_boolean: MisspeltBoolean::False,
            checks: Checks::Server,
            version: Some("4.1.0"),
        }
    }

    /// What the count of a list counts.
    pub fn counts(&self, kind: Kind, documented: Counts) -> Counts {
        match self.paging {
            PagingRules::Documented | PagingRules::Bounded => documented,
            PagingRules::CloudStack if COUNTED_BY_PAGE.contains(&kind) => Counts::Answer,
            PagingRules::CloudStack => Counts::Whole,
        }
    }
}
