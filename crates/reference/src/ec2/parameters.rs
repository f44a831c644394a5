//! The parameters of a request: of its query, and of the form that it may hold.

use percent_encoding::percent_decode_str;

use crate::api::Incoming;

use super::failure::Failure;

/// The parameters of a request, decoded, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads the query, and the form of a request by POST.
    pub fn read(request: &Incoming) -> Self {
        let form = if request.method == "POST" { request.body.trim_end() } else { "" };
        Self([request.query.as_str(), form].into_iter().flat_map(pairs).collect())
    }

    /// The names of the parameters.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The value of a parameter, if it has one: a blank value is none.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).filter(|v| !v.is_empty())
    }

    /// The value of a parameter that the request can't do without.
    pub fn need(&self, name: &str) -> Result<&str, Failure> {
        self.get(name).ok_or_else(|| Failure::new("MissingParameter", format!("the parameter {name} is missing")))
    }

    /// The values of a numbered parameter, `InstanceId.1` and so on, in the order of their numbers.
    pub fn numbered(&self, name: &str) -> Vec<&str> {
        let mut found: Vec<(u32, &str)> = self
            .0
            .iter()
            .filter_map(|(known, value)| {
                let number = known.strip_prefix(name)?.strip_prefix('.')?.parse().ok()?;
                (!value.is_empty()).then_some((number, value.as_str()))
            })
            .collect();
        found.sort_by_key(|(number, _)| *number);
        found.into_iter().map(|(_, value)| value).collect()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The pairs of a query or form, decoded. A plus sign is a space; what is not UTF-8 is replaced.
pub fn pairs(encoded: &str) -> impl Iterator<Item = (String, String)> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    encoded.split('&').filter(|pair| !pair.is_empty()).map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_parameters_come_in_the_order_of_their_numbers() {
        let request = Incoming {
            method: "POST".into(),
            query: "Action=RebootInstances&InstanceId.10=c&Empty=".into(),
            body: "InstanceId.2=b+b&InstanceId.1=a%2Ba&InstanceIdX.1=no".into(),
            ..Incoming::default()
        };
        let parameters = Parameters::read(&request);
        assert_eq!(parameters.numbered("InstanceId"), ["a+a", "b b", "c"]);
        assert_eq!(parameters.get("Action"), Some("RebootInstances"));
        assert_eq!(parameters.need("Empty").unwrap_err().code, "MissingParameter");
    }
}
