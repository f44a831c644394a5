//! Credentials: the parameters that carry them, by their scheme.

use crate::source::{Located, Node};
use crate::{AuthScheme, Explode, Location, Parameter, ParameterStyle, Presence, Wire, WireForm};

use super::parameters::plain_parameter;
use super::reader::Reader;
use super::values::lenient_text;
use super::version::Version;

/// What an operation asks for to prove who asks.
#[derive(Default)]
pub(super) struct Security {
    /// The parameters that carry credentials, by the names of their schemes.
    pub parameters: Vec<Parameter>,
    /// Whether a request may be without.
    pub is_optional: bool,
}

impl<'n> Reader<'_, 'n> {
    /// What an operation asks for, or else all operations.
    pub(super) fn security(&mut self, operation: &'n Node) -> Security {
        let Some(asked) = operation.field("security").or_else(|| self.root.field("security")) else {
            return Security::default();
        };
        let alternatives = asked.one_or_many();
        let is_optional = alternatives.is_empty() || alternatives.iter().any(|one| one.pairs().is_empty());
        let mut found = Security { is_optional, ..Security::default() };
        for alternative in alternatives {
            for (name, _) in alternative.pairs() {
                if found.parameters.iter().any(|known| known.name.value == name.value) {
                    continue;
                }
                let in_all = alternatives.iter().all(|other| other.field(&name.value).is_some());
                let Some(mut parameter) = self.scheme(name) else { continue };
                if in_all && !found.is_optional {
                    parameter.presence = Presence::Required;
                }
                found.parameters.push(parameter);
            }
        }
        found
    }

    /// The parameter that carries the credential of a scheme; none where no parameter can.
    fn scheme(&mut self, name: &Located<String>) -> Option<Parameter> {
        let schemes = match self.version {
            Version::Swagger2 => self.root.field("securityDefinitions"),
            Version::V30 | Version::V31 => {
                self.root.field("components").and_then(|components| components.field("securitySchemes"))
            }
        };
        let Some(scheme) = schemes.and_then(|schemes| schemes.field(&name.value)) else {
            let known = schemes.map(Node::pairs).unwrap_or_default();
            let near = crate::source::closest(&name.value, known.iter().map(|(key, _)| key.value.as_str()));
            let help = near.map_or("describe it under `components: securitySchemes`".to_owned(), |near| {
                format!("did you mean `{near}`?")
            });
            self.wrong(&name.place, format!("there is no security scheme `{}`", name.value), &help);
            return None;
        };
        let scheme = self.resolved(scheme)?;
        let text = |key: &str| scheme.field(key).and_then(lenient_text).unwrap_or_default();
        let (location, wire_name, auth) = match (text("type").as_str(), text("in").as_str()) {
            ("apiKey", "header") => (Location::Header, text("name"), AuthScheme::None),
            ("apiKey", "query") => (Location::Query, text("name"), AuthScheme::None),
            ("apiKey", "cookie") => (Location::Cookie, text("name"), AuthScheme::None),
            ("basic", _) => (Location::Header, "authorization".to_owned(), AuthScheme::Basic),
            ("http", _) if text("scheme").eq_ignore_ascii_case("basic") => {
                (Location::Header, "authorization".to_owned(), AuthScheme::Basic)
            }
            ("http", _) if text("scheme").eq_ignore_ascii_case("bearer") => {
                (Location::Header, "authorization".to_owned(), AuthScheme::Bearer)
            }
            ("http", _) => (Location::Header, "authorization".to_owned(), AuthScheme::None),
            // The token that the target gives is one that was had before.
            ("oauth2" | "openIdConnect", _) => (Location::Header, "authorization".to_owned(), AuthScheme::Bearer),
            ("mutualTLS", _) => return None,
            _ => {
                let place = scheme.field("type").map_or(&scheme.place, |node| &node.place);
                let help = "write `type: http` with `scheme: bearer`, or `type: apiKey` with `in` and `name`";
                self.wrong(place, format!("security scheme `{}` is of no known type", name.value), help);
                return None;
            }
        };
        let form = match auth {
            AuthScheme::None => WireForm::Styled(ParameterStyle::Simple, Explode::Together),
            scheme => WireForm::Scheme(scheme),
        };
        let mut parameter = plain_parameter(&name.value, &scheme.place, location);
        parameter.credential = Some(name.value.clone());
        parameter.secret = true;
        parameter.wire = Some(Box::new(Wire { name: wire_name, form }));
        Some(parameter)
    }
}
