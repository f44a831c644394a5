//! `assay load --print`: job files by which schedulers run one load on several workers.

use crate::arguments::{LoadArguments, Scheduler};
use crate::output::Sink;
use crate::target::name::REFERENCE;
use crate::{CliError, ExitCode};

use assay_formats::record::load::Shard;

use super::beginning::repeat;

const SLURM: &str = include_str!("print/slurm.sh");
const KUBERNETES: &str = include_str!("print/kubernetes.yaml");
const GITHUB: &str = include_str!("print/github.yaml");

/// Where a pod has the target file.
const MOUNTED: &str = "/target/target.yaml";

/// Prints the job file.
pub(super) fn print(command: &LoadArguments, scheduler: Scheduler) -> Result<ExitCode, CliError> {
    let workers = command.workers.map_or(1, std::num::NonZeroU32::get);
    if Shard::new(workers, workers).is_none() {
        let message = format!("error: there can be {} workers at most", Shard::MOST);
        return Err(CliError::new(ExitCode::Usage, message));
    }
    let text = job_file(command, scheduler, workers)?;
    Sink::Out.write(text.as_bytes());
    Ok(ExitCode::Conforms)
}

fn job_file(command: &LoadArguments, scheduler: Scheduler, workers: u32) -> Result<String, CliError> {
    let refused = |what: &str, help: &str| CliError::new(ExitCode::Usage, format!("error: {what}\n  help: {help}"));
    if command.target == REFERENCE {
        return Err(refused(
            "each worker would load a reference cloud of its own",
            "name the deployment that all of them load with `--target FILE`",
        ));
    }
    let start = || {
        command.start_at.map(|at| at.to_string()).ok_or_else(|| {
            refused(
                "the workers have to begin together",
                "add a time when all are surely started: `--start-at \"$(date -u -d '+5 minutes' +%FT%TZ)\"`",
            )
        })
    };
    let shell = || repeat(command).iter().map(|argument| quoted(argument)).collect::<Vec<_>>().join(" ");
    let (template, arguments, start) = match scheduler {
        Scheduler::Slurm => (SLURM, shell(), start()?),
        Scheduler::Kubernetes => (KUBERNETES, of_container(command, &start()?), String::new()),
        Scheduler::Github => (GITHUB, shell(), String::new()),
    };
    let numbers: Vec<_> = (1..=workers).map(|number| number.to_string()).collect();
    Ok(template
        .replace("@NUMBERS@", &numbers.join(", "))
        .replace("@WORKERS@", &workers.to_string())
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@START@", &start)
        .replace("@TARGET@", &quoted(&command.target))
        .replace("@ARGUMENTS@", &arguments))
}

/// The arguments as a list of YAML, which JSON's texts are. Kubernetes puts the index into the last.
fn of_container(command: &LoadArguments, start: &str) -> String {
    let mut arguments = vec!["load".to_owned()];
    // A `$(` of the user's own is not the cluster's.
    let own = repeat(command).into_iter().map(|argument| match argument == command.target {
        true => MOUNTED.to_owned(),
        false => argument.replace("$(", "$$("),
    });
    arguments.extend(own);
    let output = "/records/worker-$(JOB_COMPLETION_INDEX)";
    arguments.extend(["--start-at", start, "--output", output].map(str::to_owned));
    let texts: Vec<_> = arguments.into_iter().map(|argument| serde_json::Value::from(argument).to_string()).collect();
    texts.join(", ")
}

/// An argument as a shell reads it.
fn quoted(argument: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        return argument.to_owned();
    }
    format!("'{}'", argument.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    fn printed(arguments: &[&str]) -> Result<String, String> {
        let line = [&["assay", "load"], arguments].concat();
        let parsed = crate::Arguments::try_parse_from(line).map_err(|error| error.to_string())?;
        let crate::arguments::Command::Load(command) = parsed.command else { panic!("it is a load") };
        let workers = command.workers.unwrap().get();
        job_file(&command, command.print.unwrap(), workers).map_err(|refused| refused.to_string())
    }

    const START: [&str; 2] = ["--start-at", "2026-05-04T10:00:00Z"];

    #[test]
    fn a_slurm_array_has_a_task_for_each_worker_and_a_common_start() {
        let arguments = ["it's quick", "--target", "a b.yaml", "--seed", "3", "--print", "slurm", "--workers", "8"];
        let script = printed(&[&arguments[..], &START].concat()).unwrap();
        assert!(script.starts_with("#!/bin/bash\n#SBATCH") && script.contains("#SBATCH --array=1-8\n"), "{script}");
        let line = "exec assay load --target 'a b.yaml' --seed 3 'it'\\''s quick' --start-at 2026-05-04T10:00:00Z";
        assert!(script.contains(line), "{script}");
        assert!(!script.contains('@'), "{script}");
    }

    #[test]
    fn a_kubernetes_job_is_indexed_and_knows_the_exit_codes() {
        let arguments = ["hosts $(id)", "--target", "staging.yaml", "--print", "kubernetes", "--workers", "3"];
        let text = printed(&[&arguments[..], &START].concat()).unwrap();
        let job: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
        let spec = &job["spec"];
        assert_eq!((&job["kind"], &spec["completionMode"]), (&"Job".into(), &"Indexed".into()));
        assert_eq!((&spec["completions"], &spec["parallelism"]), (&3.into(), &3.into()));
        let container = &spec["template"]["spec"]["containers"][0];
        assert_eq!(container["env"][0], serde_json::json!({"name": "ASSAY_SHARDS", "value": "3"}));
        let arguments: Vec<_> = container["args"].as_array().unwrap().iter().filter_map(|text| text.as_str()).collect();
        let expected = ["load", "--target", MOUNTED, "hosts $$(id)", "--start-at", "2026-05-04T10:00:00Z", "--output"];
        assert_eq!(arguments[..7], expected);
        assert_eq!(arguments[7], "/records/worker-$(JOB_COMPLETION_INDEX)");
        let codes = &spec["podFailurePolicy"]["rules"][0]["onExitCodes"]["values"];
        let known = [ExitCode::Usage as u8, ExitCode::BadDocuments as u8];
        assert_eq!(codes, &serde_json::json!(known));
    }

    #[test]
    fn a_github_matrix_has_a_job_for_each_worker_and_one_for_the_verdict() {
        let text = printed(&["--target", "t.yaml", "--print", "github", "--workers", "2"]).unwrap();
        let workflow: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(workflow["jobs"]["load"]["strategy"]["matrix"]["worker"], serde_json::json!([1, 2]));
        let run = workflow["jobs"]["load"]["steps"][1]["run"].as_str().unwrap();
        assert!(run.starts_with("assay load --target t.yaml --shard ${{ matrix.worker }}/2 --start-at"), "{run}");
        assert!(workflow["jobs"]["verdict"]["steps"][1]["run"].as_str().unwrap().starts_with("assay report worker-*"));
    }

    #[test]
    fn workers_that_would_not_load_one_deployment_together_are_refused() {
        let target = printed(&[&["--print", "slurm", "--workers", "2"][..], &START].concat()).unwrap_err();
        assert!(target.contains("--target FILE"), "{target}");
        let start = printed(&["--target", "t.yaml", "--print", "slurm", "--workers", "2"]).unwrap_err();
        assert!(start.contains("--start-at"), "{start}");
        assert!(printed(&["--target", "t.yaml", "--print", "slurm"]).is_err());
    }
}
