#!/usr/bin/env python3
"""Schemathesis and assay, side by side, on the same servers.

    python3 benches/side_by_side/run.py --assay target/release/assay --output target/bench/side_by_side

What it does
    Installs Schemathesis (newest 4.x of PyPI) in a virtual environment below --work. Then, for the shop of `assay serve` without
    a fault and with each of its faults, and for two servers of PyPI that were not made to be tested: starts a fresh server on a
    free port of 127.0.0.1, runs one tool on it, lists what is left, stops it, and does the same for the other tool. Never two
    servers at once.

What is equal
    The document, the server's start, the permission to write, both accounts of the shop (Schemathesis gets them as `peers` of a WFC
    file, which is what its check for object-level authorization needs), one time limit. Schemathesis runs with all phases, all
    checks, a fixed seed, and its defaults otherwise.

What is noted
    found          a finding that the clean server does not give. Two ways of telling findings apart: by check and operation, and
                   also by what the finding says (`detail`), so that a finding on the clean server hides no other one of the same
                   check and operation. Schemathesis runs on the clean shop with several seeds (--clean-runs): what differs between
                   its runs by chance is no finding. What is new is still not always the fault: the table shows it, to be judged.
    on clean       findings on the shop without a fault
    requests       from each tool's own record (Schemathesis: interactions of its NDJSON report; assay: exchanges of its record);
                   each has a few that it does not record. Where the server writes an access log, from that, too, less the one
                   by which this script fetches the document for assay
    left, lost     things that the API lists after the run and did not list before it, for both accounts, and the reverse: what was
                   planted on a server of PyPI before the run, and is gone. Not known (None) where a list can't be read: a fault may
                   spoil it, or the run may have broken it.
    seconds        of the clock, which depends on what else the machine does; and of the processor, which depends less on it

Options
    --faults NAMES   only these, with commas; `none` for the clean shop alone
    --servers NAMES  only these servers of PyPI, with commas; `none` for none
    --tools NAMES    only these tools, with commas
    --minutes N      begin no run of Schemathesis on a fault after that; the table says what was left out
    --clean-runs N   how often each tool runs on the shop without a fault; Schemathesis with another seed each time
    --limit SECONDS  for one run of one tool
    --python BINARY  the interpreter for the virtual environments (Python 3.10 or newer)
    What is in --output already is not run again: call it once more to go on, or with an empty folder to begin anew.

Needs nothing but Python's standard library, and PyPI for what it installs.
"""

import argparse
import base64
import functools
import json
import os
import pathlib
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from servers import SERVERS, Shop

SEED = 1
PHASES = "examples,coverage,fuzzing,stateful"


# --- Processes -------------------------------------------------------------------------------------------------------------------


def stop(process, patience=10):
    """Stops a process that this script started, and what that started in its group."""
    for number in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is not None:
            return
        os.killpg(process.pid, number)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue


def run_tool(command, folder, limit, environment=None):
    """Runs a tool to its end or to the limit: (seconds, of the processor, how it ended)."""
    began, used = time.monotonic(), processor_time()
    with open(folder / "output.txt", "wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command], cwd=folder, stdout=output, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, start_new_session=True, env={**os.environ, **(environment or {})},
        )
        try:
            ended = f"exit {process.wait(limit)}"
        except subprocess.TimeoutExpired:
            ended = f"stopped after {limit} s"
        finally:
            seconds = time.monotonic() - began
            stop(process)
    return round(seconds, 2), round(processor_time() - used, 2), ended


