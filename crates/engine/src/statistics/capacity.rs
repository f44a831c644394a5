//! The highest rate at which something holds, as an interval: a search by steps whose length is what their verdict needs.
//! It knows neither a clock nor what is measured: it asks for a look at a rate, and is given the evidence.
//!
//! The search climbs by doubling until the rate is too high, narrows the gap, and then goes up and down once more: what held
//! must hold again after too much. A step is looked at several times, each time with twice as much; its
//! significance is divided by all looks of all steps (Bonferroni), so the interval errs at most as often as it says.

use std::time::Duration;

#[cfg(test)]
mod servers;
#[cfg(test)]
mod tests;

/// A search has so many steps at most.
const MOST_STEPS: u32 = 24;
/// A step is looked at so often at most: it takes 32 times the first look then.
const MOST_LOOKS: u32 = 6;
/// Below this part of its first rate a search gives up.
const LEAST_PART: f64 = 1.0 / 1024.0;
/// So often the generator may be the limit before the search says so.
const MOST_LIMITED: u32 = 3;
/// A rate is passed on the way up unless it is likelier than this to be too high.
const PASSED: f64 = 0.01;
/// A margin beyond this says nothing of how far away the capacity is.
const MOST_MARGIN: f64 = 5.0;
/// So many rates may stay undecided within the gap.
const MOST_UNDECIDED: usize = 6;

/// What is searched for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SearchPlan {
    /// The first rate, in requests a second.
    pub from: f64,
    /// The highest rate that is tried.
    pub to: f64,
    /// How wide the interval may be, as a share of its lower end.
    pub width: f64,
    /// How often it may miss the true capacity, from 0 to 1.
    pub significance: f64,
    /// The shortest look on the way up.
    pub shortest: Duration,
    /// The shortest look that decides: how neighbours resemble each other shows over some time only.
    pub decisive: Duration,
    /// How many samples a step needs that is to be decided, if all goes well.
    pub fewest: f64,
    /// The pause after a rate that was too high.
    pub recovery: Duration,
    /// How long all of it may take.
    pub within: Duration,
}

impl Evidence {
    /// How many times as much decides it at a significance, if more is like this: p-values fall by powers.
    fn needed(&self, significance: f64) -> f64 {
        let smaller = self.p_kept.min(self.p_broken).clamp(f64::MIN_POSITIVE, 1.0 - 1e-9);
        significance.ln() / smaller.ln()
    }
}

impl SearchPlan {
    /// Up to which p-value one look decides.
    pub fn of_look(&self) -> f64 {
        self.significance / f64::from(MOST_STEPS * MOST_LOOKS)
    }
}

/// What a step is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The rate is doubled; what is not surely too high is passed.
    Climb,
    /// The gap between what holds and what does not is narrowed.
    Narrow,
    /// What did not hold is asked for once more.
    Up,
    /// What held is asked for once more, after too much.
    Down,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Requests a second.
    pub rate: f64,
    /// How long it is measured.
    pub lasts: Duration,
    /// How long nothing is asked before.
    pub pause: Duration,
    /// Whether a new step begins: what was observed before is not added to it.
    pub is_new: bool,
}

/// What all looks of a step show together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// How likely they are if the rate is just too high.
    pub p_kept: f64,
    /// How likely they are if the rate is just not too high.
    pub p_broken: f64,
    /// The logarithm of how many times what may be beyond is beyond: below 0 where the rate seems to hold.
    pub margin: f64,
    /// What went on meanwhile.
    pub course: Course,
}

/// What went on during a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// Nothing changed.
    Steady,
    /// It became worse and worse: nothing that was observed says what comes.
    Rising,
    /// The generator did not make the load.
    GeneratorLimit,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepVerdict {
    /// It holds.
    Kept,
    /// It was passed on the way up: nothing speaks against it.
    Passed,
    /// It does not hold.
    Broken,
    /// It is too near to the capacity to be decided.
    Undecided,
    /// It became worse until the end.
    Unsettled,
    /// The generator did not make the load.
    GeneratorLimit,
}

