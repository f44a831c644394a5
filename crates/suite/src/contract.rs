//! What an `OpenAPI` document says of an operation beyond what every suite can: schemas of what is sent, and answers by status.

use serde_json::{Number, Value};

use crate::name::OperationName;
use crate::requirement::RequirementId;
use crate::source::Place;
use crate::status::StatusPattern;

/// The argument that is sent as the body, as it is: a text that need not be well formed.
pub const RAW_BODY: &str = "raw body";

/// An unknown credential; it takes the scheme of the one that it replaces.
pub const UNKNOWN_CREDENTIAL: &str = "assay-unknown-credential";

/// The argument that replaces the `Content-Type` of a request.
pub const CONTENT_TYPE: &str = "content-type";

/// The argument that replaces the address of a request by one that an answer gave: an address, or the value of a header
/// `Link`, of which it is the next. No other host is asked for it.
pub const ADDRESS: &str = "address of an answer";

/// What the name of an argument begins with that is sent as a header, documented or not.
pub const HEADER: &str = "header ";

/// What is documented of one operation.
#[derive(Clone, Debug)]
pub struct Contract {
    /// Where the operation is described.
    pub place: Place,
    /// What the document says of it in prose.
    pub prose: String,
    /// The parameters and the body, without credentials.
    pub inputs: Vec<Input>,
    /// The media types in which a body can be sent, the preferred one first; none without a body.
    pub media_types: Vec<String>,
    /// The documented answers.
    pub responses: Vec<DocumentedResponse>,
    /// The requirement that the operation exists.
    pub exists: RequirementId,
    /// The requirement that each answer has a documented status, which is no failure of the server.
    pub status: RequirementId,
    /// The requirement that credentials are asked for, if they are, and the arguments that carry them.
    pub security: Option<(RequirementId, Vec<String>)>,
    /// Whether the document advises against its use.
    pub is_deprecated: bool,
    /// Of a HEAD operation, the one whose answers it has without their bodies, and the requirement that it has.
    pub head_of: Option<(RequirementId, OperationName)>,
}

impl Contract {
    /// The documented answer with a status: this one, its family, or the default.
    pub fn response(&self, status: u16) -> Option<&DocumentedResponse> {
        let exact = self.responses.iter().find(|known| known.status == ResponseStatus::Exactly(status));
        let range = || self.responses.iter().find(|known| known.status == ResponseStatus::Family(status / 100));
        let default = || self.responses.iter().find(|known| known.status == ResponseStatus::Default);
        exact.or_else(range).or_else(default)
    }

    /// The documented answers of success, the first one first.
    pub fn successes(&self) -> impl Iterator<Item = &DocumentedResponse> {
        self.responses.iter().filter(|response| match response.status {
            ResponseStatus::Exactly(status) => (200..300).contains(&status),
            ResponseStatus::Family(family) => family == 2,
            ResponseStatus::Default => false,
        })
    }

    /// The input with an argument's name.
    pub fn input(&self, argument: &str) -> Option<&Input> {
        self.inputs.iter().find(|input| input.argument == argument)
    }

    /// The documented answer with exactly this status.
    pub fn exactly(&self, status: u16) -> Option<&DocumentedResponse> {
        self.responses.iter().find(|known| known.status == ResponseStatus::Exactly(status))
    }

    /// The header of a request with a name, letters' case aside.
    pub fn header(&self, name: &str) -> Option<&Input> {
        self.inputs.iter().find(|input| input.kind == InputKind::Header && input.name().eq_ignore_ascii_case(name))
    }

    /// The body, if there is one.
    pub fn body(&self) -> Option<&Input> {
        self.inputs.iter().find(|input| input.kind == InputKind::Body)
    }
}

/// A parameter, or the body.
#[derive(Clone, Debug)]
pub struct Input {
    /// The name of the argument.
    pub argument: String,
    /// What it is.
    pub kind: InputKind,
    /// Whether a request must have it.
    pub is_required: bool,
    /// What the document says of it in prose.
    pub description: String,
    /// The JSON Schema of its values (2020-12), complete in itself.
    pub schema: Value,
    /// Documented examples of the value.
    pub examples: Vec<Value>,
    /// What its values must keep to.
    pub rules: Vec<Rule>,
    /// Where it is described.
    pub place: Place,
}

impl Input {
    /// Its name in the document.
    pub fn name(&self) -> &str {
        self.argument.split_once(" in ").map_or(self.argument.as_str(), |(name, _)| name)
    }
}

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// A part of the path.
    Path,
    /// A parameter in the query.
    Query,
    /// A header.
    Header,
    /// A cookie.
    Cookie,
    /// The body.
    Body,
}

impl InputKind {
    /// As documents name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Body => "body",
        }
    }
}

