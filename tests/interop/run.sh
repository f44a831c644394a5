#!/usr/bin/env bash
# Tests the reference cloud with clients of others (apache-libcloud's CloudStack driver, cs, boto3, and the first calls of
# CloudMonkey, Terraform and Marvin), and the suite ec2 against a server of others (moto).
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
open_port=$("$venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
server_target=target/interop/server.yaml
rm -f "$server_target"
"$assay" serve --listen 127.0.0.1:0 --as cloudstack-4.1 --integration-port "$open_port" --job-time 50ms \
    --write-target "$server_target" &
real=$!
moto=
trap 'kill "$server" "$real" $moto 2>/dev/null || true' EXIT
for _ in $(seq 100); do
    [ -s "$target" ] && [ -s "$server_target" ] && break
    sleep 0.1
done

"$venv/bin/python" -m pytest -q -p no:cacheprovider tests/interop --target="$target" \
    --assay="$assay" --server-target="$server_target" --open-port="$open_port"

# The reports are what the tools that read them expect.
"$assay" test --quiet --output target/interop/run >/dev/null
"$venv/bin/python" tests/interop/check_junit.py reports/junit.xsd target/interop/run/junit.xml

# So are those of a run that found something, by the schemas that their formats publish. Two are in packages of npm.
packages=target/interop/packages
if command -v npm >/dev/null; then
    for package in ctrf@0.3.0 @microsoft/jest-sarif@1.0.0-beta.0; do
        name=${package##*/} && name=${name%@*}
        [ -d "$packages/$name" ] && continue
        mkdir -p "$packages/$name"
        archive=$(npm pack --silent --pack-destination "$packages" "$package")
        tar --extract --gzip --file "$packages/$archive" --directory "$packages/$name" --strip-components 1
    done
else
    packages=
fi
faulty=target/interop/faulty
"$assay" test --quiet --suite esm --fault esm-token-not-checked --fault esm-app-code-not-asked --output "$faulty" \
    --report "sarif=$faulty/assay.sarif" --report "ctrf=$faulty/ctrf.json" --report "gitlab=$faulty/quality.json" \
    >/dev/null || [ $? -eq 1 ]
"$venv/bin/python" tests/interop/check_junit.py reports/junit.xsd "$faulty/junit.xml"
"$venv/bin/python" tests/interop/ci_formats.py "$faulty" $packages

# Whatever a server sends, its reports are still: nothing of it executes, and nothing is fetched.
"$venv/bin/python" tests/interop/html_safety.py "$assay" target/interop/hostile

# Histograms are read by a reader of others, and say what the report says.
"$assay" load esm::service-levels::at-its-documented-service-level::host-detail --target "$target" --for 5s \
    --output target/interop/load --report json=target/interop/load.json >/dev/null || [ $? -ne 2 ]
"$venv/bin/python" tests/interop/histogram_log.py target/interop/load.json target/interop/load/histograms.hlog

# Moto answers the suite ec2 as Amazon does, but for what suites/ec2/deviations/moto.yaml tells. Its few volumes are for one
# case at a time.
port=$("$venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
MOTO_EC2_LOAD_DEFAULT_AMIS=false MOTO_ENABLE_AMI_VALIDATION=true \
    "$venv/bin/moto_server" --host 127.0.0.1 --port "$port" >target/interop/moto.log 2>&1 &
moto=$!
"$venv/bin/python" tests/interop/moto.py "http://127.0.0.1:$port" tests/interop/moto.yaml >target/interop/moto.yaml
"$assay" test --suite ec2 --target target/interop/moto.yaml --output target/interop/moto --quiet --test-threads 1
