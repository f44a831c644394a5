//! The ESM API: capacities, logs, alarms and metrics of a data centre, all of it made up, and query jobs.
//!
//! What an operation lists is data (`tables`): its rows are written once, when the cloud starts, and a request takes a page
//! of them. Parameters are held against what the suite documents, by `rest`.

mod accounts;
mod column;
mod gate;
mod metering;
mod refusal;
mod table;
mod tables;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use serde_json::json;

use assay_suite::source::Diagnostics;
use assay_suite::{Operation, Suite};

use super::api::{Api, Incoming, Outgoing};
use super::fault::Fault;
use super::inventory::Held;
use super::opening::{Opened, Opening};
use super::rest::{self, Misfit, Routed, Routes};
use super::settings::Latency;
use super::world::Rules;

use accounts::Accounts;
use metering::Metering;
use refusal::ApiError;
use table::{Choice, Count, Effect, Table};
use tables::Tables;

/// So many records are answered where `page_size` is optional and left out. The document has no number for these; it is
/// that of the others (4.1.13).
const PAGE_SIZE: i64 = 500;

/// A screen that every role may see, and one that none may (4.1.1).
const SHARE: &str = "screen-1";
const FOREIGN_SHARE: &str = "screen-2";

/// The type of every answer, spelled as in the samples.
const JSON: &str = "application/json;charset=UTF8";

/// The answer of which the document shows headers only.
const NOTHING: Outgoing = Outgoing { status: 200, content_type: JSON, headers: Vec::new(), body: String::new() };

/// The API, and its state.
struct Esm {
    routes: Routes,
    rules: Rules,
    tables: HashMap<String, Table>,
    metering: Metering,
    /// How many answers were given, where that is counted.
    answers: AtomicUsize,
}

/// Opens the API of the suite.
pub fn open(suite: &Arc<Suite>, opening: &Opening<'_>) -> Opened {
    let rules = opening.rules.clone();
    let changed = opening.settings.mutant.and_then(|mutant| mutant.tables);
    let changed = changed.map(|document| Tables::of(document, &mut Diagnostics::new()));
    let known = changed.as_ref().unwrap_or_else(|| Tables::embedded());
    let tables = known.plans.iter().map(|plan| (plan.operation.clone(), Table::new(plan, &rules.faults)));
    let api = Esm {
        routes: Routes::new(Arc::clone(suite)),
        tables: tables.collect(),
        metering: Metering::default(),
        answers: AtomicUsize::new(0),
        rules: rules.clone(),
    };
    let moment = |row| (column::moment(row)).to_string();
    let day = |number: i64| metering::FIRST_DAY.saturating_add(number.days()).to_string();
    let variables = [
        ("begin_time", moment(0)),
        // Between two rows, about in the middle.
        ("middle_time", (column::moment(30) + 1).to_string()),
        ("end_time", moment(100)),
        ("share", SHARE.to_owned()),
        ("foreign_share", FOREIGN_SHARE.to_owned()),
        ("host", known.first("hosts").to_owned()),
        ("serial", known.first("serials").to_owned()),
        ("vm", known.first("machines").to_owned()),
        ("device_ip", known.first("devices").to_owned()),
        ("domain", Accounts::embedded().domain().to_owned()),
        ("region", known.first("region").to_owned()),
        ("sdr_day", day(4)),
        ("sdr_next_day", day(5)),
    ];
    Opened {
        api: Arc::new(api),
        path: "",
        accounts: Accounts::embedded().credentials(),
        variables: variables.map(|(name, value)| (name.to_owned(), value)).into(),
        further: None,
    }
}

impl Api for Esm {
    fn inventory(&self, _now: Timestamp) -> Vec<Held> {
        self.metering.ids().map(|id| Held::new("query job", &id, "")).collect()
    }

    fn answer(&self, request: &Incoming, now: Timestamp) -> Outgoing {
        let routed = self.routes.find(request).map_err(|misfit| self.missed(misfit));
        let name = routed.as_ref().map_or("", |routed| routed.operation.name.value.0.as_str());
        let answer = match &routed {
            Ok(routed) => self.carry_out(routed, request, now),
            Err(refusal) => Err(refusal.clone()),
        };
        let answer = answer.unwrap_or_else(|refusal| self.refuse(name, &refusal));
        let content_type = match name {
            "capacity-vpn" if self.rules.faults.has(Fault::EsmPlainText) => "text/plain",
            "tenant-resource-ecs" if self.rules.faults.has(Fault::EsmCharsetForgotten) => "application/json",
            _ => JSON,
        };
        Outgoing { content_type, ..answer }
    }

    fn latency(&self, request: &Incoming) -> Latency {
        let slow = |fault| self.rules.faults.has(fault);
        if !slow(Fault::EsmMedianSlow) && !slow(Fault::EsmTailSlow) {
            return Latency::None;
        }
        let routed = self.routes.find(request).ok();
        let promised = routed.and_then(|routed| routed.operation.service_level.as_ref());
        // A level names the median first, and the rarest quantile last.
        let Some([(_, median), .., (_, tail)]) = promised.map(|level| level.quantiles.as_slice()) else {
            return Latency::None;
        };
        let slow_median = if slow(Fault::EsmMedianSlow) { (*median + *tail) / 2 } else { Duration::ZERO };
        let slow_tail = if slow(Fault::EsmTailSlow) { *tail * 2 } else { Duration::ZERO };
        Latency::Weighted(vec![(8, slow_median), (1, slow_tail), (1, Duration::ZERO)])
    }
}