/// A rate that was tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Requests a second.
    pub rate: f64,
    /// What it was for.
    pub stage: Stage,
    /// How long it was measured.
    pub measured: Duration,
    /// The last margin that was seen.
    pub margin: f64,
    /// What it came to; nothing while it is under way.
    pub verdict: Option<StepVerdict>,
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ending {
    /// The interval is as narrow as it was to be.
    Found,
    /// The rates between its ends are too near to the capacity to be decided.
    Undecided,
    /// It took too long.
    OutOfTime,
    /// The generator did not make this rate.
    GeneratorLimit(f64),
    /// What held did not hold any more, or the other way round, at this rate; or it became worse and worse.
    NotSettled(f64),
    /// The highest rate holds.
    AboveHighest,
    /// No rate that was tried holds.
    BelowLowest,
}

/// A capacity: between which rates it lies.
#[derive(Clone, Debug, PartialEq)]
pub struct Capacity {
    /// The highest rate that holds.
    pub low: Option<f64>,
    /// The lowest rate that does not.
    pub high: Option<f64>,
    /// How the search ended.
    pub ending: Ending,
    /// All steps, in order.
    pub steps: Vec<Step>,
}

/// A search under way.
#[derive(Clone, Debug)]
pub struct Search {
    plan: SearchPlan,
    steps: Vec<Step>,
    looks: u32,
    spent: Duration,
    /// The highest rate that holds, and the highest that was passed.
    kept: Option<f64>,
    passed: Option<f64>,
    /// The lowest rate that does not hold.
    broken: Option<f64>,
    /// The lowest that the generator did not make, and how often that was found.
    ceiling: Option<f64>,
    limited: u32,
}

impl Search {
    /// A search that has not begun.
    pub fn new(plan: SearchPlan) -> Self {
        let (kept, passed, broken, ceiling) = (None, None, None, None);
        Self { plan, steps: Vec::new(), looks: 0, spent: Duration::ZERO, kept, passed, broken, ceiling, limited: 0 }
    }

    /// What to look at next; an error is the end.
    pub fn next_look(&mut self) -> Result<Look, Capacity> {
        if let Some(open) = self.steps.last().filter(|step| step.verdict.is_none()) {
            // Each look doubles what was measured.
            let look = Look { rate: open.rate, lasts: open.measured, pause: Duration::ZERO, is_new: false };
            return self.within_time(look);
        }
        let (rate, stage) = self.choose().map_err(|ending| self.end(ending))?;
        let after_too_much = matches!(
            self.steps.last().and_then(|step| step.verdict),
            Some(StepVerdict::Broken | StepVerdict::Unsettled | StepVerdict::GeneratorLimit)
        );
        let pause = if after_too_much { self.plan.recovery } else { Duration::ZERO };
        let lasts = if stage == Stage::Climb { self.plan.shortest } else { self.long_enough(rate) };
        let look = Look { rate, lasts, pause, is_new: true };
        let look = self.within_time(look)?;
        self.looks = 0;
        self.steps.push(Step { rate, stage, measured: Duration::ZERO, margin: 0.0, verdict: None });
        Ok(look)
    }

    /// What all looks of the step show by now, the last of which took so long.
    pub fn observe(&mut self, evidence: Evidence, lasted: Duration) {
        self.looks += 1;
        let (looks, of_look) = (self.looks, self.plan.of_look());
        let Some(step) = self.steps.last_mut() else { return };
        step.measured += lasted;
        step.margin = evidence.margin.clamp(-MOST_MARGIN, MOST_MARGIN);
        // What is left doubles with each look.
        let most = f64::from(1_u32 << (MOST_LOOKS - looks.min(MOST_LOOKS)));
        let is_hopeless = looks >= MOST_LOOKS || evidence.needed(of_look) > 2.0 * most;
        let verdict = match evidence.course {
            Course::GeneratorLimit => Some(StepVerdict::GeneratorLimit),
            _ if evidence.p_broken <= of_look => Some(StepVerdict::Broken),
            Course::Rising if is_hopeless => Some(StepVerdict::Unsettled),
            Course::Rising => None,
            // A short look says only what is surely too much.
            Course::Steady if step.stage == Stage::Climb => (evidence.p_broken > PASSED).then_some(StepVerdict::Passed),
            Course::Steady if evidence.p_kept <= of_look => Some(StepVerdict::Kept),
            Course::Steady => is_hopeless.then_some(StepVerdict::Undecided),
        };
        step.verdict = verdict;
        let rate = step.rate;
        match verdict {
            Some(StepVerdict::Kept) => self.kept = greatest(self.kept, Some(rate)),
            Some(StepVerdict::Broken | StepVerdict::Unsettled) => self.broken = Some(least(self.broken, rate)),
            Some(StepVerdict::GeneratorLimit) => {
                self.ceiling = Some(least(self.ceiling, rate));
                self.limited += 1;
            }
            Some(StepVerdict::Passed | StepVerdict::Undecided) | None => {}
        }
        self.passed = self.passed_below();
    }

