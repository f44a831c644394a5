//! Summaries of runs that never were.

use std::collections::BTreeMap;

use assay_engine::verdict::Verdict;
use assay_report::{
    CaseSummary, Counts, Ending, ExchangeSummary, FindingSummary, Gap, OperationCoverage, Promise, RequirementCoverage,
    RequirementStanding, RunInfo, ServiceInfo, SuiteCoverage, SuiteSummary, Summary, Undecided,
};
use assay_suite::http::Certificates;
use assay_suite::http::{Exchange, Failure, FailureKind, Method, Request, Response, Sent, Timing};
use assay_suite::{Basis, RequirementId};

pub fn id(id: &str) -> RequirementId {
    RequirementId(id.to_owned())
}

pub fn promise(name: &str, text: &str, source: &str) -> Promise {
    let place = Some("suites/cloudn/requirements.yaml:31:3".to_owned());
    Promise { id: id(name), text: text.to_owned(), source: source.to_owned(), place }
}

pub fn exchange(part: &str, url: &str, outcome: Result<(u16, &str), &str>) -> ExchangeSummary {
    let outcome = match outcome {
        Ok((status, body)) => Ok(Response {
            status,
            headers: vec![("content-type".to_owned(), "text/javascript;charset=UTF-8".to_owned())],
            body: body.to_owned(),
            lossy: false,
        }),
        Err(message) => Err(Failure { kind: FailureKind::Deadline, message: message.to_owned() }),
    };
    let request = Request {
        method: Method::Get,
        url: url.to_owned(),
        headers: vec![("accept".to_owned(), "*/*".to_owned())],
        body: None,
    };
    let timing = Timing { sent_us: 1_200_000, took_us: 12_400 };
    ExchangeSummary {
        part: part.to_owned(),
        exchange: Exchange { request, outcome, timing, sent: Sent::Once },
        curl: format!("curl --globoff --header 'accept: */*' '{url}'"),
    }
}

/// A case of a suite; what it is called and how its name ends.
pub fn case(suite: &str, scenario: &str, rest: &str, verdict: Verdict) -> CaseSummary {
    let slug: String =
        scenario.chars().map(|character| if character.is_alphanumeric() { character } else { '-' }).collect();
    let format = rest.rsplit("::").next().unwrap_or("json").to_owned();
    CaseSummary {
        name: format!("{suite}::lists::{slug}::{rest}"),
        suite: suite.to_owned(),
        scenario: scenario.to_owned(),
        operation: None,
        format,
        place: "scenarios/common/lists.yaml:31:11".to_owned(),
        verdict,
        reason: None,
        verifies: vec![id("CN-031"), id("CN-032")],
        took_s: 0.0123,
        steps_run: 1,
        exchange_count: 1,
        findings: Vec::new(),
        notices: Vec::new(),
        exchanges: Vec::new(),
    }
}

pub fn finding(verdict: Verdict, expected: &str, observed: &str, promises: Vec<Promise>) -> FindingSummary {
    FindingSummary {
        verdict,
        expected: expected.to_owned(),
        observed: observed.to_owned(),
        place: "scenarios/common/lists.yaml:38:7".to_owned(),
        promises,
        exchange: Some(0),
    }
}

/// A requirement of a suite, with the number of cases that verify it; `None` when no request can decide it.
pub fn requirement(name: &str, text: &str, source: &str, cases: Option<usize>) -> RequirementCoverage {
    let standing = match cases {
        None => RequirementStanding::Untestable,
        Some(0) => RequirementStanding::Open,
        Some(_) => RequirementStanding::Verified,
    };
    RequirementCoverage {
        id: id(name),
        text: text.to_owned(),
        source: source.to_owned(),
        basis: Basis::Documented,
        standing,
        reason: cases
            .is_none()
            .then(|| "The operator's own address; a target says where its deployment is.".to_owned()),
        gap: (standing == RequirementStanding::Open).then_some(Gap::NoCase),
        cases: vec!["a case".to_owned(); cases.unwrap_or_default()],
        planned: cases.unwrap_or_default(),
        profiles: Vec::new(),
    }
}

/// Counts whatever the cases came to.
pub fn summary(cases: Vec<CaseSummary>, suites: Vec<SuiteSummary>) -> Summary {
    Summary {
        run: RunInfo {
            id: "6f1c2a34-5b1e-4f7e-9a53-0c8f3f4b1d20".to_owned(),
            assay: "0.1.0".to_owned(),
            started: "2025-03-04 05:06:07 UTC".to_owned(),
            took_s: 83.4,
            target: "staging".to_owned(),
            server: Some("cloudstack-4.1".to_owned()),
            services: suites
                .iter()
                .map(|suite| ServiceInfo {
                    suite: suite.name.clone(),
                    url: format!("https://{}.cloud.example/client/api", suite.name),
                })
                .collect(),
            certificates: Certificates::Verified,
            ending: Ending::Completed,
            repeat: vec!["--target".to_owned(), "staging.yaml".to_owned()],
        },
        verdict: cases.iter().map(|case| case.verdict).max().unwrap_or(Verdict::Skipped),
        counts: cases.iter().map(|case| case.verdict).collect(),
        suites,
        cases,
        left_over: Vec::new(),
        unproven: Vec::new(),
        gates: Vec::new(),
        undecided: Undecided::Counts,
    }
}

