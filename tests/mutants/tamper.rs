//! One mutant at work: what it does to each answer, and what it remembers of it.

use serde_json::Value;

use assay_engine::verdict::{JobState, job_state};
use assay_schema::Schemas;
use assay_suite::plain;
use assay_suite::{Effect, Encoding, Jobs, Operation};

use super::change::{self, Change};
use super::forms;
use super::jobs;
use super::lists;
use super::memory::{Asked, Memory, Since, Stage};
use super::mutant::{Aim, Mutant};
use super::operator::{Operator, Operator as O, Site};
use super::wire::{Answer, Said};

/// One mutant at work.
pub struct Tamper {
    mutant: Mutant,
    schemas: Schemas,
    memory: Memory,
    asked: Option<Asked>,
    changed: Change,
}

impl Tamper {
    pub fn new(mutant: Mutant, schemas: Schemas) -> Self {
        Self { mutant, schemas, memory: Memory::default(), asked: None, changed: Change::None }
    }

    /// Whether an answer was changed that a verdict could rest on.
    pub fn changed(&self) -> Change {
        self.changed
    }

    /// Another case begins.
    pub fn begin_case(&mut self) {
        self.memory.begin_case();
    }

    /// The harness is about to ask this; nothing if it asks somebody else.
    pub fn is_asked(&mut self, asked: Option<Asked>) {
        self.asked = asked;
    }

    /// The answer as the harness gets it.
    pub fn answer(&mut self, answer: Answer) -> Answer {
        let Some(asked) = self.asked.take() else { return answer };
        let concerned = self.site(&asked, &answer) == Some(self.mutant.site);
        let other = if concerned { self.mutated(&asked, &answer) } else { None };
        self.remember(&asked, &answer);
        let other = other.filter(|other| *other != answer);
        if concerned && asked.stage == Stage::Step && (other.is_some() || self.mutant.operator == Operator::Untouched) {
            self.changed = Change::Made;
        }
        other.unwrap_or(answer)
    }

    fn operation(&self) -> &Operation {
        &self.mutant.suite.operations[self.mutant.operation.as_str()]
    }

    /// What an answer is to the mutant; nothing if it does not concern it.
    fn site(&self, asked: &Asked, answer: &Answer) -> Option<Site> {
        if asked.operation == self.mutant.operation {
            let suite = &self.mutant.suite;
            let refused = answer.is_refused(suite, &asked.operation);
            return if answer.is_accepted() { Some(Site::Answer) } else { refused.then_some(Site::Refusal) };
        }
        self.job(asked).filter(|_| answer.is_accepted()).map(|_| Site::Job)
    }

    /// The job of the operation that is asked about.
    fn job(&self, asked: &Asked) -> Option<String> {
        let jobs = self.jobs().filter(|jobs| jobs.poll.0 == asked.operation)?;
        let id = plain(asked.argument(&jobs.parameter)?);
        self.memory.jobs.contains_key(&id).then_some(id)
    }

    fn jobs(&self) -> Option<&Jobs> {
        self.mutant.suite.jobs.as_ref()
    }

    /// Reads an answer as what it is to the mutant.
    fn read(&self, answer: &Answer) -> Option<Said> {
        let (suite, operation) = (&self.mutant.suite, self.mutant.operation.as_str());
        let shape = match (self.mutant.site, self.jobs()) {
            (Site::Job, Some(jobs)) => {
                let shape = self.schemas.shape(&suite.answer_schema(&jobs.poll.0));
                let result = self.schemas.shape(&suite.result_schema(operation));
                match &jobs.result {
                    Some(field) => shape.with_property(field, result),
                    None => shape,
                }
            }
            (Site::Refusal, _) => self.schemas.shape(&suite.refusal_schema()),
            _ => self.schemas.shape(&suite.answer_schema(operation)),
        };
        Said::read(&answer.body, suite, &shape)
    }

