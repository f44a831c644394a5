//! Every case of every suite against the embedded reference cloud, as trials that cargo test and cargo-nextest run.

use assay::{CliContext, conformance_trials};

fn main() {
    let libtest = libtest_mimic::Arguments::from_args();
    let surroundings =
        CliContext { arguments: Vec::new(), environment: &|name| std::env::var(name).ok(), terminal: false };
    if let Err(refusal) = conformance_trials(&surroundings, &libtest) {
        eprintln!("{refusal}");
        std::process::exit(1);
    }
}
