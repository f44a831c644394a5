//! The behaviours that documents refer to, where no shape covers what a command does. What each of them does is the commands' to
//! say: here they are names.

include!(concat!(env!("OUT_DIR"), "/behaviours.rs"));
