//! A reference cloud behind a proxy, the program, and what it leaves.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support;
use assay_engine::deployment::{Client, RequestSpec, Target};
use assay_engine::plan::Library;
use assay_reference::{Cloud, Integration, RunningCloud, Settings};
use assay_suite::http::Certificates;
use assay_suite::source::{Diagnostics, SourceFile};
use assay_suite::{Effect, Encoding, Presence, Suite, SuiteName};

use super::proxy::{Moment, Proxy, Signal};

/// A run may have so many requests under way at once.
pub const IN_FLIGHT: u64 = 4;

/// A reference cloud behind a proxy.
pub struct Stage {
    pub folder: TempDir,
    pub proxy: Proxy,
    /// The target file, in which the cloud is where the proxy is.
    pub target: PathBuf,
    runtime: Runtime,
    suite: Arc<Suite>,
    /// The cloud itself.
    cloud: Target,
    _running: RunningCloud,
}

/// What a run came to.
pub struct Struck {
    pub folder: PathBuf,
    pub output: Output,
}

impl Stage {
    /// With one suite's API behind the proxy.
    pub fn new(suite: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let library: Library = support::library();
        let settings =
            Settings { job_time: Duration::from_millis(20), integration: Integration::Open, ..Settings::default() };
        let suites = library.suites.values().cloned().collect();
        let running = runtime.block_on(Cloud::start(settings, suites)).unwrap();
        let text = assay::target_file("kills", running.demonstration());
        let mut mistakes = Diagnostics::new();
        let cloud = Target::read(&SourceFile::new("target.yaml", text.clone()), &|_| None, &mut mistakes).unwrap();
        let name = SuiteName(suite.to_owned());
        let url = &cloud.services[&name].url;
        let address = url.trim_start_matches("http://").split('/').next().unwrap().to_owned();
        let proxy = runtime.block_on(Proxy::new(&address));
        let folder = TempDir::new().unwrap();
        let target = folder.path().join("target.yaml");
        let limits = format!("limits: {{longest_job: 5s, in_flight: {IN_FLIGHT}}}");
        let text = text.replace(url, &url.replace(&address, &proxy.address));
        let text = text.replace("limits: {longest_job: 10s}", &limits);
        assert!(text.contains(&proxy.address) && text.contains(&limits), "{text}");
        fs::write(&target, text).unwrap();
        let suite = Arc::clone(&library.suites[&name]);
        Self { folder, proxy, target, runtime, suite, cloud, _running: running }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
        command.current_dir(self.folder.path()).args(arguments).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub fn assay(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Starts the program against the cloud; what it writes is in a folder with this name.
    pub fn start(&self, arguments: &[&str], name: &str) -> Child {
        let mut all = arguments.to_vec();
        all.extend(["--target", "target.yaml", "--output", name]);
        self.command(&all).stdout(Stdio::null()).spawn().unwrap()
    }

    /// Runs the program against the cloud, and strikes it at a moment.
    pub fn strike(&self, arguments: &[&str], name: &str, moment: Moment) -> Struck {
        self.proxy.arm(moment);
        let run = self.start(arguments, name);
        self.proxy.aim(run.id());
        let output = run.wait_with_output().unwrap();
        assert!(self.proxy.has_struck(), "{moment:?} never came: {}", printed(&output));
        Struck { folder: self.folder.path().join(name), output }
    }

    /// What there is on the cloud, by id: everything that a list shows, but not what is on its way out.
    pub fn things(&self) -> BTreeMap<String, Value> {
        self.runtime.block_on(async {
            let client = Client::new(self.cloud.limits, Certificates::Verified, Instant::now()).unwrap();
            let accounts = self.cloud.services[&self.suite.name.value].accounts.keys().map(|name| Some(name.as_str()));
            let accounts: Vec<_> = [None].into_iter().chain(accounts).collect();
            let mut things = BTreeMap::new();
            for list in self.suite.operations.values().filter(|operation| operation.effect == Effect::Reads) {
                let Some(items) = &list.list else { continue };
                let free = |presence| presence != Presence::Required;
                if !list.parameters.values().all(|one| free(one.presence) || one.credential.is_some())
                    || is_a_log(&list.group)
                {
                    continue;
                }
                for account in &accounts {
                    let ask = RequestSpec {
                        account: *account,
                        ..RequestSpec::plain(&self.suite, &list.name.value.0, Some(Encoding::Json))
                    };
                    let Ok(prepared) = self.cloud.prepare(&ask, Timestamp::now()) else { continue };
                    let exchange = client.send(prepared).await;
                    let Ok(answer) = exchange.outcome else { panic!("{} gave no answer", list.name.value) };
                    let Ok(Value::Object(answer)) = serde_json::from_str(&answer.body) else { continue };
                    let found = answer.values().filter_map(|inside| inside.get(&items.items)?.as_array().cloned());
                    for item in found.flatten().filter(|item| !is_going(item)) {
                        if let Some(id) = item["id"].as_str() {
                            things.insert(format!("{} {id}", list.name.value), item.clone());
                        }
                    }
                }
            }
            things
        })
    }
}

/// What happened, and who asks, is not created by anybody.
fn is_a_log(group: &str) -> bool {
    ["Event", "Alert", "Async", "Usage", "Account"].iter().any(|kind| group.contains(kind))
}

fn is_going(item: &Value) -> bool {
    let state = item["state"].as_str().unwrap_or_default();
    ["Destroy", "Expung"].iter().any(|stem| state.starts_with(stem))
}

/// What is there and was not there before.
pub fn new_things(before: &BTreeMap<String, Value>, after: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let new = after.iter().filter(|(id, _)| !before.contains_key(*id));
    new.map(|(id, item)| (id.clone(), item.clone())).collect()
}

/// All that a program said.
pub fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// How many lines of a record are of an event.
pub fn count(record: &Path, event: &str) -> u64 {
    let text = fs::read(record).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let begins = format!("{{\"event\":\"{event}\"");
    text.lines().filter(|line| line.starts_with(&begins)).count() as u64
}

impl Struck {
    pub fn record(&self) -> PathBuf {
        self.folder.join("run.jsonl")
    }

    /// Whether it ended as a signal lets it end.
    pub fn assert_ended_by(&self, signal: Signal) {
        use std::os::unix::process::ExitStatusExt as _;
        match signal {
            Signal::Interrupt | Signal::Terminate | Signal::HangUp => {
                assert_eq!(self.output.status.code(), Some(130), "{}", printed(&self.output));
                assert!(
                    printed(&self.output).contains("what was created is removed first"),
                    "{}",
                    printed(&self.output)
                );
            }
            Signal::Kill => assert_eq!(self.output.status.signal(), Some(9), "{}", printed(&self.output)),
        }
    }

    /// Whether its record can be reported in every form, and each says that it is partial. The report for programs.
    pub fn assert_reported_as_partial(&self, stage: &Stage, signal: Signal) -> Value {
        let (code, ending, words) = match signal {
            Signal::Interrupt | Signal::Terminate | Signal::HangUp => (130, "interrupted", "was interrupted"),
            Signal::Kill => (3, "broken", "breaks off"),
        };
        let wanted = ["html", "junit", "json", "markdown"].map(|format| {
            let path = self.folder.join(format!("again.{format}"));
            (format!("{format}={}", path.display()), path)
        });
        let mut arguments = vec!["report", self.folder.to_str().unwrap()];
        wanted.iter().for_each(|(wanted, _)| arguments.extend(["--report", wanted]));
        let report = stage.assay(&arguments);
        let text = printed(&report);
        assert_eq!(report.status.code(), Some(code), "{text}");
        assert!(text.contains(words), "{text}");
        let read = |place: usize| fs::read_to_string(&wanted[place].1).unwrap();
        for place in [0, 1, 3] {
            assert!(read(place).contains(words), "{} does not say that it is partial", wanted[place].0);
        }
        let json: Value = serde_json::from_str(&read(2)).unwrap();
        assert_eq!(json["run"]["ending"], ending);
        json
    }

    /// After a kill, what is left is removed, or reported; and the second time there is nothing to do.
    pub fn assert_undone(&self, stage: &Stage, before: &BTreeMap<String, Value>) -> Undone {
        let undo = || stage.assay(&["undo", self.folder.to_str().unwrap(), "--target", "target.yaml"]);
        let first = undo();
        let text = printed(&first);
        let left = new_things(before, &stage.things());
        let told_of: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("left over: ")).collect();
        let untold = untold(&left, &told_of);
        assert!(untold.is_empty(), "left and not printed: {untold:#?}\n{text}");
        let code = first.status.code();
        assert!(matches!(code, Some(0 | 4)), "{code:?}: {text}");
        let second = undo();
        let again = printed(&second);
        assert_eq!(second.status.code(), code, "{text}\n{again}");
        if code == Some(0) {
            assert!(again.contains("Nothing is left of this run."), "{again}");
            assert!(left.is_empty(), "{left:#?}");
        }
        let removed = text.lines().filter(|line| line.starts_with("removed: ")).count();
        let unknown = text.lines().filter(|line| line.starts_with("left over: ")).count();
        Undone { removed, unknown }
    }
}

/// What is left, and neither named in what was reported, nor one of so many as may have been created without a name.
pub fn untold<'a>(left: &'a BTreeMap<String, Value>, printed: &[&str]) -> Vec<(&'a String, &'a Value)> {
    let text = printed.join("\n");
    // The disk that a machine is made with is reported with the machine.
    let comes_with = |item: &Value| {
        let owner = item["virtualmachineid"].as_str().unwrap_or_default();
        left.contains_key(&format!("listVirtualMachines {owner}"))
    };
    let mut nameless: Vec<&str> = printed
        .iter()
        .filter_map(|one| one.strip_prefix("whether ")?.split_once(" created something is not known"))
        .map(|(operation, _)| operation.trim_start_matches(|letter: char| letter.is_ascii_lowercase()))
        .collect();
    let mut is_told = |list: &str, item: &Value| {
        if comes_with(item) || is_named(item, &text) {
            return true;
        }
        let found = nameless.iter().position(|kind| list.starts_with(&format!("list{kind}")));
        found.map(|place| nameless.swap_remove(place)).is_some()
    };
    left.iter().filter(|(list, item)| !is_told(list, item)).collect()
}

/// Whether a text names an item of a list.
fn is_named(item: &Value, text: &str) -> bool {
    let named = |field: &str| item[field].as_str().is_some_and(|value| mentions(text, value));
    ["id", "name", "displayname", "displaytext"].into_iter().any(named)
}

/// Whether a text describes a name: by the part of it that nothing else has.
fn mentions(text: &str, name: &str) -> bool {
    let unique = |word: &&str| word.len() >= 12;
    text.contains(name) || name.split('-').filter(unique).any(|word| text.contains(word))
}

/// What `assay undo` came to.
pub struct Undone {
    pub removed: usize,
    pub unknown: usize,
}
