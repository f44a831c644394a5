//! Servers of known capacity, in simulated time.

use super::super::{Block, Trend, at_least, at_most, inflation_at_limit, trend};
use super::{Course, Evidence};
use assay_formats::chance::Chance;

/// A server: how long the answer to a request takes that comes at a time, in seconds. Endless for one that is refused.
pub(super) trait Server {
    /// Nothing was asked for so long.
    fn rest(&mut self, seconds: f64);
    fn answer(&mut self, at: f64, chance: &mut Chance) -> f64;
}

/// So many requests a second are answered at once, and the others are refused.
pub(super) struct TokenBucket {
    pub rate: f64,
    pub tokens: f64,
    pub last: f64,
}

impl Server for TokenBucket {
    fn rest(&mut self, _seconds: f64) {
        (self.tokens, self.last) = (1.0, 0.0);
    }

    fn answer(&mut self, at: f64, chance: &mut Chance) -> f64 {
        self.tokens = (self.tokens + (at - self.last) * self.rate).min(self.rate / 20.0);
        self.last = at;
        if self.tokens < 1.0 {
            return f64::INFINITY;
        }
        self.tokens -= 1.0;
        chance.exponential(0.001)
    }
}

/// One queue, one server: exponential service times of this mean.
pub(super) struct Queue {
    pub service: f64,
    pub free_at: f64,
}

impl Server for Queue {
    fn rest(&mut self, _seconds: f64) {
        self.free_at = 0.0;
    }

    fn answer(&mut self, at: f64, chance: &mut Chance) -> f64 {
        self.free_at = self.free_at.max(at) + chance.exponential(self.service);
        self.free_at - at
    }
}

/// Answers become slower as more is asked: at a rate r they take `service / (1 - r / capacity)` in the mean. It sees the rate
/// by the distance of requests.
pub(super) struct Degrading {
    pub service: f64,
    pub capacity: f64,
    pub last: f64,
    pub distance: f64,
}

impl Server for Degrading {
    fn rest(&mut self, _seconds: f64) {
        (self.last, self.distance) = (0.0, 0.0);
    }

    fn answer(&mut self, at: f64, chance: &mut Chance) -> f64 {
        self.distance += ((at - self.last) - self.distance) * if self.distance == 0.0 { 1.0 } else { 0.001 };
        self.last = at;
        let spare = 1.0 - 1.0 / (self.distance * self.capacity);
        if spare <= 0.0 { f64::INFINITY } else { chance.exponential(self.service / spare) }
    }
}

/// A token bucket that loses a part of its rate for good whenever it has to refuse.
pub(super) struct Wearing(pub TokenBucket);

impl Server for Wearing {
    fn rest(&mut self, seconds: f64) {
        self.0.rest(seconds);
    }

    fn answer(&mut self, at: f64, chance: &mut Chance) -> f64 {
        let answer = self.0.answer(at, chance);
        if answer.is_infinite() {
            self.0.rate *= 0.999;
        }
        answer
    }
}

/// How requests come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrivals {
    Even,
    Poisson,
}

/// A promise: this share may take longer than a limit in seconds.
#[derive(Clone, Copy)]
pub(super) struct Promise {
    pub limit: f64,
    pub may: f64,
}

/// A second is left out at the start of each look.
const WARM_UP: u32 = 1;

/// What was seen of a step so far: blocks of a second at the limit and below it, and the mean of each.
#[derive(Default)]
pub(super) struct Seen {
    limits: [Vec<Block>; 4],
    means: Vec<f64>,
}

impl Seen {
    /// Puts a rate on a server for so many seconds, warm-up left out.
    pub fn look(
        &mut self,
        server: &mut dyn Server,
        (rate, seconds): (f64, u32),
        arrivals: Arrivals,
        promise: Promise,
        chance: &mut Chance,
    ) {
        server.rest(0.0);
        self.means.clear();
        let mut at = 0.0;
        let mut second = 0;
        let (mut blocks, mut sum) = ([Block::default(); 4], 0.0);
        while second < seconds + WARM_UP {
            at += if arrivals == Arrivals::Even { 1.0 / rate } else { chance.exponential(1.0 / rate) };
            if at >= f64::from(second + 1) {
                if second >= WARM_UP {
                    self.limits.iter_mut().zip(blocks).for_each(|(limit, block)| limit.push(block));
                    #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
                    self.means.push(sum / blocks[0].size.max(1) as f64);
                }
                (blocks, sum) = ([Block::default(); 4], 0.0);
                second += 1;
            }
            let answer = server.answer(at, chance);
            sum += answer.min(promise.limit * 100.0);
            for (block, part) in blocks.iter_mut().zip([1.0, 2.0, 4.0, 8.0]) {
                block.size += 1;
                block.beyond += u64::from(answer > promise.limit / part);
            }
        }
    }

    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts")]
    pub fn evidence(&self, promise: Promise) -> Evidence {
        let inflation = inflation_at_limit(self.limits.iter().map(Vec::as_slice));
        let sum = |count: fn(&Block) -> u64| self.limits[0].iter().map(count).sum::<u64>() as f64 / inflation;
        let (size, beyond) = (sum(|block| block.size), sum(|block| block.beyond));
        let p_kept = at_most(beyond.ceil() as u64, size.floor() as u64, promise.may);
        let p_broken = at_least(beyond.floor() as u64, size.floor() as u64, promise.may);
        let course = if trend(&self.means) == Trend::Rising { Course::Rising } else { Course::Steady };
        Evidence { p_kept, p_broken, margin: (beyond / size / promise.may).ln(), course }
    }
}