def processor_time():
    """What all processes used that this script started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Running:
    """A server that runs while this is open."""

    def __init__(self, server, folder):
        self.server, self.log = server, folder / "server.txt"

    def __enter__(self):
        with open(self.log, "wb") as output:
            command, environment = self.server.command(self.log.parent)
            self.process = subprocess.Popen(
                [str(word) for word in command], cwd=self.log.parent, stdout=output, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, start_new_session=True, env={**os.environ, **environment},
            )
        try:
            self.wait()
        except BaseException:
            stop(self.process)
            raise
        return self

    def __exit__(self, *_):
        stop(self.process)

    def wait(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            self.url = self.server.address(self.log.read_text(errors="replace"))
            if self.url and fetch(self.url + self.server.document)[0] == 200:
                return
            time.sleep(0.1)
        raise RuntimeError(f"{self.server.name} did not start:\n{self.log.read_text(errors='replace')[-2000:]}")

    def accesses(self):
        """How many requests the server wrote down; None if it writes none down."""
        if not self.server.access:
            return None
        return len(re.findall(self.server.access, self.log.read_text(errors="replace"), re.M))


def fetch(url, headers=None, method="GET", body=None):
    """(status, body) of an answer; no status where nothing answers."""
    headers = {**(headers or {}), **({"Content-Type": "application/json"} if body is not None else {})}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()
    except (OSError, ValueError):
        return None, b""


def plant(running):
    header = next(iter(running.server.accounts.values()))
    def send(method, path, body):
        status, answer = fetch(running.url + path, header, method, body)
        if status not in (200, 201):
            raise RuntimeError(f"{method} {path}: status {status}, {answer[:300]}")
    running.server.plant(send)


def inventory(running):
    """What the API lists, for each account; None where a list can't be read."""
    things = set()
    for account, header in running.server.accounts.items():
        def read(path):
            status, body = fetch(running.url + path, header)
            if status != 200:
                raise ValueError(f"{path}: status {status}")
            return json.loads(body)
        try:
            things |= {f"{account} {thing}" for thing in running.server.inventory(read)}
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
    return things


# --- The two tools ---------------------------------------------------------------------------------------------------------------


def run_assay(options, running, folder):
    server = running.server
    document = folder / server.document_name
    document.write_bytes(fetch(running.url + server.document)[1])
    accounts = "".join(
        f"      {name}: {{credentials: {{{server.scheme}: {json.dumps(secret)}}}}}\n" for name, secret in server.secrets.items()
    )
    credentials = f"    credentials: {{{server.scheme}: {json.dumps(next(iter(server.secrets.values())))}}}\n" if accounts else ""
    target = folder / "target.yaml"
    target.write_text(
        f"target: side-by-side\nsuites:\n  {document.stem}:\n    url: {running.url}{server.base}\n{credentials}"
        + (f"    accounts:\n{accounts}" if len(server.secrets) > 1 else "") + "allow: [reads, creates]\n"
    )
    command = [options.assay, "test", "--openapi", document.name, "--target", target.name, "--output", "record"]
    *took, ended = run_tool(command + ["--report", "json=report.json"], folder, options.limit)
    report = read_json(folder / "report.json")
    findings = assay_findings(report) if report else []
    return *took, ended if report else ended + ", no report", findings, assay_requests(folder / "record")


def assay_findings(report):
    findings = []
    for cause in report["causes"]:
        if cause["verdict"] == "violates":
            observed, operations = f"expected {cause['expected']}; observed {cause['observed']}", ",".join(cause["operations"])
            findings += [finding(one["id"], operations, plain(observed), observed) for one in cause["requirements"]]
    return findings


def assay_requests(record):
    # A record is packed once it is large; then the program's own reader is needed, and the number stays unknown.
    path = record / "run.jsonl"
    if not path.exists():
        return None
    with open(path, encoding="utf-8") as lines:
        return sum(line.startswith('{"event":"exchanged"') for line in lines)


def run_schemathesis(options, running, folder, seed=SEED):
    server = running.server
    command = [options.schemathesis, "run", running.url + server.document, "--phases", PHASES, "--checks", "all", "--seed", seed]
    if server.secrets:
        headers = {name: server.accounts[name] for name in server.secrets}
        users = [
            {"name": name, "fixedHeaders": [{"name": key, "value": value} for key, value in header.items()]}
            for name, header in headers.items()
        ]
        (folder / "accounts.json").write_text(json.dumps({"auth": users}))
        peers = f"peers = {json.dumps(list(headers))}\n" if len(headers) > 1 else ""
        (folder / "schemathesis.toml").write_text(f'[auth.wfc]\npath = "accounts.json"\n{peers}')
    report = folder / "report.ndjson"
    command += ["--report", "ndjson", "--report-ndjson-path", report.name, "--no-color"]
    return *run_tool(command, folder, options.limit), *read_schemathesis(report)