    /// The highest rate that was passed, below all that are not sure to hold.
    fn passed_below(&self) -> Option<f64> {
        let uncertain = self.undecided().into_iter().fold(self.broken.unwrap_or(f64::INFINITY), f64::min);
        let passed = self.steps.iter().filter(|step| step.verdict == Some(StepVerdict::Passed));
        passed
            .map(|step| step.rate)
            .filter(|rate| *rate < uncertain)
            .fold(None, |most, rate| greatest(most, Some(rate)))
    }

    /// The steps so far.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    fn within_time(&mut self, look: Look) -> Result<Look, Capacity> {
        self.spent += look.lasts + look.pause;
        if self.spent > self.plan.within { Err(self.end(Ending::OutOfTime)) } else { Ok(look) }
    }

    /// How long a look takes that may decide.
    fn long_enough(&self, rate: f64) -> Duration {
        let enough = Duration::try_from_secs_f64(self.plan.fewest / rate).unwrap_or(self.plan.within);
        enough.max(self.plan.decisive)
    }

    fn end(&self, ending: Ending) -> Capacity {
        Capacity { low: self.kept, high: self.broken, ending, steps: self.steps.clone() }
    }

    /// The rate of the next step, and what it is for.
    fn choose(&self) -> Result<(f64, Stage), Ending> {
        if self.steps.len() >= usize::try_from(MOST_STEPS).unwrap_or(usize::MAX) {
            return Err(Ending::Undecided);
        }
        if let Some(confirming) = self.confirm() {
            return confirming;
        }
        let below = greatest(self.kept, self.passed);
        let undecided = self.undecided();
        match (below, self.broken) {
            (_, None) if self.ceiling.is_some() => self.under_ceiling(below),
            (_, None) => {
                // What is undecided is near the capacity: a higher rate shows it.
                let reached = undecided.iter().copied().map(Some).fold(below, greatest);
                self.climb(reached)
            }
            (None, Some(broken)) => {
                let lowest = undecided.iter().copied().fold(broken, f64::min);
                if lowest <= self.plan.from * LEAST_PART {
                    Err(Ending::BelowLowest)
                } else {
                    Ok((lowest / 2.0, Stage::Climb))
                }
            }
            (Some(below), Some(broken)) => self.narrow(below, broken),
        }
    }

    fn climb(&self, reached: Option<f64>) -> Result<(f64, Stage), Ending> {
        let Some(below) = reached else { return Ok((self.plan.from.min(self.plan.to), Stage::Climb)) };
        if below < self.plan.to {
            return Ok(((below * 2.0).min(self.plan.to), Stage::Climb));
        }
        // What was only passed is proven before it is called kept.
        if self.kept == Some(below) { Err(Ending::AboveHighest) } else { self.prove(below) }
    }

    /// The generator is the limit, so far.
    fn under_ceiling(&self, below: Option<f64>) -> Result<(f64, Stage), Ending> {
        let ceiling = self.ceiling.unwrap_or(self.plan.to);
        if self.limited < MOST_LIMITED {
            let rate = below.map_or(ceiling / 2.0, |below| (below * ceiling).sqrt());
            return Ok((rate, Stage::Climb));
        }
        match below {
            Some(below) if self.kept != Some(below) => self.prove(below),
            _ => Err(Ending::GeneratorLimit(ceiling)),
        }
    }

    /// A rate that was passed is looked at until it is decided, once.
    fn prove(&self, rate: f64) -> Result<(f64, Stage), Ending> {
        if self.undecided().contains(&rate) { Err(Ending::Undecided) } else { Ok((rate, Stage::Narrow)) }
    }

    fn narrow(&self, below: f64, broken: f64) -> Result<(f64, Stage), Ending> {
        if broken <= below {
            return Err(Ending::NotSettled(broken));
        }
        let undecided: Vec<f64> = self.undecided().into_iter().filter(|rate| *rate > below && *rate < broken).collect();
        if self.is_narrow(below, broken) {
            return self.prove(below);
        }
        if undecided.is_empty() {
            return Ok(((below * broken).sqrt(), Stage::Narrow));
        }
        // The capacity is near: the ends of an interval that is narrow enough around it are next.
        let (half, near) = (1.0 + self.plan.width / 2.2, 1.0 + self.plan.width / 20.0);
        let center = self.crossing(below, broken);
        let is_new = |rate: f64| undecided.iter().all(|known| known.max(rate) / known.min(rate) > near);
        // What is further out makes the interval wider than it should be, but still narrower than it is.
        let ends = [center / half, center * half, center / half.powi(2), center * half.powi(2)];
        let next = ends.into_iter().find(|rate| *rate > below * near && *rate < broken / near && is_new(*rate));
        // What was only passed is proven at least, before the search gives up.
        let unproven = (self.kept != Some(below)).then_some(below);
        let next = next.filter(|_| undecided.len() < MOST_UNDECIDED).or(unproven);
        next.map(|rate| (rate, Stage::Narrow)).ok_or(Ending::Undecided)
    }

    /// Where what was seen within a gap becomes too much: between the neighbours of which one seems to hold and one does not.
    fn crossing(&self, below: f64, broken: f64) -> f64 {
        let long = |step: &&Step| step.measured >= self.plan.decisive && (below..=broken).contains(&step.rate);
        let mut seen: Vec<(f64, f64)> = self.steps.iter().filter(long).map(|step| (step.rate, step.margin)).collect();
        seen.sort_by(|one, other| one.0.total_cmp(&other.0));
        let pair = seen.windows(2).find(|pair| pair[0].1 <= 0.0 && pair[1].1 > 0.0);
        match pair {
            Some(&[(low, under), (high, over)]) => low * (high / low).powf(under / (under - over)),
            _ => (below * broken).sqrt(),
        }
    }

    /// The rates that could not be decided when they were looked at for long.
    fn undecided(&self) -> Vec<f64> {
        let steps = self.steps.iter().filter(|step| step.verdict == Some(StepVerdict::Undecided));
        steps.map(|step| step.rate).collect()
    }

    fn is_narrow(&self, below: f64, broken: f64) -> bool {
        broken - below <= self.plan.width * below * (1.0 + 1e-9)
    }

    /// Up and down once more, when the gap is narrow; nothing while it is not.
    fn confirm(&self) -> Option<Result<(f64, Stage), Ending>> {
        let (kept, broken) = (self.kept?, self.broken?);
        let of = |stage| self.steps.iter().rev().find(|step| step.stage == stage).and_then(|step| step.verdict);
        let (down, up) = (of(Stage::Down), of(Stage::Up));
        if down == Some(StepVerdict::Broken) || up == Some(StepVerdict::Kept) {
            let last = self.steps.last().map_or(kept, |step| step.rate);
            return Some(Err(Ending::NotSettled(last)));
        }
        if self.passed.is_some_and(|passed| passed > kept) || !self.is_narrow(kept, broken) {
            return None;
        }
        Some(match (up, down) {
            (None, _) => Ok((broken, Stage::Up)),
            (Some(_), None) => Ok((kept, Stage::Down)),
            (Some(_), Some(_)) if self.steps.iter().any(|step| step.verdict == Some(StepVerdict::Unsettled)) => {
                Err(Ending::NotSettled(broken))
            }
            (Some(_), Some(_)) => Err(Ending::Found),
        })
    }
}

fn least(known: Option<f64>, rate: f64) -> f64 {
    known.map_or(rate, |known| known.min(rate))
}

fn greatest(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    }
}
