//! Fetches all pages of a list. A server that repeats them, or never gives the last one, ends that.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use serde_json::Value;

use assay_engine::interpreter::{NextPart, PageWalk};

use super::caller::{Asked, Caller};
use crate::output::stderr;
use crate::{CliError, ExitCode, request};

/// So many pages are fetched, at most.
const MOST_PAGES: usize = 1_000;
/// So many bytes of them.
const MOST_BYTES: usize = 256 << 20;
/// So long.
const LONGEST: Duration = Duration::from_secs(600);

/// The items of all pages that were fetched.
pub(super) struct Fetched {
    pub items: Value,
    /// Whether these are all items there are.
    pub code: ExitCode,
}

pub(super) async fn fetch(caller: &Caller<'_>, asked: &Asked<'_>) -> Result<Fetched, CliError> {
    let list = asked.operation.and_then(|operation| PageWalk::of(caller.suite, operation, &asked.spec.arguments));
    let Some(mut walk) = list else {
        let message = format!("error: {} is no list: --all fetches the pages of one", asked.spec.operation);
        return Err(CliError::new(ExitCode::Usage, message));
    };
    if let Some(start) = walk.start_parameter().filter(|start| gives(asked, start)) {
        let message = format!("error: `{start}` names one page, and --all fetches all of them: leave one out");
        return Err(CliError::new(ExitCode::Usage, message));
    }
    let (mut items, mut known, mut page) = (Vec::new(), HashSet::new(), walk.first());
    let (mut bytes, began) = (0, Instant::now());
    for pages in 1_usize.. {
        let answer = ask(caller, asked, &page, &mut bytes).await?;
        let (here, before) = (walk.items_of(&answer.value), items.len());
        items.extend(here.iter().filter(|item| known.insert(item.to_string())).cloned());
        let is_repeated = pages > 1 && !here.is_empty() && items.len() == before;
        let next = walk.after(&answer.value, Some(&answer.link));
        let incomplete = match next {
            NextPart::None => return Ok(Fetched { items: items.into(), code: ExitCode::Conforms }),
            _ if is_repeated => format!("page {pages} has nothing that the pages before it did not have"),
            NextPart::Unknown => "it may have more pages, and how they are asked for is not documented".to_owned(),
            NextPart::Page(_) if pages >= MOST_PAGES => format!("it has more than {MOST_PAGES} pages"),
            NextPart::Page(_) if bytes > MOST_BYTES => format!("its pages have more than {} MiB", MOST_BYTES >> 20),
            NextPart::Page(_) if began.elapsed() > LONGEST => format!("its pages took more than {LONGEST:?}"),
            NextPart::Page(arguments) => {
                page = arguments;
                continue;
            }
        };
        stderr!("warning: the list may not be whole: {incomplete}");
        return Ok(Fetched { items: items.into(), code: ExitCode::Inconclusive });
    }
    Ok(Fetched { items: items.into(), code: ExitCode::Inconclusive })
}

fn gives(asked: &Asked<'_>, parameter: &str) -> bool {
    asked.spec.arguments.iter().any(|(name, _)| name == parameter)
}

/// One page.
struct Page {
    value: Value,
    /// Its header `Link`, blank where it has none.
    link: String,
}

async fn ask(
    caller: &Caller<'_>,
    asked: &Asked<'_>,
    page: &[(String, Value)],
    bytes: &mut usize,
) -> Result<Page, CliError> {
    let mut spec = asked.spec.clone();
    spec.arguments.retain(|(name, _)| !page.iter().any(|(other, _)| other == name));
    spec.arguments.extend(page.iter().cloned());
    let prepared = request::prepare(caller.target, &spec)?;
    caller.say_request(asked, &prepared);
    let exchange = caller.seen(asked, request::send(caller.target, prepared).await?);
    let response = exchange.outcome.as_ref().ok();
    if !response.is_some_and(|response| caller.is_done(asked.spec.operation, response.status)) {
        caller.show(asked.spec.operation, &exchange)?;
        return Err(CliError::new(ExitCode::Violates, "error: a page of the list is refused"));
    }
    *bytes += response.map_or(0, |response| response.body.len());
    let link = response.and_then(|response| response.header("link")).unwrap_or_default();
    Ok(Page { value: caller.read(asked, asked.spec.operation, &exchange)?, link })
}
