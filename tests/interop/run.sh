#!/usr/bin/env bash
# Holds the reference cloud against clients that nobody here wrote: apache-libcloud's CloudStack driver and cs.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=target/interop/venv
if [ ! -x "$venv/bin/python" ] || ! cmp -s tests/interop/requirements.txt target/interop/installed.txt; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r tests/interop/requirements.txt
    cp tests/interop/requirements.txt target/interop/installed.txt
fi

[ -n "${ASSAY:-}" ] || cargo build --release --quiet
assay=${ASSAY:-target/release/assay}
target=target/interop/target.yaml
rm -f "$target"
"$assay" serve --listen 127.0.0.1:0 --job-time 50ms --write-target "$target" &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
for _ in $(seq 100); do
    [ -s "$target" ] && break
    sleep 0.1
done

"$venv/bin/python" -m pytest -q -p no:cacheprovider tests/interop --target="$target"

# The reports are what the tools that read them expect.
"$assay" test --quiet --output target/interop/run >/dev/null
"$venv/bin/python" tests/interop/check_junit.py reports/junit.xsd target/interop/run/junit.xml
