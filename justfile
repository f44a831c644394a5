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
