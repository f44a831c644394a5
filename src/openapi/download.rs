//! Documents that are read from a server: the one that is named, and what it refers to next to it.

use std::time::Instant;

use crate::contents::Contents;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::runtime::runtime;
use assay_engine::deployment::{Client, Limits, Prepared};
use assay_suite::http::{Certificates, Method, Request};
use assay_suite::source::{SourceFile, harmless};

/// The longest document, in bytes.
const LONGEST: usize = 64 << 20;

/// An address of a document, in its parts.
pub(super) struct Address<'a> {
    /// What is before the name of the document, without its last slash.
    folder: &'a str,
    name: &'a str,
    /// The query, with its question mark; empty if there is none.
    query: &'a str,
}

impl<'a> Address<'a> {
    pub fn of(url: &'a str) -> Self {
        let url = url.split_once('#').map_or(url, |(before, _)| before);
        let (before, query) = url.split_at(url.find('?').unwrap_or(url.len()));
        let (folder, name) =
            before.rsplit_once('/').filter(|(folder, _)| !folder.ends_with('/')).unwrap_or((before, ""));
        Self { folder, name, query }
    }

    /// The path that the document has among the others: where mistakes in it are found. The query may hold a key, so it is left
    /// out.
    pub fn path(&self) -> String {
        format!("{}/{}", self.folder, self.name)
    }

    /// The document.
    pub fn read(&self) -> Result<Contents, CliError> {
        let host = self.folder.split('/').nth(2).unwrap_or_default();
        if host.contains('@') {
            let message = "error: the address of a document has no user and no password\n  help: save it to a file, and name that";
            return Err(CliError::new(ExitCode::Usage, message));
        }
        let shown = self.path();
        let body = got(&format!("{shown}{}", self.query))?.map_err(|why| {
            let message = format!("error: {shown} can't be read: {why}\n  help: save it to a file, and name that");
            CliError::new(ExitCode::CouldNotRun, message)
        })?;
        Ok(SourceFile::from_bytes(self.path(), body.into_bytes()))
    }

    /// What is next to it, or below; nothing where there is no such thing, which is reported where it is referred to.
    pub fn read_next_to_it(&self, path: &str) -> Result<Option<Contents>, CliError> {
        let below = path.strip_prefix(self.folder).and_then(|rest| rest.strip_prefix('/'));
        if below.is_none_or(|below| below.starts_with("..")) {
            return Ok(None);
        }
        let body = got(path)?.ok();
        Ok(body.map(|body| SourceFile::from_bytes(path, body.into_bytes())))
    }
}

/// What a server has at an address, or why it gives nothing.
fn got(url: &str) -> Result<Result<String, String>, CliError> {
    let limits = Limits { longest_body: LONGEST, ..Limits::default() };
    let client = Client::new(limits, Certificates::default(), Instant::now())
        .map_err(|error| CliError::could_not("no request can be sent", error))?;
    let headers = vec![("accept".to_owned(), "application/yaml, application/json, */*".to_owned())];
    let request = Request { method: Method::Get, url: url.to_owned(), headers, body: None };
    let prepared = match Prepared::plain(request) {
        Ok(prepared) => prepared,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let runtime = runtime()?;
    let exchange = runtime.block_on(client.send(prepared));
    Ok(match exchange.outcome {
        Ok(response) if (200..300).contains(&response.status) => Ok(response.body),
        Ok(response) => Err(match response.header("location") {
            Some(to) => format!("status {}, which leads to {}", response.status, harmless::line(&to)),
            None => format!("status {}", response.status),
        }),
        Err(failure) => Err(failure.message),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_document_is_its_address_without_what_may_be_a_key() {
        for (url, path) in [
            ("http://127.0.0.1:8000/v1/shop.yaml", "http://127.0.0.1:8000/v1/shop.yaml"),
            ("https://shop.example/api-docs?group=a/b#top", "https://shop.example/api-docs"),
            ("https://shop.example/", "https://shop.example/"),
            ("https://shop.example?key=a", "https://shop.example/"),
        ] {
            assert_eq!(Address::of(url).path(), path, "{url}");
        }
        assert_eq!(Address::of("http://a.example/b/c.yaml?d=e").folder, "http://a.example/b");
    }

    #[test]
    fn nothing_is_read_that_is_not_next_to_a_document_or_below() {
        let address = Address::of("http://127.0.0.1:9/specs/shop.yaml");
        for path in ["http://127.0.0.1:9/other.yaml", "http://127.0.0.1:8/specs/a.yaml", "a.yaml"] {
            assert!(matches!(address.read_next_to_it(path), Ok(None)), "{path}");
        }
    }
}
