//! What a CloudStack 4.1 management server answered, and other servers may answer as well: what it says of the server, and what it
//! leaves open.

use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::run::Place;
use super::through::{Cloud, Passing};

/// Requests that have this in their address are answered so.
struct Recorded {
    asked: &'static [&'static str],
    status: u16,
    answer: &'static str,
    /// The cases that ask for it, and what they come to.
    cases: &'static str,
    verdict: &'static str,
    /// What the first finding says, if there is one.
    observed: &'static str,
}

const RECORDED: [Recorded; 8] = [
    // There is no usage yet: neither a record nor a count.
    Recorded {
        asked: &["command=listUsageRecords"],
        status: 200,
        answer: r#"{ "listusagerecordsresponse" : { } }"#,
        cases: "usage-records-are-listed-with-their-number::json",
        verdict: "inconclusive",
        observed: "lists nothing",
    },
    Recorded {
        asked: &["command=listUsageRecords"],
        status: 200,
        answer: r#"{ "listusagerecordsresponse" : { } }"#,
        cases: "a-record-shows-the-type-that-was-asked-for-and-the-domain-of-its-account::json",
        verdict: "inconclusive",
        observed: "lists nothing",
    },
    // Nothing of this kind has the tag.
    Recorded {
        asked: &["command=listIsos", "tags"],
        status: 200,
        answer: r#"{ "listisosresponse" : { } }"#,
        cases: "a-list-narrowed-to-a-tag-has-what-bears-it-and-shows-it::listIsos::json",
        verdict: "inconclusive",
        observed: "is undefined here",
    },
    // A value that is refused for what it is says nothing of signatures; one whose signature is refused does.
    Recorded {
        asked: &["keyword=%E6"],
        status: 431,
        answer: r#"{ "listzonesresponse" : {"uuidList":[],"errorcode":431,"cserrorcode":9999,"errortext":"Received value for parameter keyword is invalid, contains illegal ASCII non-printable characters"} }"#,
        cases: "a-value-outside-of-ascii-is-signed-alike-on-both-sides::listZones::json",
        verdict: "conforms",
        observed: "",
    },
    Recorded {
        asked: &["keyword=%E6"],
        status: 401,
        answer: r#"{ "listzonesresponse" : {"uuidList":[],"errorcode":401,"errortext":"unable to verify user credentials and/or request signature"} }"#,
        cases: "a-value-outside-of-ascii-is-signed-alike-on-both-sides::listZones::json",
        verdict: "violates",
        observed: "401",
    },
    // A zone without secondary storage can't be reached, whatever is asked for.
    Recorded {
        asked: &["command=listDiskOfferings"],
        status: 534,
        answer: r#"{ "listdiskofferingsresponse" : {"uuidList":[],"errorcode":534,"errortext":"Resource [DataCenter:3] is unreachable: Unable to find secondary storage"} }"#,
        cases: "a-list-without-parameters-answers-as-documented::listDiskOfferings::json",
        verdict: "inconclusive",
        observed: "lacks what this needs",
    },
    Recorded {
        asked: &["command=queryAsyncJobResult"],
        status: 200,
        answer: r#"{ "queryasyncjobresultresponse" : {"jobid":"ee3ef9cf-4c57-4ba2-8a0b-0e4f1c8c8f9d","jobstatus":2,"jobprocstatus":0,"jobresultcode":530,"jobresulttype":"object","jobresult":{"errorcode":533,"errortext":"Unable to find a storage pool for the volume"}} }"#,
        cases: "an-asynchronous-operation-answers-at-once-with-a-job-which-succeeds::createVolume::json",
        verdict: "inconclusive",
        observed: "lacks what this needs",
    },
    // A template shows no settings.
    Recorded {
        asked: &["command=registerTemplate", "typematic"],
        status: 200,
        answer: r#"{ "registertemplateresponse" : { "count":1 ,"template" : [  {"id":"a8c8bdad-ae73-41b4-b4af-d1a2e0b72023","name":"of nobody","isready":false,"tags":[]} ] } }"#,
        cases: "a-template-takes-the-delay-of-repeated-keys::json",
        verdict: "inconclusive",
        observed: "",
    },
];

/// The one case of a run against a cloud whose answers are replaced.
fn tested(cloud: &Cloud, recorded: &'static Recorded) -> Value {
    let replace = move |_: &str, passing: &mut Passing| {
        if recorded.asked.iter().all(|asked| passing.address.contains(asked)) {
            passing.status = recorded.status;
            passing.answer = recorded.answer.as_bytes().to_vec();
        }
    };
    let place = Place::new();
    place.write("target.yaml", &cloud.behind(replace));
    let arguments = ["--quiet", "--suite", "cloudstack", "--target", "target.yaml", "--output", "run"];
    let run = place.run(&[&["test"], &arguments[..], &["--report", "json=report.json", recorded.cases]].concat());
    let report = place.json("report.json");
    assert_eq!(report["cases"].as_array().unwrap().len(), 1, "{}", run.printed);
    report["cases"][0].clone()
}

#[test]
fn an_answer_of_a_real_server_says_no_more_than_it_says() {
    let place = Place::new();
    let cloud = Cloud::start(&place, &[]);
    for recorded in &RECORDED {
        let case = tested(&cloud, recorded);
        let observed = case["findings"][0]["observed"].as_str().unwrap_or_default();
        assert_eq!(case["verdict"], recorded.verdict, "{case:#}");
        assert!(observed.contains(recorded.observed), "{case:#}");
    }
}