impl Esm {
    /// Whether a fault concerns an operation.
    fn broken(&self, fault: Fault, name: &str, only: &str) -> bool {
        name == only && self.rules.faults.has(fault)
    }

    fn missed(&self, misfit: Misfit) -> ApiError {
        match misfit {
            Misfit::NoPath if self.rules.faults.has(Fault::EsmUnknownInterfaceBadRequest) => {
                ApiError::parameter("there is no such interface")
            }
            misfit => misfit.into(),
        }
    }

    fn refuse(&self, name: &str, refusal: &ApiError) -> Outgoing {
        if self.broken(Fault::EsmErrorBodyOther, name, "device-alarm") {
            return Outgoing::json(refusal.status, &json!({"code": refusal.status, "message": refusal.text}));
        }
        refusal.answer()
    }

    fn carry_out(&self, routed: &Routed<'_>, request: &Incoming, now: Timestamp) -> Result<Outgoing, ApiError> {
        let name = routed.operation.name.value.0.as_str();
        gate::pass(routed.operation, request, &self.rules)?;
        if let Err(misfit) = rest::check(routed)
            && !self.overlooked(routed, &misfit)
        {
            let mut refusal = ApiError::from(misfit);
            if self.broken(Fault::EsmParameterErrorUnprocessable, name, "host-metricdata") {
                refusal.status = 422;
            }
            if self.broken(Fault::EsmParameterErrorInternal, name, "host-detail") {
                refusal.status = 500;
            }
            return Err(refusal);
        }
        let body = match name {
            "screen-data-query" => return self.screen(routed),
            "create-query-job" => {
                let format = request.header("content-type").unwrap_or_default();
                let other = !format.starts_with("application/json");
                if other && !self.rules.faults.has(Fault::EsmContentTypeNotChecked) {
                    return Err(ApiError { status: 415, text: "the body is not announced as JSON".to_owned() });
                }
                let status = if self.rules.faults.has(Fault::EsmCreatedOk) { 200 } else { 201 };
                return Ok(Outgoing::json(status, &self.metering.create(routed, now, &self.rules)?));
            }
            "get-query-job" => self.metering.follow(routed, now, &self.rules)?,
            "get-query-job-sdr" => self.metering.records(routed, now, &self.rules)?,
            _ => match self.tables.get(name) {
                Some(table) => return Ok(self.list(table, routed)),
                // What these answer is not documented, but for headers (4.1.10).
                None => return Ok(NOTHING),
            },
        };
        Ok(Outgoing::json(200, &body))
    }

    /// What is wrong with a request and not refused on purpose.
    fn overlooked(&self, routed: &Routed<'_>, misfit: &Misfit) -> bool {
        let (parameter, why) = match misfit {
            // Who may ask is the gate's to say.
            Misfit::Missing(parameter) => return is_credential(routed.operation, parameter),
            Misfit::Wrong(parameter, why) => (parameter, why),
            _ => return false,
        };
        Accounts::embedded().overlooked.iter().any(|known| {
            *parameter == known.parameter
                && why.starts_with(&known.begins)
                && self.broken(known.fault, &routed.operation.name.value.0, &known.operation)
        })
    }

    fn screen(&self, routed: &Routed<'_>) -> Result<Outgoing, ApiError> {
        let share = routed.text("share_id").unwrap_or_default();
        match share.as_str() {
            SHARE => Ok(NOTHING),
            FOREIGN_SHARE if self.rules.faults.has(Fault::EsmScreenAsksForToken) => {
                Err(ApiError::unauthorized("a token is missing".to_owned()))
            }
            FOREIGN_SHARE => Err(ApiError::forbidden("the address is not authorized")),
            _ => Err(ApiError::not_found("there is no such screen")),
        }
    }

    fn list(&self, table: &Table, routed: &Routed<'_>) -> Outgoing {
        let broken = |effect: &Effect| {
            table.plan().faults.iter().any(|(fault, known)| known == effect && self.rules.faults.has(*fault))
        };
        let counts = |parameter: &str| !broken(&Effect::Ignore(parameter.to_owned()));
        // Requests are compared as text: every value that narrows a list is one.
        let facets = table.plan().facets.iter().filter_map(|(name, _)| Some((name.as_str(), routed.text(name)?)));
        let number = |name: &str| routed.whole_number(name).filter(|_| counts(name));
        let length = |number: i64| usize::try_from(number).unwrap_or_default();
        let choice = Choice {
            begin: number("begin_time").unwrap_or(i64::MIN),
            end: number("end_time").unwrap_or(i64::MAX),
            facets: facets.filter(|(name, _)| counts(name)).collect(),
            offset: length(number("offset_value").unwrap_or_default()),
            size: match counts("page_size") {
                true => length(routed.whole_number("page_size").unwrap_or(PAGE_SIZE)),
                false => usize::MAX,
            },
        };
        let count = if broken(&Effect::TotalOfPage) {
            Count::Page
        } else if broken(&Effect::TotalDrifts) {
            Count::AllAnd(self.answers.fetch_add(1, Ordering::Relaxed) + 1)
        } else {
            Count::All
        };
        let other = table.plan().faults.iter().find_map(|(fault, effect)| match effect {
            Effect::RowsOf(other) if self.rules.faults.has(*fault) => self.tables.get(other),
            _ => None,
        });
        let body = other.unwrap_or(table).answer(&choice, count);
        Outgoing { status: 200, content_type: JSON, headers: Vec::new(), body }
    }
}

fn is_credential(operation: &Operation, parameter: &str) -> bool {
    operation.parameters.get(parameter).is_some_and(|parameter| parameter.credential.is_some())
}
