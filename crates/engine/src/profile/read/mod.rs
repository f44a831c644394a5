//! Reads files of load profiles.

mod arrivals;
mod data;
mod level;
mod mix;
mod rate;
mod search;
mod shape;
mod sources;
mod table;
mod trace;
mod users;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use crate::scenario::{self, OperationChoice};
use assay_suite::SuiteName;
use assay_suite::source::{Diagnostic, Diagnostics, Documents, Fields, Node, NodeKind, SourceFile};

use super::parts::{Abort, Load, OperationsWithLevel, Portion, Profile};
use sources::{Sources, at_most};

/// So many requests are under way at once at most, when nothing is said.
const IN_FLIGHT: NonZeroU32 = NonZeroU32::MIN.saturating_add(63);
/// So many answers are held against their schema, when nothing is said: one in a hundred.
const CHECKED: f64 = 0.01;
/// So long an answer may take, when nothing is said.
const DEADLINE: Duration = Duration::from_secs(10);
/// So much is judged before a run may end early, when nothing is said.
const GRACE: Duration = Duration::from_secs(10);

/// More connections than this no machine opens.
const MOST_IN_FLIGHT: u32 = 100_000;

/// Reads one file: a profile, or a list of them. `suite` is the folder it is in; CSV files that it names are looked for
/// among the documents, next to it.
pub fn read(
    file: &Arc<SourceFile>,
    suite: &SuiteName,
    documents: &Documents,
    profiles: &mut Vec<Arc<Profile>>,
    mistakes: &mut Diagnostics,
) {
    let node = match Node::parse(file) {
        Ok(node) => node,
        Err(mistake) => return mistakes.add(mistake),
    };
    let sources = Sources { file, documents };
    profiles.extend(
        node.one_or_many().iter().filter_map(|node| read_profile(node, suite, sources, mistakes).map(Arc::new)),
    );
}

fn read_profile(node: &Node, suite: &SuiteName, sources: Sources<'_>, mistakes: &mut Diagnostics) -> Option<Profile> {
    let mut fields = node.fields("a profile", mistakes)?;
    let title = fields.need_text("profile", mistakes);
    let tags = fields.texts("tags", mistakes).into_iter().map(|tag| tag.value).collect();
    let for_each = fields.take("for_each").map(|node| read_for_each(node, mistakes));
    let together = fields.text("together", mistakes).map(|word| word.value);
    let requests = read_requests(node, &mut fields, sources, mistakes);
    let data = fields.take("data").map(|node| data::read(node, sources, mistakes)).unwrap_or_default();
    let set_up = fields.take("set_up").map(|node| scenario::read_steps(node, "`set_up`", mistakes));
    let service_level = fields.need("service_level", mistakes).and_then(|node| level::read(node, mistakes));
    let in_flight = fields.take("in_flight").and_then(|node| at_most(node, MOST_IN_FLIGHT, "`in_flight`", mistakes));
    let checked = fields.take("check").and_then(|node| node.share(mistakes));
    let deadline = fields.take("deadline").and_then(|node| node.some_time("`deadline`", mistakes));
    let search = fields.take("search").and_then(|node| search::read(node, mistakes));
    let abort = fields.take("abort").and_then(|node| read_abort(node, mistakes));
    fields.finish(mistakes);
    let (load, mix) = requests?;
    Some(Profile {
        title: title?,
        file: Arc::clone(sources.file),
        suite: suite.clone(),
        tags,
        // One that can't be read is not as if there were none.
        for_each: for_each.map_or(Some(None), |read| read.map(Some))?,
        together,
        load,
        mix,
        data,
        set_up: set_up.unwrap_or_default(),
        service_level: service_level?,
        in_flight: in_flight.unwrap_or(IN_FLIGHT),
        checked: checked.unwrap_or(CHECKED),
        deadline: deadline.unwrap_or(DEADLINE),
        search: search.unwrap_or_default(),
        abort: abort.unwrap_or(Abort::Certain(GRACE)),
    })
}

/// When requests are made, and what they ask for.
fn read_requests(
    node: &Node,
    fields: &mut Fields<'_>,
    sources: Sources<'_>,
    mistakes: &mut Diagnostics,
) -> Option<(Load, Vec<Portion>)> {
    let (open, closed) = (fields.take("arrivals"), fields.take("users"));
    match (open, closed) {
        (Some(open), None) => {
            let portions = fields.take("mix").map(|node| mix::read(node, mistakes));
            let (arrivals, mix) = arrivals::read(node, open, portions, sources, mistakes)?;
            Some((Load::Open(arrivals), mix))
        }
        (None, Some(closed)) => {
            let message = "users ask for what their journey says, and not for a mix";
            fields.refuse("mix", message, "write the steps under `users`, in `journey`", mistakes);
            let message = "each user waits for an answer, so the users are the requests in flight";
            fields.refuse("in_flight", message, "remove it", mistakes);
            Some((Load::Closed(users::read(closed, mistakes)?), Vec::new()))
        }
        (open, _) => {
            fields.take("mix");
            mistakes.add(match open.and(fields.place_of("users")) {
                Some(second) => Diagnostic::error(second, "a profile has `arrivals` or `users`, not both")
                    .help("begin another profile with `- profile:`"),
                None => Diagnostic::error(&node.place, "a profile needs `arrivals` or `users`")
                    .help("write arrivals: {shape: [{rate: 100/s, for: 30s}]}"),
            });
            None
        }
    }
}

fn read_for_each(node: &Node, mistakes: &mut Diagnostics) -> Option<OperationsWithLevel> {
    let mut fields = node.fields("`for_each`", mistakes)?;
    let choice = match fields.take("operation") {
        Some(node) => scenario::read_operation_choice(node, mistakes),
        None => Some(OperationChoice::default()),
    };
    let throughput = fields.take("throughput").and_then(|node| rate::read(node, "`throughput`", mistakes));
    fields.finish(mistakes);
    Some(OperationsWithLevel { choice: choice?, throughput })
}

fn read_abort(node: &Node, mistakes: &mut Diagnostics) -> Option<Abort> {
    if let NodeKind::Text(text) = &node.kind {
        if text == "never" {
            return Some(Abort::Never);
        }
        let mistake = Diagnostic::error(&node.place, format!("`abort` can't be `{text}`"));
        mistakes.add(mistake.help("write never, or how much is judged first: {after: 10s}"));
        return None;
    }
    let mut fields = node.fields("`abort`", mistakes)?;
    let after = fields.need("after", mistakes).and_then(|node| node.duration("`after`", mistakes));
    fields.finish(mistakes);
    after.map(Abort::Certain)
}