/// The server looks for the command before it looks at the signature, and refuses what it does not have in either case.
#[test]
fn a_command_that_is_not_there_is_one_finding_though_it_can_not_be_asked_for_well() {
    let absent = |_: &str, passing: &mut Passing| {
        if passing.address.contains("command=listF5LoadBalancerNetworks")
            || passing.address.contains("command=assayNoSuch")
        {
            passing.status = 432;
            let text = "The given command does not exist or it is not available for user";
            let json =
                format!(r#"{{ "errorresponse" : {{"errorcode":432,"cserrorcode":9999,"errortext":"{text}"}} }}"#);
            let xml = format!("<errorresponse><errorcode>432</errorcode><errortext>{text}</errortext></errorresponse>");
            passing.answer = if passing.address.contains("response=json") { json } else { xml }.into_bytes();
        }
    };
    let place = Place::new();
    let cloud = Cloud::start(&place, &[]);
    // The target names no such device, so no case can ask for its networks as it should.
    let target = cloud.behind(absent);
    let others = target.lines().filter(|line| !line.contains("standing_f5loadbalancer"));
    place.write("target.yaml", &others.map(|line| format!("{line}\n")).collect::<String>());
    let arguments = ["--quiet", "--suite", "cloudstack", "--target", "target.yaml", "--output", "run"];
    place.run(&[&["test"], &arguments[..], &["--report", "json=report.json", "::listF5LoadBalancerNetworks"]].concat());
    let report = place.json("report.json");
    let all = report["cases"].as_array().unwrap();
    let violating: Vec<_> = all.iter().filter(|case| case["verdict"] == "violates").collect();
    assert_eq!(violating.len(), 1, "{}", report["counts"]);
    let found = &violating[0]["findings"][0];
    assert!(found["expected"].as_str().unwrap().contains("the deployment has listF5LoadBalancerNetworks"), "{found}");
}

/// The server takes up what it may not do, and refuses it by the job's end: the disk is still in the machine, and shows with its own
/// state that of the machine.
#[test]
fn a_disk_that_stayed_in_its_machine_when_another_account_took_it_out_is_removed() {
    const JOB: &str = "41441cee-0bc3-43c3-bf1b-0c62262e0996";
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let refuse_later = move |_: &str, passing: &mut Passing| {
        let is = |operation: &str| passing.address.contains(&format!("command={operation}&"));
        let mut seen = seen.lock().unwrap();
        let answer = if is("detachVolume") && !passing.is_accepted() {
            Some(format!(r#"{{ "detachvolumeresponse" : {{"jobid":"{JOB}"}} }}"#))
        } else if passing.address.contains(JOB) {
            let result = r#"{"errorcode":531,"errortext":"does not have permission to operate with resource"}"#;
            let ended = format!(r#""jobid":"{JOB}","jobstatus":2,"jobprocstatus":0,"jobresultcode":530"#);
            Some(format!(
                r#"{{ "queryasyncjobresultresponse" : {{{ended},"jobresulttype":"object","jobresult":{result}}} }}"#
            ))
        } else {
            None
        };
        let changes = ["detachVolume", "destroyVirtualMachine", "deleteVolume"];
        seen.extend(changes.into_iter().find(|change| is(change)).map(|change| (change, passing.is_accepted())));
        if let Some(answer) = answer {
            passing.status = 200;
            passing.answer = answer.into_bytes();
        }
    };
    let place = Place::new();
    let cloud = Cloud::start(&place, &[]);
    place.write("target.yaml", &cloud.behind(refuse_later));
    let case = "what-one-account-made-another-account-does-not-change::detachVolume::json";
    let arguments = ["--quiet", "--suite", "cloudstack", "--target", "target.yaml", "--output", "run"];
    let run = place.run(&[&["test"], &arguments[..], &["--report", "json=report.json", case]].concat());
    let report = place.json("report.json");
    assert_eq!(report["cases"][0]["verdict"], "conforms", "{}", run.printed);
    assert_eq!(report["left_over"], serde_json::json!([]), "{}", run.printed);
    let expected =
        [("detachVolume", false), ("detachVolume", true), ("destroyVirtualMachine", true), ("deleteVolume", true)];
    assert_eq!(*asked.lock().unwrap(), expected, "{}", run.printed);
}

/// No machine is in a group: that filter stays open, and those after it are tried.
#[test]
fn a_filter_for_which_no_item_has_a_value_leaves_the_others_to_be_tested() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let without_groups = move |_: &str, passing: &mut Passing| {
        if passing.address.contains("command=listVirtualMachines") {
            let answer = String::from_utf8_lossy(&passing.answer).replace("\"groupid\"", "\"unknown\"");
            passing.answer = answer.into_bytes();
            seen.lock().unwrap().push(passing.address.clone());
        }
    };
    let place = Place::new();
    let cloud = Cloud::start(&place, &[]);
    place.write("target.yaml", &cloud.behind(without_groups));
    let case = "filters-leave-what-fits-and-nothing-else::listVirtualMachines::json";
    let arguments = ["--quiet", "--suite", "cloudstack", "--target", "target.yaml", "--output", "run"];
    let run = place.run(&[&["test"], &arguments[..], &["--report", "json=report.json", case]].concat());
    let case = place.json("report.json")["cases"][0].clone();
    assert_eq!(case["verdict"], "inconclusive", "{}", run.printed);
    assert!(case["findings"][0]["expected"].as_str().unwrap().contains("is groupid of an item"), "{case:#}");
    let asked = asked.lock().unwrap();
    assert!(asked.iter().any(|address| address.contains("&zoneid=")), "{asked:#?}");
}
