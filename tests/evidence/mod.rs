//! No verdict says more than what was observed carries.

mod null_servers;
mod undecided;
