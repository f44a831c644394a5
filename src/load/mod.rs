//! Puts load on a deployment as a plan says, and records second by second what comes of it.
//!
//! [`pace`] knows when requests are due. A worker's connections take turns in waiting for the next of these moments. What
//! they observe is gathered in a [`recorder::Book`], which once a second goes into the record.

mod chance;
mod pace;
mod recorder;
