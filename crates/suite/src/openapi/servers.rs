//! Where the document says that its API is.

use crate::source::Node;

use super::values::lenient_text;
use super::version::Version;

/// The first server of a document.
#[derive(Debug, Default)]
pub(super) struct Server {
    /// Its address, where it is a whole one.
    pub address: Option<String>,
    /// Its path, without a final `/`.
    pub path: String,
}

/// The first server, with its variables at their defaults.
pub(super) fn first(root: &Node, version: Version) -> Server {
    if version == Version::Swagger2 {
        let text = |key: &str| root.field(key).and_then(lenient_text);
        let path = text("basePath").unwrap_or_default();
        let schemes = root.field("schemes").map(Node::leaves).unwrap_or_default();
        let scheme = schemes.first().map_or("https", |scheme| scheme.value.as_str());
        let address = text("host").map(|host| format!("{scheme}://{host}{path}"));
        return Server { address, path: path.trim_end_matches('/').to_owned() };
    }
    let servers = root.field("servers").map(Node::one_or_many).unwrap_or_default();
    let Some(server) = servers.first() else { return Server::default() };
    let mut url = server.field("url").and_then(lenient_text).unwrap_or_default();
    for (name, variable) in server.field("variables").map(Node::pairs).unwrap_or_default() {
        if let Some(default) = variable.field("default").and_then(lenient_text) {
            url = url.replace(&format!("{{{}}}", name.value), &default);
        }
    }
    let is_whole = url.starts_with("http://") || url.starts_with("https://");
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map(|(_, path)| format!("/{path}")).unwrap_or_default(),
        None if url.starts_with('/') => url.clone(),
        None => String::new(),
    };
    Server { address: is_whole.then(|| url.clone()), path: path.trim_end_matches('/').to_owned() }
}
