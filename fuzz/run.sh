#!/usr/bin/env bash
# Gives each reader texts that nobody would write, for so many seconds: by cargo-fuzz, guided and with sanitizers, where it
# and a nightly compiler are installed, otherwise by the driver of tests/fuzz.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}

if cargo +nightly fuzz --version >/dev/null 2>&1; then
    # The project's own documents are what to begin with.
    FUZZ_SEEDS=fuzz/corpus cargo test --quiet --test program fuzz::seeds_are_written -- --ignored
    for reader in fuzz/fuzz_targets/*.rs; do
        reader=$(basename "$reader" .rs)
        cargo +nightly fuzz run "$reader" -- -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=60 -verbosity=0 -print_final_stats=1
    done
else
    echo "cargo-fuzz is not here (cargo install cargo-fuzz; rustup toolchain install nightly): unguided instead"
    FUZZ_SECONDS=$seconds FUZZ_SEED=${FUZZ_SEED:-$RANDOM} cargo test --release --test program fuzz::readers -- --nocapture
fi
