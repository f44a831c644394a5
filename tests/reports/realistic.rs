//! A run as it may well be: most cases conform, six speak against the deployment, each in its own way.

use assay_engine::verdict::Verdict;
use assay_report::{CaseSummary, Summary};

use super::builder::{case, exchange, finding, id, promise, requirement, suite, summary};

const URL: &str = "https://cloudn.cloud.example/client/api?command=";
const SIGNED: &str = "&response=json&apikey=[redacted]&signature=[redacted]";

fn url(command: &str) -> String {
    format!("{URL}{command}{SIGNED}")
}

/// A run of two suites, about 600 cases.
pub fn realistic() -> Summary {
    let mut cases = vec![unpaired(), password(), unreachable(), undecided(), stale()];
    cases.extend((0..9).map(skipped));
    let operations = ["listZones", "listVolumes", "listVirtualMachines", "deployVirtualMachine", "createSecurityGroup"];
    let scenarios =
        ["a defective signature is refused", "an unknown operation is refused", "both formats say the same"];
    for operation in operations {
        for scenario in scenarios {
            for variation in 0..18 {
                for format in ["json", "xml"] {
                    let rest = format!("{operation}.variation-{variation}::{format}");
                    cases.push(case("cloudn", scenario, &rest, Verdict::Conforms));
                }
            }
        }
    }
    for index in 0..40 {
        cases.push(case("esm", "host metrics are complete", &format!("host-{index}::json"), Verdict::Conforms));
    }
    cases.iter_mut().skip(20).step_by(7).for_each(|case| {
        case.notices
            .push("the answer has fields that the document does not name: displayvm, isdynamicallyscalable".to_owned());
    });
    let mut known = case("cloudn", "an expired request is refused", "listZones::json", Verdict::DeviatesAsKnown);
    known.reason = Some("cloudstack-4.1 answers 401 with code 432 since 4.0".to_owned());
    cases.insert(6, known);
    let suites = vec![suite("cloudn", requirements(), &cases), suite("esm", Vec::new(), &cases)];
    let mut summary = summary(cases, suites);
    summary.suites[0].requirements.insert(id("CN-031"), Verdict::Violates);
    "NTT Communications Cloudn Compute (FLAT type) API".clone_into(&mut summary.suites[0].title);
    "Compute (FLAT type) API Manual, version 1.1".clone_into(&mut summary.suites[0].document);
    summary.left_over = vec![(
        summary.cases[1].name.clone(),
        "virtual machine 5f2c1d77-9a0e-4b51-8c59-d1d63cb34af1: destroyVirtualMachine was refused (status 531)"
            .to_owned(),
    )];
    summary
}

fn requirements() -> Vec<assay_report::RequirementCoverage> {
    let mut requirements = vec![
        requirement(
            "CN-001",
            "Native requests go to https://comp-api.jp-e1.cloudn-service.com/client/api.",
            "1-2) Shared Information",
            None,
        ),
        requirement("CN-031", "page and pagesize must be given together.", "1-3) to 1-10)", Some(41)),
        requirement("CN-032", "pagesize is at most 500.", "1-3) to 1-10)", Some(12)),
        requirement(
            "CN-071",
            "deployVirtualMachine answers at once with id and jobid.",
            "1-4) Virtual Machine",
            Some(2),
        ),
        requirement(
            "CN-118",
            "The new password is only told by the job of resetPasswordForVirtualMachine.",
            "1-4-6)",
            Some(1),
        ),
        requirement(
            "CN-140",
            "A template that is extracted stays available for download for a day.",
            "1-8-7)",
            Some(0),
        ),
    ];
    requirements.extend((200..240).map(|number| {
        requirement(
            &format!("CN-{number}"),
            "Each answer holds the fields of its response table and no others.",
            "1-9)",
            Some(3),
        )
    }));
    requirements
}

