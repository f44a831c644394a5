//! Which part of a shared run this is: what `--shard` says, or else the scheduler that started it.

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use assay_formats::record::load::Shard;

/// Variables of a scheduler that tell a worker its place.
struct Scheduler {
    name: &'static str,
    index: &'static str,
    /// What the first worker's index is.
    first: First,
    /// The distance of two indexes.
    step: Option<&'static str>,
    count: &'static str,
    /// What to do where there is an index and no count.
    help: &'static str,
}

/// What the first index is.
enum First {
    /// Always this.
    Is(u32),
    /// What this variable has.
    In(&'static str),
}

/// The schedulers, in the order in which they are looked for.
const SCHEDULERS: [Scheduler; 3] = [
    Scheduler {
        name: "Slurm array",
        index: "SLURM_ARRAY_TASK_ID",
        first: First::In("SLURM_ARRAY_TASK_MIN"),
        step: Some("SLURM_ARRAY_TASK_STEP"),
        count: "SLURM_ARRAY_TASK_COUNT",
        help: "start it with `sbatch --array=1-8`",
    },
    Scheduler {
        name: "Kubernetes Indexed Job",
        index: "JOB_COMPLETION_INDEX",
        first: First::Is(0),
        step: None,
        count: "ASSAY_SHARDS",
        help: "set ASSAY_SHARDS to the job's `completions`; `assay load --print kubernetes` does so",
    },
    Scheduler {
        name: "CI matrix",
        index: "CI_NODE_INDEX",
        first: First::Is(1),
        step: None,
        count: "CI_NODE_TOTAL",
        help: "set CI_NODE_TOTAL to the number of jobs",
    },
];

/// Which part this is, and the scheduler that says so, if it is one.
pub(super) fn place(
    surroundings: &CliContext<'_>,
    given: Option<Shard>,
) -> Result<(Shard, Option<&'static str>), CliError> {
    if let Some(given) = given {
        return Ok((given, None));
    }
    let found = SCHEDULERS.iter().find(|scheduler| (surroundings.environment)(scheduler.index).is_some());
    let Some(scheduler) = found else { return Ok((Shard::WHOLE, None)) };
    let shard = scheduler.place(surroundings.environment).map_err(|why| {
        let message = format!(
            "error: the place in the {} is not known: {why}\n  help: {}, or give the place with `--shard 1/8`",
            scheduler.name, scheduler.help
        );
        CliError::new(ExitCode::Usage, message)
    })?;
    Ok((shard, Some(scheduler.name)))
}

impl Scheduler {
    fn place(&self, environment: &dyn Fn(&str) -> Option<String>) -> Result<Shard, String> {
        let number = |name: &str| {
            let text = environment(name).ok_or_else(|| format!("{name} is not set"))?;
            text.trim().parse::<u32>().map_err(|_| format!("{name} is not a whole number"))
        };
        let (index, count) = (number(self.index)?, number(self.count)?);
        let first = match self.first {
            First::Is(first) => first,
            First::In(name) => number(name)?,
        };
        let step = self.step.and_then(|name| number(name).ok()).unwrap_or(1).max(1);
        let place =
            index.checked_sub(first).filter(|distance| distance % step == 0).map(|distance| distance / step + 1);
        place
            .and_then(|place| Shard::new(place, count))
            .ok_or_else(|| format!("{} is {index}, which is none of {count} that begin with {first}", self.index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)]) -> Result<(Shard, Option<&'static str>), String> {
        let variables: Vec<_> = variables.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let environment =
            move |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let surroundings = CliContext { arguments: Vec::new(), environment: &environment, terminal: false };
        place(&surroundings, None).map_err(|refused| refused.to_string())
    }

    fn slurm(id: &str, count: &str, min: &str, step: &str) -> Result<(Shard, Option<&'static str>), String> {
        found(&[
            ("SLURM_ARRAY_TASK_ID", id),
            ("SLURM_ARRAY_TASK_COUNT", count),
            ("SLURM_ARRAY_TASK_MIN", min),
            ("SLURM_ARRAY_TASK_STEP", step),
        ])
    }

    #[test]
    fn each_scheduler_shows_a_worker_its_place() {
        let shard = |found: Result<(Shard, Option<_>), String>| found.map(|(shard, _)| (shard.number, shard.of));
        assert_eq!(shard(slurm("1", "8", "1", "1")), Ok((1, 8)));
        assert_eq!(shard(slurm("0", "8", "0", "1")), Ok((1, 8)));
        assert_eq!(shard(slurm("14", "4", "5", "3")), Ok((4, 4)));
        assert_eq!(shard(found(&[("JOB_COMPLETION_INDEX", "7"), ("ASSAY_SHARDS", "8")])), Ok((8, 8)));
        assert_eq!(shard(found(&[("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "3")])), Ok((2, 3)));
        assert_eq!(found(&[("CI_NODE_TOTAL", "1")]), Ok((Shard::WHOLE, None)));
    }

    #[test]
    fn a_place_that_can_not_be_known_is_refused_and_says_what_to_set() {
        let refused = |found: Result<_, String>| found.map(|_: (Shard, Option<&str>)| ()).unwrap_err();
        // An array of 1,3,7 has no even distances.
        assert!(refused(slurm("7", "3", "1", "1")).contains("SLURM_ARRAY_TASK_ID is 7"));
        assert!(refused(found(&[("JOB_COMPLETION_INDEX", "0")])).contains("set ASSAY_SHARDS to"));
        assert!(refused(found(&[("CI_NODE_INDEX", "x"), ("CI_NODE_TOTAL", "2")])).contains("not a whole number"));
        assert!(refused(found(&[("CI_NODE_INDEX", "3"), ("CI_NODE_TOTAL", "2")])).contains("none of 2"));
    }

    #[test]
    fn what_is_given_counts_more_than_a_scheduler() {
        let environment = |name: &str| (name == "CI_NODE_INDEX").then(|| "1".to_owned());
        let surroundings = CliContext { arguments: Vec::new(), environment: &environment, terminal: false };
        let given = Shard::new(2, 5);
        assert_eq!(place(&surroundings, given).map(|(shard, _)| shard).ok(), given);
    }
}
