//! What was asked, and what a mutant remembers of earlier answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use assay_suite::Encoding;

use super::wire::Answer;

/// What the harness asks for, as it said before it sent the request.
#[derive(Clone, Debug)]
pub struct Asked {
    pub operation: String,
    pub arguments: Vec<(String, Value)>,
    /// Who asks; nothing for the main account.
    pub account: Option<String>,
    pub format: Option<Encoding>,
    pub stage: Stage,
}

/// What a request is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A step of a case.
    Step,
    /// The removal of what a case created; it decides nothing.
    Undo,
}

impl Asked {
    pub fn argument(&self, name: &str) -> Option<&Value> {
        self.arguments.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The same for the same request, whoever makes it.
    pub fn key(&self) -> String {
        let mut arguments: Vec<_> = self.arguments.iter().map(|(name, value)| format!("{name}={value}")).collect();
        arguments.sort();
        format!("{} {:?} {}", self.operation, self.format, arguments.join("&"))
    }
}

/// What a mutant remembers of earlier answers, as they were before it changed them.
#[derive(Default)]
pub struct Memory {
    /// The last that was accepted, by format.
    pub accepted: BTreeMap<Option<Encoding>, Answer>,
    /// The jobs of the operation, with the arguments of the requests that began them.
    pub jobs: BTreeMap<String, Vec<(String, Value)>>,
    /// Those that were said to have ended.
    pub ended: BTreeSet<String>,
    /// What the last job that ended well came to.
    pub result: Option<Value>,
    /// The first item of the last first page.
    pub first_item: Option<Value>,
    /// The last page that had items, by format.
    pub last_page: BTreeMap<Option<Encoding>, Answer>,
    /// The last list that nothing narrowed, by format.
    pub bare: BTreeMap<Option<Encoding>, Answer>,
    /// The first answers to the reads of this case, by request and account; whether something was written since.
    pub reads: BTreeMap<(String, Option<String>), (Answer, Since)>,
    /// The last answers to reads, by request, then account.
    pub accounts: BTreeMap<String, BTreeMap<Option<String>, Answer>>,
}

/// What happened since an answer was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    Nothing,
    Written,
}

impl Memory {
    /// Another case begins: what it reads it has not read before.
    pub fn begin_case(&mut self) {
        self.reads.clear();
    }

    /// Something was written.
    pub fn written(&mut self) {
        self.reads.values_mut().for_each(|(_, since)| *since = Since::Written);
    }
}