def read_schemathesis(report):
    """The findings and the number of requests of an NDJSON report, which is whole up to where the run was stopped."""
    findings, requests = {}, 0
    for line in open(report, encoding="utf-8") if report.exists() else ():
        try:
            event = json.loads(line)
        except ValueError:
            break
        record = event.get("ScenarioFinished", {}).get("recorder", {})
        exchanges = record.get("interactions", {})
        requests += len(exchanges)
        for case, checks in record.get("checks", {}).items():
            for check in checks:
                if check["status"] == "failure":
                    one = schemathesis_finding(check, exchanges.get(case, {}), record.get("label", ""))
                    findings.setdefault((one["check"], one["operation"], one["detail"]), one)
    return list(findings.values()), requests


def schemathesis_finding(check, exchange, label):
    failure = check.get("failure_info", {}).get("failure", {})
    request, response = exchange.get("request", {}), exchange.get("response") or {}
    status, body = response.get("status_code"), content(response.get("content"))
    words = [failure.get("title", "")]
    # Of a message that quotes a random value only the place in the schema can be compared.
    words += [part for part in failure.get("message", "").splitlines() if re.match(r"Schema at|Invalid component", part)]
    words.append(f"status {status}")
    if status and status >= 400:
        words.append(body[:100])
    example = f"{request.get('method')} {request.get('uri')} {content(request.get('body'))[:300]} -> {status} {body[:300]}"
    if failure.get("message"):
        example += " | " + " ".join(failure["message"].split())[:300]
    return finding(check["name"], failure.get("operation") or label, plain(" ".join(words)), example)


def content(body):
    if not isinstance(body, dict) or "$base64" not in body:
        return ""
    return base64.b64decode(body["$base64"]).decode("utf-8", "replace")