fn unpaired() -> CaseSummary {
    let mut case = case("cloudn", "page without pagesize is refused", "listVirtualMachines::json", Verdict::Violates);
    let body = r#"{"listvirtualmachinesresponse":{"count":2,"virtualmachine":[{"id":"5f2c1d77","name":"web-1","state":"Running","nic":[{"ipaddress":"10.0.0.4","isdefault":true}]},{"id":"0be6a9c1","name":"web-2","state":"Stopped","nic":[]}]}}"#;
    case.exchanges = vec![
        exchange(
            "step 1",
            &url("listZones"),
            Ok((200, r#"{"listzonesresponse":{"count":1,"zone":[{"id":"1","name":"jp-e1"}]}}"#)),
        ),
        exchange("step 2", &url("listVirtualMachines&page=1"), Ok((200, body))),
    ];
    let mut finding = finding(
        Verdict::Violates,
        "status 431",
        "status 200",
        vec![promise("CN-031", "page and pagesize must be given together.", "1-3) to 1-10), Request Parameters")],
    );
    finding.exchange = Some(1);
    case.findings = vec![finding];
    case
}

fn password() -> CaseSummary {
    let mut case = case("cloudn", "a virtual machine is deployed, found and destroyed", "xml", Verdict::Violates);
    case.took_s = 12.8;
    let xml = "<?xml version=\"1.0\"?><deployvirtualmachineresponse cloud-stack-version=\"4.1\"><id>5f2c1d77</id></deployvirtualmachineresponse>";
    case.exchanges = vec![exchange(
        "step 1",
        &url("deployVirtualMachine&zoneid=1&templateid=7&serviceofferingid=3"),
        Ok((200, xml)),
    )];
    case.exchanges.extend((0..4).map(|_| {
        exchange(
            "step 2",
            &url("queryAsyncJobResult&jobid=81"),
            Ok((200, r#"{"queryasyncjobresultresponse":{"jobstatus":0}}"#)),
        )
    }));
    let promises = vec![
        promise("CN-071", "deployVirtualMachine answers at once with id and jobid.", "1-4) Virtual Machine"),
        promise(
            "CN-012",
            "An asynchronous command answers at once with a container holding jobid.",
            "1-2) Shared Information, Common Responses",
        ),
    ];
    case.findings = vec![
        finding(
            Verdict::Violates,
            "an answer that fits schemas/cloudn/deployVirtualMachine.json",
            "at $: \"jobid\" is a required property",
            promises.clone(),
        ),
        finding(Verdict::Violates, "$.jobid exists", "no node at $.jobid in {\"id\":\"5f2c1d77\"}", promises),
    ];
    case
}

fn unreachable() -> CaseSummary {
    let mut case = case("cloudn", "a snapshot is taken", "json", Verdict::CouldNotRun);
    case.took_s = 30.0;
    case.reason = Some("step 3 had no answer; the steps after it were not run".to_owned());
    case.exchanges = vec![exchange("step 3", &url("createSnapshot&volumeid=12"), Err("no whole answer within 30 s"))];
    case.findings = vec![finding(
        Verdict::CouldNotRun,
        "an answer",
        "no whole answer before the deadline: no whole answer within 30 s",
        vec![promise("CN-150", "createSnapshot takes a snapshot of a volume.", "1-7-1)")],
    )];
    case
}

fn undecided() -> CaseSummary {
    let mut case = case("cloudn", "pages add up to the whole list", "listVolumes::json", Verdict::Inconclusive);
    case.exchanges =
        vec![exchange("step 1", &url("listVolumes&page=1&pagesize=2"), Ok((200, r#"{"listvolumesresponse":{}}"#)))];
    case.findings = vec![finding(
        Verdict::Inconclusive,
        "more items than fit on a page of 2",
        "a list of 0 items",
        vec![promise(
            "CN-033",
            "page counts from 1, and each page holds pagesize items but the last.",
            "1-3) to 1-10)",
        )],
    )];
    case
}

fn stale() -> CaseSummary {
    let mut case = case("cloudn", "an unknown parameter is ignored", "listZones::xml", Verdict::StaleDeviation);
    case.reason = Some("suites/cloudn/deviations/cloudstack-4.1.yaml:12:3 says that the server refuses it".to_owned());
    case
}

fn skipped(index: usize) -> CaseSummary {
    let mut case = case("cloudn", "a volume is uploaded", &format!("variation-{index}::json"), Verdict::Skipped);
    case.reason = Some("the target does not allow creates".to_owned());
    (case.steps_run, case.took_s, case.exchange_count) = (0, 0.0, 0);
    case
}
