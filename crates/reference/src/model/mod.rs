//! What the cloud takes from data: kinds of resources, and what each command does. `data/cloudstack` holds them.

mod behaviour;
mod check;
mod command;
mod documents;
mod field;
mod mutants;
mod names;
mod row;

pub use behaviour::{Adjust, Derive, Guard, Handler, Related, Then, Worked};
pub use check::{Check, Question};
pub use command::{Among, Answers, Audience, Command, Concerns, From, Gone, Journey, Shape};
pub use documents::Model;
pub use field::{Anyones, Field, Own, Source};
pub use mutants::{Aspect, Mutant, MutantData, mutants};
pub use row::{Departure, Limited, Row, Whose};