def plain(text):
    """A text without what differs from run to run: identities, names and numbers."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|assay-[0-9a-f]{12}", "ID", text)
    return re.sub(r"\d{4,}|(?<![\w.])-?\d+\.\d+", "N", text)


def finding(check, operation, detail, example):
    return {"check": check, "operation": operation, "detail": detail, "example": example}


TOOLS = {"assay": run_assay, "schemathesis": run_schemathesis}


# --- One run, kept in a file -----------------------------------------------------------------------------------------------------


def read_json(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def measure(options, tool, server, name, **more):
    """Runs one tool on a fresh server, or reads what that came to before."""
    kept = options.output / "runs" / f"{name}.{tool}.json"
    if (result := read_json(kept)) is not None:
        return result
    folder = options.work / "runs" / f"{name}.{tool}.{int(time.time())}"
    folder.mkdir(parents=True)
    with Running(server, folder) as running:
        plant(running)
        before, asked = inventory(running), running.accesses()
        seconds, processor, ended, findings, requests = TOOLS[tool](options, running, folder, **more)
        # A request that was cut off may still be on its way to the log.
        time.sleep(0.3)
        seen, after = running.accesses(), inventory(running)
    result = {
        "server": name, "tool": tool, "seconds": seconds, "processor_seconds": processor, "ended": ended, "requests": requests,
        "requests_at_server": None if seen is None else seen - asked - (tool == "assay"),
        "left": None if before is None or after is None else len(after - before),
        "lost": None if before is None or after is None else len(before - after),
        "findings": findings,
    }
    kept.write_text(json.dumps(result, indent=1))
    print(f"{time.strftime('%H:%M:%S')} {name:34} {tool:12} {seconds:7.2f} s  {requests} requests  "
          f"{len(findings)} findings  {result['left']} left  {ended}", flush=True)
    return result


# --- What it came to -------------------------------------------------------------------------------------------------------------


def coarse(one):
    return one["check"], one["operation"]


def fine(one):
    return one["check"], one["operation"], one["detail"]


def new_findings(result, clean, key):
    known = {key(one) for run in clean for one in run["findings"]}
    fresh = {}
    for one in result["findings"]:
        if key(one) not in known:
            fresh.setdefault(key(one), one)
    return list(fresh.values())


def compare(faults, results, tools):
    rows = []
    for fault, breaks in faults.items():
        row = {"fault": fault, "breaks": breaks}
        for tool in tools:
            if (result := results[tool].get(fault)) is not None:
                clean = results[tool]["clean"]
                row[tool] = {
                    **{key: result[key] for key in ("seconds", "processor_seconds", "requests", "left", "ended")},
                    "found": bool(new_findings(result, clean, coarse)),
                    "new": new_findings(result, clean, coarse),
                    "new_by_detail": new_findings(result, clean, fine),
                }
        rows.append(row)
    return rows


def number(values, digits=0):
    values = [value for value in values if value is not None]
    return f"{statistics.median(values):.{digits}f}" if values else "-"


def total(values):
    values = [value for value in values if value is not None]
    return f"{sum(values):.0f}" if values else "-"


def summary(rows, results, tools):
    lines = ["| | " + " | ".join(tools) + " |", "|---|" + "---|" * len(tools)]
    def line(text, of):
        cells = (str(of(tool, [row[tool] for row in rows if tool in row])) for tool in tools)
        lines.append(f"| {text} | " + " | ".join(cells) + " |")
    line("faults run", lambda _, runs: len(runs))
    line("found, by check and operation", lambda _, runs: sum(run["found"] for run in runs))
    line("found, by what is said as well", lambda _, runs: sum(bool(run["new_by_detail"]) for run in runs))
    line("findings on the clean shop (each run)", lambda tool, _: ", ".join(
        str(len({coarse(one) for one in run["findings"]})) for run in results[tool]["clean"]))
    line("seconds, median of a run", lambda _, runs: number((run["seconds"] for run in runs), 1))
    line("seconds, all runs", lambda _, runs: total(run["seconds"] for run in runs))
    line("seconds of the processor, median of a run", lambda _, runs: number((run["processor_seconds"] for run in runs), 1))
    line("stopped at the limit", lambda _, runs: sum("stopped" in run["ended"] for run in runs))
    line("requests, median of a run", lambda _, runs: number(run["requests"] for run in runs))
    line("left behind, median of a run", lambda _, runs: number(run["left"] for run in runs))
    line("left behind, clean shop (each run)", lambda tool, _: ", ".join(str(run["left"]) for run in results[tool]["clean"]))
    line("left behind, most", lambda _, runs: max((run["left"] or 0 for run in runs), default="-"))
    return lines


def cell(run):
    if run is None:
        return "not run | | | "
    names = sorted({f"{one['check']} {one['operation'].split(',')[0]}" for one in run["new_by_detail"]})
    words = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    found = "yes" if run["found"] else "by detail" if run["new_by_detail"] else "**no**"
    return f"{found}{': ' if words else ''}{words} | {run['seconds']} | {run['requests']} | {run['left']}"


def fault_table(rows, tools):
    head = ["| fault | breaks |" + "".join(f" {tool} | s | requests | left |" for tool in tools)]
    head.append("|---|---|" + "---|---|---|---|" * len(tools))
    cells = [[row["fault"], row["breaks"], *(cell(row.get(tool)) for tool in tools)] for row in rows]
    return head + ["| " + " | ".join(one) + " |" for one in cells]


def finding_list(run):
    return [f"- `{one['check']}` {one['operation']}: {' '.join(one['example'].split())[:400]}" for one in run["findings"]]


def markdown(options, rows, results, servers, tools):
    tried = f"{version(options.assay)}; {version(options.schemathesis)}; at most {options.limit} s a run; seed {SEED}."
    lines = ["# Schemathesis and assay, side by side", "", tried, ""]
    if rows is not None:
        lines += ["## The shop", "", *summary(rows, results, tools), "", "### Each fault", "", *fault_table(rows, tools)]
        for tool in tools:
            for run in results[tool]["clean"]:
                lines += ["", f"### {tool} on the clean shop: {run['server']}", "", *finding_list(run)]
    if servers:
        lines += ["", "## Servers of PyPI", "", "| server | tool | findings | s | requests | at the server | left | lost | end |",
                  "|---|---|---|---|---|---|---|---|---|"]
        for run in servers:
            count = len({coarse(one) for one in run["findings"]})
            lines.append(f"| {run['server']} | {run['tool']} | {count} | {run['seconds']} | {run['requests']} | "
                         f"{run['requests_at_server']} | {run['left']} | {run['lost']} | {run['ended']} |")
        for run in servers:
            lines += ["", f"### {run['tool']} on {run['server']}", "", *finding_list(run)]
    return "\n".join(lines) + "\n"


@functools.cache
def version(program):
    return subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip().split("\n")[0]


# --- All of it -------------------------------------------------------------------------------------------------------------------


def virtual_environment(options, name, packages):
    """A virtual environment below the work folder; one that is there is used again."""
    folder = options.work / name
    if not (folder / "complete").exists():
        print(f"installing {' '.join(packages)}", flush=True)
        subprocess.run([options.python, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *packages], check=True)
        (folder / "complete").touch()
    return folder / "bin"


def known_faults(options):
    """The faults of the shop, and what each breaks."""
    listed = subprocess.run([options.assay, "list", "faults", "--format", "json"], capture_output=True, text=True, check=True)
    faults = {one["fault"]: one["description"] for one in json.loads(listed.stdout) if one["fault"].startswith("shop-")}
    if options.faults is None:
        return faults
    if unknown := [name for name in options.faults if name not in faults and name != "none"]:
        sys.exit(f"no such faults: {', '.join(unknown)}")
    return {name: faults[name] for name in options.faults if name != "none"}


def run_shop(options, faults, finish):
    """All runs on the shop. assay first, as it is quick; then Schemathesis until time is up."""
    results = {tool: {"clean": []} for tool in options.tools}
    # Every second fault first: neighbours in the list are of a kind, and time may not suffice for all.
    order = list(faults)[0::2] + list(faults)[1::2]
    for tool in sorted(options.tools):
        for seed in range(SEED, SEED + options.clean_runs):
            more = {"seed": seed} if tool == "schemathesis" else {}
            results[tool]["clean"].append(measure(options, tool, Shop(options.assay, None), f"clean-{seed}", **more))
        for fault in order:
            kept = options.output / "runs" / f"{fault}.{tool}.json"
            if tool != "schemathesis" or kept.exists() or time.monotonic() < finish:
                results[tool][fault] = measure(options, tool, Shop(options.assay, fault), fault)
                write(options, faults, results, None)
    return results


def run_servers(options):
    runs = []
    for make in SERVERS:
        if options.servers is None or make.name in options.servers:
            server = make(virtual_environment(options, make.name, make.packages))
            runs += [measure(options, tool, server, make.name) for tool in sorted(options.tools)]
    return runs


def write(options, faults, results, servers):
    tools = sorted(options.tools)
    rows = compare(faults, results, tools) if results else None
    (options.output / "side_by_side.md").write_text(markdown(options, rows, results, servers, tools), encoding="utf-8")
    everything = {"versions": [version(options.assay), version(options.schemathesis)], "faults": rows, "servers": servers}
    if results:
        everything["clean"] = {tool: results[tool]["clean"] for tool in tools}
    (options.output / "side_by_side.json").write_text(json.dumps(everything, indent=1), encoding="utf-8")


def arguments():
    names = lambda text: [name for name in text.split(",") if name]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assay", default="assay", metavar="BINARY")
    parser.add_argument("--faults", type=names, metavar="NAMES")
    parser.add_argument("--servers", type=names, metavar="NAMES")
    parser.add_argument("--tools", type=names, metavar="NAMES", default=list(TOOLS))
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("side-by-side"), metavar="DIR")
    parser.add_argument("--work", type=pathlib.Path, metavar="DIR")
    parser.add_argument("--python", default=sys.executable, metavar="BINARY")
    parser.add_argument("--limit", type=int, default=120, metavar="SECONDS")
    parser.add_argument("--minutes", type=float, default=float("inf"), metavar="N")
    parser.add_argument("--clean-runs", type=int, default=3, metavar="N")
    options = parser.parse_args()
    # A tool runs in a folder of its own, so a relative path to the program would lead nowhere.
    options.assay = os.path.abspath(options.assay) if os.sep in options.assay else options.assay
    options.output = options.output.resolve()
    return options


def main():
    # So that what was started is stopped, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    options = arguments()
    finish = time.monotonic() + options.minutes * 60
    (options.output / "runs").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="side-by-side-") as temporary:
        options.work = (options.work or pathlib.Path(temporary)).resolve()
        options.schemathesis = virtual_environment(options, "schemathesis", ["schemathesis>=4,<5"]) / "schemathesis"
        faults = known_faults(options)
        servers = run_servers(options)
        results = run_shop(options, faults, finish)
        write(options, faults, results, servers)
    print(f"written to {options.output}")


if __name__ == "__main__":
    main()