/// Something that a value must keep to.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The names of the fields that lead to the value; `*` is an item of a list. Empty for the input itself.
    pub path: Vec<String>,
    /// What is asked for.
    pub demand: Demand,
    /// The requirement that says so.
    pub requirement: RequirementId,
    /// Where the document says so.
    pub place: Place,
}

/// What a value must keep to: one keyword of its schema.
#[derive(Clone, Debug, PartialEq)]
pub enum Demand {
    /// The input is given, or, where named, a field of the value.
    Required(Option<String>),
    /// It is of one of these types.
    Type(Vec<String>),
    /// It is one of these.
    OneOf(Vec<Value>),
    /// It is at least this.
    Minimum(Number),
    /// It is at most this.
    Maximum(Number),
    /// It is more than this.
    Above(Number),
    /// It is less than this.
    Below(Number),
    /// It is a multiple of this.
    MultipleOf(f64),
    /// It has at least so many characters.
    MinLength(u64),
    /// It has at most so many characters.
    MaxLength(u64),
    /// A regular expression finds itself in it.
    Pattern(String),
    /// It has a format, such as `uuid`.
    Format(String),
    /// It has at least so many items.
    MinItems(u64),
    /// It has at most so many items.
    MaxItems(u64),
    /// No two of its items are the same.
    UniqueItems,
    /// It has at least so many fields.
    MinFields(u64),
    /// It has no fields but the documented ones.
    NoOtherFields,
}

impl Demand {
    /// The keyword of JSON Schema that asks for it.
    pub fn keyword(&self) -> &'static str {
        match self {
            Self::Required(_) => "required",
            Self::Type(_) => "type",
            Self::OneOf(_) => "enum",
            Self::Minimum(_) => "minimum",
            Self::Maximum(_) => "maximum",
            Self::Above(_) => "exclusiveMinimum",
            Self::Below(_) => "exclusiveMaximum",
            Self::MultipleOf(_) => "multipleOf",
            Self::MinLength(_) => "minLength",
            Self::MaxLength(_) => "maxLength",
            Self::Pattern(_) => "pattern",
            Self::Format(_) => "format",
            Self::MinItems(_) => "minItems",
            Self::MaxItems(_) => "maxItems",
            Self::UniqueItems => "uniqueItems",
            Self::MinFields(_) => "minProperties",
            Self::NoOtherFields => "additionalProperties",
        }
    }

    /// What it asks for, as the end of a sentence that begins with the value's name.
    pub fn describe(&self) -> String {
        match self {
            Self::Required(None) => "is required".to_owned(),
            Self::Required(Some(field)) => format!("has the field `{field}`"),
            Self::Type(types) => format!("is of type {}", types.join(" or ")),
            Self::OneOf(values) => {
                let values: Vec<_> = values.iter().take(6).map(ToString::to_string).collect();
                format!("is one of {}", values.join(", "))
            }
            Self::Minimum(least) => format!("is at least {least}"),
            Self::Maximum(most) => format!("is at most {most}"),
            Self::Above(bound) => format!("is more than {bound}"),
            Self::Below(bound) => format!("is less than {bound}"),
            Self::MultipleOf(factor) => format!("is a multiple of {factor}"),
            Self::MinLength(least) => format!("has at least {least} characters"),
            Self::MaxLength(most) => format!("has at most {most} characters"),
            Self::Pattern(pattern) => format!("matches {pattern}"),
            Self::Format(format) => format!("has the format {format}"),
            Self::MinItems(least) => format!("has at least {least} items"),
            Self::MaxItems(most) => format!("has at most {most} items"),
            Self::UniqueItems => "has no item twice".to_owned(),
            Self::MinFields(least) => format!("has at least {least} fields"),
            Self::NoOtherFields => "has no undocumented field".to_owned(),
        }
    }
}

/// A documented answer.
#[derive(Clone, Debug)]
pub struct DocumentedResponse {
    /// Its status.
    pub status: ResponseStatus,
    /// Where it is described.
    pub place: Place,
    /// What the document says of it in prose.
    pub description: String,
    /// What its body can be; none without a body.
    pub content: Vec<Content>,
    /// Its headers.
    pub headers: Vec<DocumentedHeader>,
    /// What it gives to other operations.
    pub links: Vec<Link>,
    /// The requirement that its media type is a documented one; none without a body.
    pub media_type: Option<RequirementId>,
    /// The requirement that its body is as its schema says; none without a schema.
    pub body: Option<RequirementId>,
}

impl DocumentedResponse {
    /// The requirements that an answer with this status decides.
    pub fn requirements(&self) -> impl Iterator<Item = &RequirementId> {
        let headers = self.headers.iter().map(|header| &header.requirement);
        self.media_type.iter().chain(&self.body).chain(headers)
    }

