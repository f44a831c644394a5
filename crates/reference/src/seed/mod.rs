//! What a cloud begins with: enough of everything that a newcomer's first request finds something.
//!
//! Tests change only what they made themselves. What is seeded here is there to be looked at.

mod catalogue;
mod guide;
mod jobs;
mod resources;

use jiff::{Timestamp, ToSpan};

use super::refusal::ApiError;
use super::world::World;

/// Names for scenarios, and the ids behind them.
pub type Variables = Vec<(String, String)>;

/// The day the Cloudn manual was published, and days after it: the seeds are as old at every start.
pub fn moment(days: i32) -> Timestamp {
    let published = jiff::civil::date(2013, 6, 13).to_datetime(jiff::civil::time(9, 0, 0, 0));
    let moment = published.checked_add(days.days()).and_then(|moment| moment.to_zoned(jiff::tz::TimeZone::UTC));
    moment.map_or(Timestamp::UNIX_EPOCH, |moment| moment.timestamp())
}

/// Fills an empty world with three accounts and what is theirs.
pub fn demonstration(world: &mut World) -> Result<Variables, ApiError> {
    let demo = world.accounts.add("demo", &world.ids);
    let neighbour = world.accounts.add("neighbour", &world.ids);
    let crowded = world.accounts.add("crowded", &world.ids);

    let mut variables = catalogue::fill(world)?;
    variables.extend(self::variables([
        ("account", world.accounts.get(demo).name.clone()),
        ("domain", world.accounts.domain().id.clone()),
        // The cloud neither keeps key pairs nor sends anything anywhere: any name and any address will do.
        ("keypair", "demonstration".to_owned()),
        ("ftp_url", "ftp://127.0.0.1/uploads/".to_owned()),
    ]));
    variables.extend(resources::of_demo(world, demo)?);
    variables.extend(resources::of_neighbour(world, neighbour)?);
    resources::of_crowded(world, crowded)?;
    variables.extend(jobs::of_demo(world, demo)?);
    variables.extend(jobs::of_neighbour(world, neighbour));
    Ok(variables)
}

/// Fills an empty world as CloudStack's guide has one.
pub fn of_guide(world: &mut World) -> Result<Variables, ApiError> {
    guide::fill(world)
}

pub use guide::{INTEGRATION, integration};

/// Writes variables down.
fn variables<const COUNT: usize>(pairs: [(&str, String); COUNT]) -> Variables {
    pairs.into_iter().map(|(name, id)| (name.to_owned(), id)).collect()
}
