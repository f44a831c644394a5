//! What a wrong or hostile deployment does to a run: it ends, in bounded time and memory, and shows what it saw. Secrets stay
//! secret, and what is not allowed is not asked.

mod behaviours;
mod certificates;
mod findings;
mod recorded;
mod run;
mod secrets;
mod spy;
mod survival;
mod through;
mod yard;
