# Every recipe runs from a clean checkout.

# What decides whether a change may land
ci:
    bash .ci/run

# The suites against the embedded reference cloud
test *arguments:
    cargo run --release --quiet -- test {{arguments}}

# Make the sample reports again
samples:
    bash reports/make-samples.sh

# Independent clients against the reference cloud
interop:
    bash tests/interop/run.sh

# What the load engine is held to, beside other tools: truth, lateness, cost, memory (--long: 20 minutes), esm
bench *arguments:
    bash benches/tools.sh
    # Together, so that nothing is built twice.
    cargo build --release --quiet --bin assay --bench load
    cargo bench --quiet --bench load -- {{arguments}}

# Every kind of wrong answer, for every operation; ASSAY_MUTANTS='cloudn/listZones/*' tries some of them
mutants:
    cargo test --release --test mutants -- --include-ignored --nocapture --test-threads 1