/// A suite with two operations, the requirements given, and the verdicts of its cases.
pub fn suite(name: &str, requirements: Vec<RequirementCoverage>, cases: &[CaseSummary]) -> SuiteSummary {
    let count = |standing| requirements.iter().filter(|requirement| requirement.standing == standing).count();
    let counts: Counts = cases.iter().filter(|case| case.suite == name).map(|case| case.verdict).collect();
    let operation = |operation: &str, group: &str, cases: usize| OperationCoverage {
        operation: operation.to_owned(),
        group: group.to_owned(),
        basis: Basis::Documented,
        gap: (cases == 0).then_some(Gap::NoCase),
        cases: vec!["a case".to_owned(); cases],
        planned: cases,
    };
    let verified = requirements.iter().filter(|requirement| requirement.standing == RequirementStanding::Verified);
    SuiteSummary {
        name: name.to_owned(),
        title: format!("The {name} API"),
        document: format!("{name} API Manual, version 1.1"),
        counts: counts.clone(),
        requirements: verified.map(|requirement| (requirement.id.clone(), Verdict::Conforms)).collect(),
        operations: BTreeMap::from([("listZones".to_owned(), counts)]),
        coverage: SuiteCoverage {
            suite: name.to_owned(),
            verified: count(RequirementStanding::Verified),
            untestable: count(RequirementStanding::Untestable),
            open: count(RequirementStanding::Open),
            open_because: Some((Gap::NoCase, count(RequirementStanding::Open)))
                .into_iter()
                .filter(|(_, count)| *count > 0)
                .collect(),
            operations_tested: 1,
            operations_documented: 2,
            operations_named: 0,
            operations_untested: BTreeMap::from([(Gap::NoCase, 1)]),
            cases: cases.len(),
            requirements,
            operations: vec![operation("listZones", "Zone", cases.len()), operation("extractVolume", "Volume", 0)],
        },
    }
}

/// Everything a hostile server and a careless author could send, wherever it can end up.
/// What acts in every context of a page that forgot to escape it.
pub const EVIL: &str = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\" onmouseover='alert(3)' `|*_[x](javascript:1) \
     <!-- ]]> \u{0}\u{8}\u{1b}[31m\u{7f}\u{9b}\u{202e}\u{2066}\u{200f}\u{feff}\u{2028}\u{fffe}\u{ffff} \
     http://evil.example www.evil.example @somebody #1\r\n| a | b |\n# heading\n";

/// A run of which everything that a server can say is markup, and some of it long.
pub fn hostile() -> Summary {
    let long = format!("{{\"a\":\"{}\"}}", EVIL.repeat(1024 * 1024 / EVIL.len()).replace(['"', '\n', '\r'], ""));
    let mut summary = told_as(EVIL);
    let case = &mut summary.cases[0];
    case.notices.push(long.clone());
    let promises = vec![promise("CN-031", EVIL, EVIL)];
    case.findings.push(finding(Verdict::Violates, &long, &long, promises));
    case.exchanges.insert(1, exchange("step 2", &format!("https://cloud.example/?{long}"), Ok((200, &long))));
    summary
}

/// A run in which each text of others is this one.
pub fn told_as(evil: &str) -> Summary {
    let mut case = case("cloudn", evil, "listZones::json", Verdict::Violates);
    case.name = format!("cloudn::{evil}");
    evil.clone_into(&mut case.place);
    case.reason = Some(evil.to_owned());
    case.notices = vec![evil.to_owned()];
    case.findings = vec![finding(Verdict::Violates, evil, evil, vec![promise("CN-031", evil, evil)])];
    evil.clone_into(&mut case.findings[0].place);
    case.exchanges = vec![
        exchange(evil, &format!("https://cloud.example/{evil}?a={evil}&b={evil}"), Ok((200, evil))),
        exchange("step 3", evil, Err(evil)),
    ];
    let first = &mut case.exchanges[0].exchange;
    first.request.headers = vec![(evil.to_owned(), evil.to_owned())];
    first.request.body = Some(evil.to_owned());
    if let Ok(response) = &mut first.outcome {
        response.headers = vec![("content-type".to_owned(), evil.to_owned()), (evil.to_owned(), evil.to_owned())];
    }
    let requirements = vec![requirement("CN-031", evil, evil, Some(1)), requirement("CN-032", evil, evil, None)];
    let cases = vec![case];
    let mut suite = suite("cloudn", requirements, &cases);
    evil.clone_into(&mut suite.title);
    evil.clone_into(&mut suite.document);
    let mut summary = summary(cases, vec![suite]);
    evil.clone_into(&mut summary.run.target);
    summary.run.server = Some(evil.to_owned());
    summary.run.repeat = vec![evil.to_owned()];
    evil.clone_into(&mut summary.run.services[0].url);
    summary.left_over = vec![(evil.to_owned(), evil.to_owned())];
    summary
}
