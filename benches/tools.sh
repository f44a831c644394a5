#!/usr/bin/env bash
# Brings the tools that the benches run beside assay: wrk by apt, hey by go, oha by cargo. What is there already stays.
# hey and oha go below target/tools; nothing of the machine is changed but the package wrk.
set -euo pipefail
cd "$(dirname "$0")/.."
tools="$PWD/target/tools"
mkdir -p "$tools/bin"

# oha takes minutes to build, so it is begun first and waited for last.
oha=
if [ ! -x "$tools/bin/oha" ]; then
    nice -n 10 cargo install oha --locked --quiet --root "$tools" --target-dir "$tools/build" &
    oha=$!
fi

# Another process may hold apt's lock for a while: wait for it.
apt=(apt-get -qq -o DPkg::Lock::Timeout=600)
command -v wrk >/dev/null || { "${apt[@]}" update && "${apt[@]}" install -y wrk; }
[ -x "$tools/bin/hey" ] || GOBIN="$tools/bin" nice -n 10 go install github.com/rakyll/hey@latest

[ -z "$oha" ] || wait "$oha"
rm -rf "$tools/build"

# The benches write them above their tables. wrk and hey have no option for it, and wrk leaves with an error when asked.
{
    (wrk --version 2>&1 || true) | awk 'NR == 1 {print $1, $2}'
    "$tools/bin/oha" --version
    go version -m "$tools/bin/hey" | awk '$1 == "mod" {print "hey", $3}'
    awk '/^name = "goose"$/ {getline; gsub(/"/, ""); print "goose", $3}' Cargo.lock
} | tee "$tools/bin/versions"
