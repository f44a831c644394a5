//! Changes of an answer as a whole: its status, what is around it, how it is written.

use axum::http::{HeaderValue, StatusCode, header};
use regex::Regex;
use serde_json::{Value, json};

use assay_suite::{Encoding, Operation};

use super::change::{Change, reversed};
use super::memory::{Asked, Memory};
use super::operator::Operator;
use super::wire::{Answer, Said};

/// An answer that says something else of how the request came out.
pub fn outcome(
    operator: Operator,
    operation: &Operation,
    asked: &Asked,
    answer: &Answer,
    memory: &Memory,
) -> Option<Answer> {
    let with = |status: StatusCode| Answer { status, ..answer.clone() };
    Some(match operator {
        Operator::Failed | Operator::RefusalFailed => with(StatusCode::INTERNAL_SERVER_ERROR),
        Operator::OtherSuccess => {
            let candidates = [StatusCode::OK, StatusCode::CREATED, StatusCode::ACCEPTED, StatusCode::IM_USED];
            let documented =
                |status: &StatusCode| operation.succeeds.iter().any(|pattern| pattern.matches(status.as_u16()));
            with(candidates.into_iter().find(|status| !documented(status))?)
        }
        Operator::Refused => {
            let refusal =
                json!({"errorcode": 400, "errortext": "assay", "error_code": "AS.0001", "error_msg": "assay"});
            Answer { body: written(answer, "errorresponse", refusal), ..with(StatusCode::BAD_REQUEST) }
        }
        Operator::Accepted => {
            if let Some(accepted) = memory.accepted.get(&asked.format) {
                accepted.clone()
            } else {
                let status = (200..300).find(|status| operation.succeeds.iter().any(|known| known.matches(*status)));
                let status = status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
                Answer { body: written(answer, "response", json!({"success": "true"})), ..with(status) }
            }
        }
        _ => return None,
    })
}

pub fn encoding_of(body: &[u8]) -> Encoding {
    if body.trim_ascii_start().starts_with(b"<") { Encoding::Xml } else { Encoding::Json }
}

/// A body in the format of another.
fn written(like: &Answer, envelope: &str, value: Value) -> Vec<u8> {
    Said::new(encoding_of(&like.body), Some(envelope), value).write()
}

/// The same said in another text, or in one that can't be read.
pub fn text(operator: Operator, answer: &Answer) -> Option<Answer> {
    let same_but = |body: Vec<u8>| Answer { body, ..answer.clone() };
    let text = String::from_utf8(answer.body.clone()).ok().filter(|text| !text.trim().is_empty())?;
    Some(match operator {
        Operator::OtherContentType => {
            let mut other = answer.clone();
            other.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
            other
        }
        Operator::NotUtf8 => {
            let said = Regex::new(r#"[A-Za-z0-9](?:"\s*[,}\]]|</)"#).unwrap();
            let at = said.find_iter(&text).last()?.start() + 1;
            same_but([&text.as_bytes()[..at], b"\xff", &text.as_bytes()[at..]].concat())
        }
        Operator::Utf16 => {
            same_but(std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect())
        }
        Operator::Truncated => same_but(answer.body[..answer.body.len() / 2].to_vec()),
        Operator::Emptied => same_but(Vec::new()),
        Operator::Trailing => same_but([answer.body.as_slice(), b"assay"].concat()),
        Operator::Reformatted => same_but(reformatted(&text)?.into_bytes()),
        Operator::NewField => {
            let (before, end) = text.rsplit_once("</")?;
            same_but(format!("{before}<assaynewfield>x</assaynewfield></{end}").into_bytes())
        }
        _ => return None,
    })
}

/// The same with other white space, and in JSON with the fields in another order.
fn reformatted(text: &str) -> Option<String> {
    if encoding_of(text.as_bytes()) == Encoding::Xml {
        let between = Regex::new(">(<[^/])").unwrap();
        return Some(between.replace_all(text, ">\n$1").into_owned());
    }
    let value: Value = serde_json::from_str(text).ok()?;
    serde_json::to_string_pretty(&reversed(&value)).ok()
}

/// The same in another envelope or format, or with a field more.
pub fn said(operator: Operator, said: &mut Said) -> Change {
    match operator {
        Operator::OtherEnvelope => {
            let Some(envelope) = &mut said.envelope else { return Change::None };
            envelope.push('x');
        }
        // XML can't do without.
        Operator::NoEnvelope if said.encoding == Encoding::Json && said.envelope.is_some() => said.envelope = None,
        Operator::NewEnvelope => said.envelope = Some("response".to_owned()),
        Operator::OtherFormat => {
            said.encoding = match said.encoding {
                Encoding::Json => Encoding::Xml,
                Encoding::Xml => Encoding::Json,
            };
        }
        Operator::NewField => {
            let Some(fields) = said.value.as_object_mut() else { return Change::None };
            fields.insert("assaynewfield".to_owned(), json!("x"));
        }
        _ => return Change::None,
    }
    Change::Made
}
