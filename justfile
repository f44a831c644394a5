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

# Runs that are ended at hundreds of points, and what they leave
kills:
    cargo test --quiet --test program kills:: -- --include-ignored --nocapture

# Fifty full runs on a busy machine, which must all come to the same
steady:
    cargo test --release --test cloud steady:: -- --include-ignored --nocapture

# Independent clients against the reference cloud
interop:
    bash tests/interop/run.sh

# One load on an array of a real Slurm, against the same load of one generator: needs root, slurm-wlm and munge
slurm:
    cargo build --release --quiet
    python3 tests/interop/slurm.py target/release/assay target/interop/slurm

# Schemathesis and assay on the same servers: what each finds, takes and leaves
side-by-side *arguments:
    cargo build --release --quiet
    python3 benches/side_by_side/run.py --assay target/release/assay --output target/bench/side_by_side {{arguments}}

# What the load engine is held to, beside other tools: truth, lateness, cost, memory (--long: 20 minutes), esm
bench *arguments:
    bash benches/tools.sh
    cargo build --profile dist --quiet
    ASSAY=target/dist/assay cargo bench --quiet --bench load -- {{arguments}}

# Texts that nobody would write, for each reader so many seconds
fuzz seconds="60":
    bash fuzz/run.sh {{seconds}}

# Every kind of wrong answer, for every operation; ASSAY_MUTANTS='cloudn/listZones/*;ies/*' tries some of them
mutants:
    cargo test --release --test cloud mutants:: -- --include-ignored --nocapture --test-threads 1

# Everything that the data of the reference cloud says, left out one by one; ASSAY_MUTANTS='volume' tries some of it
behaviour-mutants:
    cargo test --release --test cloud behaviour_mutants:: -- --include-ignored --nocapture

# All that a wrong, broken or hostile deployment could do, in the long forms: hours
trust: mutants behaviour-mutants steady kills fuzz
