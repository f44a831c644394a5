#!/usr/bin/env bash
# Makes the sample reports again: a run against the embedded reference cloud, which breaks two promises to have something to tell.
set -euo pipefail
cd "$(dirname "$0")/.."

code=0
cargo run --release --quiet -- test --quiet --fault count-off-by-one --fault password-missing \
    --suite cloudn --suite hicloud --suite ies --output target/sample --report markdown=reports/sample/summary.md >/dev/null || code=$?
[ "$code" -eq 1 ] || { echo "the run exited with $code where 1, violations, was expected" >&2; exit 1; }
cp target/sample/report.html target/sample/junit.xml reports/sample/

# A load run, on a cloud that takes 150 ms for one answer of 50.
code=0
target/release/assay load zones-offerings-and-machines --latency '98%:8ms,2%:150ms' \
    --output target/sample-load --report markdown=reports/sample/load-summary.md >/dev/null || code=$?
[ "$code" -eq 1 ] || { echo "the load run exited with $code where 1, violations, was expected" >&2; exit 1; }
cp target/sample-load/report.html reports/sample/load-report.html
cp target/sample-load/junit.xml reports/sample/load-junit.xml
echo "reports/sample: report.html, junit.xml, summary.md, and the same of load"

# The pictures in the README, where a browser is at hand.
picture() {
    chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --user-data-dir="$(mktemp -d)" --hide-scrollbars \
        --window-size=1280,1500 --screenshot="$2" "file://$PWD/$1" 2>/dev/null
    echo "$2"
}
if command -v chromium >/dev/null; then
    picture reports/sample/report.html docs/report.png
    picture reports/sample/load-report.html docs/load-report.png
fi
