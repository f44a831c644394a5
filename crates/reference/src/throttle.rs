//! How often accounts may ask (`CloudStack` developer's guide 4.1, 5.4).

use std::num::NonZeroU32;
use std::time::Duration;

use super::settings::Throttle;
use super::world::{AccountIndex, Pace, World};

/// How often an account may ask that always is limited: so often that a client can see what happens then.
const LIMITED: Throttle = Throttle { requests: NonZeroU32::new(5).unwrap(), interval: Duration::from_secs(8) };

/// How often an account may ask where throttling is turned on and nothing else is said.
pub const DELIVERED: Throttle = Throttle { requests: NonZeroU32::new(25).unwrap(), interval: Duration::from_secs(1) };

/// How often an account may ask, if that is limited.
pub fn throttle_of(world: &World, account: AccountIndex) -> Option<Throttle> {
    match world.accounts.get(account).pace {
        Pace::Limited => Some(LIMITED),
        Pace::AsAll => world.counters.common,
    }
}