    /// The answer, changed; nothing if there is nothing to change in it.
    fn mutated(&self, asked: &Asked, answer: &Answer) -> Option<Answer> {
        let same_but = |body: Vec<u8>| Answer { body, ..answer.clone() };
        match self.mutant.operator {
            O::Failed | O::Refused | O::OtherSuccess | O::RefusalFailed | O::Accepted => {
                forms::outcome(self.mutant.operator, self.operation(), asked, answer, &self.memory)
            }
            O::OtherContentType | O::NotUtf8 | O::Utf16 | O::Truncated | O::Emptied | O::Trailing | O::Reformatted => {
                forms::text(self.mutant.operator, answer)
            }
            // Read and written again, XML would lose its blank elements.
            O::NewField if forms::encoding_of(&answer.body) == Encoding::Xml => forms::text(O::NewField, answer),
            O::Stale => {
                let (before, since) = self.memory.reads.get(&(asked.key(), asked.account.clone()))?;
                (*since == Since::Written).then(|| before.clone())
            }
            O::OtherAccount => {
                let known = self.memory.accounts.get(&asked.key())?;
                let mut others =
                    known.iter().filter(|(account, other)| **account != asked.account && other.body != answer.body);
                others.next().map(|(_, other)| other.clone())
            }
            O::PastEndRepeated | O::FilterIgnored => {
                lists::replaced(&self.mutant, asked, &self.read(answer)?, &self.memory)
            }
            _ => {
                let mut said = self.read(answer)?;
                (self.changed_value(asked, &mut said) == Change::Made).then(|| same_but(said.write()))
            }
        }
    }

    fn changed_value(&self, asked: &Asked, said: &mut Said) -> Change {
        match (self.mutant.operator, &self.mutant.aim) {
            (O::OtherEnvelope | O::NoEnvelope | O::NewEnvelope | O::OtherFormat | O::NewField, _) => {
                forms::said(self.mutant.operator, said)
            }
            (O::EchoChanged, Aim::Way(way)) => {
                let job = self.job(asked).and_then(|id| self.memory.jobs.get(&id));
                change::echo(&mut said.value, way, job.unwrap_or(&asked.arguments))
            }
            (O::OtherId, Aim::Way(way)) => change::id(&mut said.value, way),
            (operator, Aim::Field(field)) => change::field(&mut said.value, field, operator, said.encoding),
            (operator, _) => match (self.mutant.site, self.jobs()) {
                (Site::Job, Some(jobs)) => {
                    let Some(id) = self.job(asked) else { return Change::None };
                    jobs::changed(operator, jobs, &id, &mut said.value, &self.memory)
                }
                _ => lists::changed(&self.mutant, asked, &mut said.value, &self.memory),
            },
        }
    }

    /// Keeps what later answers are mutated by.
    fn remember(&mut self, asked: &Asked, answer: &Answer) {
        if !answer.is_accepted() {
            return;
        }
        let known = self.mutant.suite.operations.get(asked.operation.as_str());
        if known.is_some_and(|known| known.effect != Effect::Reads) {
            self.memory.written();
        }
        if let Some(id) = self.job(asked) {
            self.remember_job(id, answer);
        }
        if asked.operation != self.mutant.operation {
            return;
        }
        let said = self.read(answer);
        self.memory.accepted.insert(asked.format, answer.clone());
        let key = asked.key();
        let fresh = (answer.clone(), Since::Nothing);
        self.memory.reads.entry((key.clone(), asked.account.clone())).or_insert(fresh);
        self.memory.accounts.entry(key).or_default().insert(asked.account.clone(), answer.clone());
        let Some(said) = said else { return };
        lists::remember(&self.mutant, asked, answer, &said.value, &mut self.memory);
        let job = self.jobs().filter(|_| self.operation().asynchronous).and_then(|jobs| said.value.get(&jobs.id));
        if let Some(id) = job.map(plain) {
            self.memory.jobs.insert(id, asked.arguments.clone());
        }
    }

    fn remember_job(&mut self, id: String, answer: &Answer) {
        let Some((jobs, said)) = self.jobs().cloned().zip(self.read_job(answer)) else { return };
        if let JobState::Ended(end) = job_state(&jobs, &said) {
            self.memory.ended.insert(id);
            self.memory.written();
            if end == assay_engine::scenario::JobEnd::Succeeded {
                self.memory.result = jobs.result.as_ref().and_then(|field| said.get(field)).cloned();
            }
        }
    }

    fn read_job(&self, answer: &Answer) -> Option<Value> {
        let jobs = self.jobs()?;
        let shape = self.schemas.shape(&self.mutant.suite.answer_schema(&jobs.poll.0));
        Said::read(&answer.body, &self.mutant.suite, &shape).map(|said| said.value)
    }
}