    /// The path of the schema of its body, where one is documented.
    pub fn schema(&self) -> Option<&str> {
        self.content.iter().find_map(|content| content.schema.as_deref())
    }
}

/// What an answer gives to another operation.
#[derive(Clone, Debug)]
pub struct Link {
    /// The operation.
    pub operation: OperationName,
    /// Its parameters by their documented names, each with the path of its value in the answer.
    pub parameters: Vec<(String, String)>,
    /// Where it is described.
    pub place: Place,
}

/// The status of a documented answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseStatus {
    /// This one.
    Exactly(u16),
    /// All that begin with this digit.
    Family(u16),
    /// All that are not named otherwise.
    Default,
}

impl ResponseStatus {
    /// Reads `404`, `4XX` or `default`.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "default" {
            return Some(Self::Default);
        }
        if let Some(family) = text.strip_suffix("XX").or_else(|| text.strip_suffix("xx")) {
            return family.parse().ok().filter(|family| (1..=5).contains(family)).map(Self::Family);
        }
        text.parse().ok().filter(|status| (100..600).contains(status)).map(Self::Exactly)
    }

    /// As a pattern of statuses; none for the default.
    pub fn pattern(self) -> Option<StatusPattern> {
        match self {
            Self::Exactly(status) => StatusPattern::new(&status.to_string()),
            Self::Family(family) => StatusPattern::new(&format!("{family}xx")),
            Self::Default => None,
        }
    }
}

impl std::fmt::Display for ResponseStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exactly(status) => status.fmt(f),
            Self::Family(family) => write!(f, "{family}XX"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// What a body can be.
#[derive(Clone, Debug)]
pub struct Content {
    /// Its media type, or a range of them such as `image/*`.
    pub media_type: String,
    /// The path of its schema below `schemas/`, where one is documented.
    pub schema: Option<String>,
}

impl Content {
    /// Whether a `Content-Type` is of this media type; parameters aside.
    pub fn includes(&self, content_type: &str) -> bool {
        let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let (documented, found) = (essence(&self.media_type), essence(content_type));
        match documented.strip_suffix('*') {
            Some(prefix) if prefix == "*/" || prefix.is_empty() => true,
            Some(prefix) => found.starts_with(prefix),
            None => documented == found,
        }
    }
}

/// Whether bodies of a media type are JSON (RFC 6839, 3.1).
pub fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json") || essence == "text/json"
}

/// A documented header of an answer.
#[derive(Clone, Debug)]
pub struct DocumentedHeader {
    /// Its name in lower case.
    pub name: String,
    /// Whether an answer must have it.
    pub is_required: bool,
    /// The path of its schema below `schemas/`, where one is documented.
    pub schema: Option<String>,
    /// The type of its values, by their schema.
    pub value_type: Option<String>,
    /// Where it is described.
    pub place: Place,
    /// The requirement that says so.
    pub requirement: RequirementId,
}

/// How an argument of an `OpenAPI` operation travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// Its name in the request.
    pub name: String,
    /// How it is written.
    pub form: WireForm,
}

/// How the value of an argument is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WireForm {
    /// By a style of `OpenAPI`, exploded or not.
    Styled(ParameterStyle, Explode),
    /// As a document of this media type.
    Content(String),
    /// As a credential after the name of its scheme, such as `Bearer`.
    Scheme(AuthScheme),
}

/// A scheme of HTTP authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthScheme {
    /// `Basic` (RFC 7617): the credential is `user:password`.
    Basic,
    /// `Bearer` (RFC 6750).
    Bearer,
    /// None: the credential is all of the value.
    None,
}

/// How a parameter is written (`OpenAPI` 3.1.1, 4.8.12.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterStyle {
    /// `3,4,5`.
    Simple,
    /// `.3.4.5`.
    Label,
    /// `;color=3,4,5`.
    Matrix,
    /// `color=3&color=4`.
    Form,
    /// `color=3%204`.
    SpaceDelimited,
    /// `color=3|4`.
    PipeDelimited,
    /// `color[R]=100`.
    DeepObject,
}

impl ParameterStyle {
    /// All styles, with the names that documents give them.
    pub const NAMES: [(&'static str, Self); 8] = [
        ("simple", Self::Simple),
        ("label", Self::Label),
        ("matrix", Self::Matrix),
        ("form", Self::Form),
        ("spaceDelimited", Self::SpaceDelimited),
        ("pipeDelimited", Self::PipeDelimited),
        ("deepObject", Self::DeepObject),
        // OpenAPI 3.2.
        ("cookie", Self::Form),
    ];
}

/// Whether each item of a list or an object has a name of its own in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Explode {
    /// It has.
    Each,
    /// All are under one name.
    Together,
}
