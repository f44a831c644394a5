"""One load on an array of eight tasks of a real Slurm, held against the same load of one generator.

    python3 tests/interop/slurm.py ASSAY FOLDER

A controller, a node and munge are started for it in a private folder, on 127.0.0.1 alone, and ended by the process ids that they
have. The server counts each request by its number. Needs root, and Debian's packages slurm-wlm and munge. Two minutes at most.
"""

import http.server
import json
import os
import pathlib
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from datetime import datetime, timedelta, timezone

TASKS = 8
REQUESTS = 480
PROFILE = """
- profile: numbered requests
  arrivals: {shape: [{rate: 80/s, for: 6s}]}
  mix: [{call: listZones, with: {n: $n}}]
  data: {n: {counter: {from: 0}}}
  service_level: {tp50: 5s, availability: 90%}
  in_flight: 64
"""
TARGET = """
target: counting
suites:
  truth: {url: "http://127.0.0.1:PORT/", api_key: key, secret_key: secret}
"""
BODY = json.dumps({"listzonesresponse": {"count": 1, "zone": [{"id": "1", "name": "one"}]}}).encode()
# The whole proof, in seconds.
BOUND = 120
BEGAN = time.monotonic()
# When all tasks are surely started, one of them twice.
START_AFTER = 25


class Counting(http.server.BaseHTTPRequestHandler):
    """Answers, and counts the requests with each number."""

    protocol_version = "HTTP/1.1"
    counts: dict[str, int] = {}
    lock = threading.Lock()

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        for number in query.get("n", []):
            with self.lock:
                self.counts[number] = self.counts.get(number, 0) + 1
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_):
        pass

    @classmethod
    def taken(cls):
        with cls.lock:
            counts, cls.counts = cls.counts, {}
        return counts


def left():
    rest = BOUND - (time.monotonic() - BEGAN)
    if rest <= 0:
        raise SystemExit(f"slurm: not done within {BOUND} s")
    return rest


def until(what, found):
    """Waits for something that can be seen."""
    while not (value := found()):
        left()
        time.sleep(0.2)
    print(f"slurm: {what} after {time.monotonic() - BEGAN:.0f} s", flush=True)
    return value


def output(arguments, **options):
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=left(), **options)
    return done.returncode, done.stdout + done.stderr


def wanted(arguments, **options):
    code, text = output(arguments, **options)
    if code != 0:
        raise SystemExit(f"slurm: {arguments} exited with {code}:\n{text}")
    return text


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """A controller, a node and munge of this proof's own."""

    def __init__(self, folder):
        self.folder = folder
        self.pid_files = []
        self.host = socket.gethostname().split(".")[0]

    def daemon(self, name, arguments, **options):
        pid_file = self.folder / f"{name}.pid"
        self.pid_files.append(pid_file)
        wanted(arguments, **options)
        until(f"{name} runs", lambda: pid_file.exists() and pid_file.read_text().strip())

    def start(self):
        munge = pwd.getpwnam("munge")
        private = self.folder / "munge"
        private.mkdir(mode=0o711)
        key = private / "munge.key"
        key.write_bytes(secrets.token_bytes(128))
        key.chmod(0o600)
        for path in (private, key):
            os.chown(path, munge.pw_uid, munge.pw_gid)
        pid = private / "munged.pid"
        self.pid_files.append(pid)
        files = f"--socket={private}/socket --pid-file={pid} --log-file={private}/log --seed-file={private}/seed --key-file={key}"
        wanted(["su", "-s", "/bin/sh", "munge", "-c", f"{shutil.which('munged')} {files} --force"])
        until("munge runs", lambda: (private / "socket").exists())
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        conf = self.folder / "slurm.conf"
        conf.write_text(self.configuration(private / "socket"))
        self.environment = os.environ | {"SLURM_CONF": str(conf)}
        for name in ("slurmctld", "slurmd"):
            self.daemon(name, [shutil.which(name), "-f", str(conf)], env=self.environment)
        until("the node is idle", lambda: "idle" in self.command("sinfo", "--noheader", "--format=%T"))

    def configuration(self, socket_path):
        folder, host = self.folder, self.host
        lines = {
            "ClusterName": "assay",
            "SlurmctldHost": f"{host}(127.0.0.1)",
            "SlurmctldPort": free_port(),
            "SlurmdPort": free_port(),
            "SlurmUser": "root",
            "SlurmdUser": "root",
            "AuthType": "auth/munge",
            "AuthInfo": f"socket={socket_path}",
            "StateSaveLocation": folder / "state",
            "SlurmdSpoolDir": folder / "spool",
            "SlurmctldPidFile": folder / "slurmctld.pid",
            "SlurmdPidFile": folder / "slurmd.pid",
            "SlurmctldLogFile": folder / "slurmctld.log",
            "SlurmdLogFile": folder / "slurmd.log",
            "ProctrackType": "proctrack/linuxproc",
            "TaskPlugin": "task/none",
            "MpiDefault": "none",
            "JobAcctGatherType": "jobacct_gather/none",
            "ReturnToService": 2,
            "SelectType": "select/cons_tres",
            "SelectTypeParameters": "CR_CPU",
            "SlurmdParameters": "config_overrides",
            "CommunicationParameters": "NoCtldInAddrAny,NoInAddrAny",
            # A task that is killed has this long to end by itself.
            "KillWait": 5,
        }
        node = f"NodeName={host} NodeAddr=127.0.0.1 CPUs={2 * TASKS} RealMemory=1000"
        return "\n".join([*(f"{key}={value}" for key, value in lines.items()), node, "PartitionName=all Nodes=ALL Default=YES State=UP", ""])

    def command(self, *arguments):
        return output(list(arguments), env=self.environment)[1]

    def states(self, job):
        """The state of each task that is not over."""
        lines = self.command("squeue", "--noheader", "--array", f"--jobs={job}", "--format=%K %T").splitlines()
        return dict(line.split() for line in lines if len(line.split()) == 2)

    def stop(self, jobs):
        for job in jobs:
            output(["scancel", job], env=self.environment)
        for pid_file in reversed(self.pid_files):
            if not pid_file.exists():
                continue
            pid = int(pid_file.read_text())
            try:
                os.kill(pid, signal.SIGTERM)
                for _ in range(50):
                    os.kill(pid, 0)
                    time.sleep(0.1)
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


class Proof:
    def __init__(self, assay, folder, cluster):
        self.assay, self.folder, self.cluster = assay, folder, cluster
        self.jobs = []

    def array(self, name, requeue_when):
        """Runs the load as an array; `requeue_when` says when its third task is killed and queued again."""
        folder = self.folder / name
        folder.mkdir()
        at = datetime.now(timezone.utc) + timedelta(seconds=START_AFTER)
        start = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        # The folder of the job is where its records go; documents are read from there, too.
        shutil.copytree(self.folder / "documents", folder, dirs_exist_ok=True)
        job_file = wanted([self.assay, "load", "--target", "target.yaml", "--print", "slurm", "--workers", str(TASKS), "--start-at", start], cwd=folder)
        (folder / "job.sh").write_text(job_file)
        environment = self.cluster.environment | {"PATH": f"{pathlib.Path(self.assay).parent}:{os.environ['PATH']}"}
        # What the job file says of its own accord, an administrator may overrule.
        job = wanted(["sbatch", "--parsable", "--requeue", "job.sh"], cwd=folder, env=environment).strip()
        self.jobs.append(job)
        running = lambda: list(self.cluster.states(job).values()) == ["RUNNING"] * TASKS
        until(f"{name}: all tasks run", running)
        requeue_when(at)
        self.cluster.command("scontrol", "requeue", f"{job}_3")
        until(f"{name}: task 3 is queued again", lambda: self.cluster.states(job).get("3") == "PENDING")

        def again():
            # It is not taken as long as the killed task is being cleaned up.
            self.cluster.command("scontrol", "update", f"jobid={job}_3", "StartTime=now")
            return self.cluster.states(job).get("3") != "PENDING"

        until(f"{name}: task 3 was begun again", again)
        until(f"{name}: no task is left", lambda: not self.cluster.states(job))
        logs = sorted(folder.glob("assay-load-*.log"))
        if len(logs) != TASKS:
            raise SystemExit(f"slurm: {len(logs)} logs")
        records = sorted(folder.glob(f"assay-load-{job}/worker-*"))
        report = folder / "merged.json"
        code, text = output([self.assay, "report", *map(str, records), "--report", f"json={report}"], cwd=folder)
        if not report.exists():
            raise SystemExit(f"slurm: no report:\n{text}\n{logs[2].read_text()}")
        return code, json.loads(report.read_text()), Counting.taken()


def counted(report):
    """What of a report does not depend on how fast the server was."""
    (profile,) = report["profiles"]
    fields = ("operation", "due", "outcomes", "statuses", "failures")
    operations = [{field: operation.get(field) for field in fields} for operation in profile["operations"]]
    levels = [(level["name"], level["verdict"], level["samples"]) for level in profile["levels"]]
    ending = {"verdict": report["verdict"], "counts": report["counts"], "ending": profile["ending"]}
    return ending | {"operations": operations, "levels": levels, "due": sum(part["due"] for part in profile["timeline"])}


def same(what, found, expected):
    if found != expected:
        raise SystemExit(f"slurm: {what}:\n  {found}\nexpected:\n  {expected}")
    print(f"slurm: {what}: as expected", flush=True)


def main(assay, folder):
    for tool in ("slurmctld", "slurmd", "munged", "sbatch"):
        if shutil.which(tool) is None:
            raise SystemExit(f"slurm: {tool} is not installed: apt-get install slurm-wlm munge")
    root = pathlib.Path(__file__).resolve().parents[2]
    shutil.rmtree(folder, ignore_errors=True)
    documents = folder / "documents"
    shutil.copytree(root / "benches/documents", documents)
    shutil.rmtree(documents / "scenarios/truth/load")
    (documents / "scenarios/truth/load").mkdir()
    (documents / "scenarios/truth/load/numbered.yaml").write_text(PROFILE)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    (documents / "target.yaml").write_text(TARGET.replace("PORT", str(server.server_address[1])))
    once = {str(number): 1 for number in range(REQUESTS)}

    whole = folder / "whole.json"
    code, text = output([assay, "load", "--target", "target.yaml", "--output", "whole", "--report", f"json={whole}"], cwd=documents)
    if code != 0:
        raise SystemExit(f"slurm: the run of one generator exited with {code}:\n{text}")
    expected = counted(json.loads(whole.read_text()))
    same("requests of one generator, each once", Counting.taken(), once)

    cluster = Cluster(pathlib.Path(tempfile.mkdtemp(prefix="assay-slurm-", dir="/tmp")))
    cluster.folder.chmod(0o711)
    proof = Proof(assay, folder, cluster)
    try:
        cluster.start()
        code, report, counts = proof.array("before", lambda _: None)
        same("a task killed before the start, and begun again: requests", counts, once)
        same("the merged report", (code, counted(report)), (0, expected))

        def in_the_middle(at):
            time.sleep(max(0.0, (at - datetime.now(timezone.utc)).total_seconds()) + 2)

        code, report, counts = proof.array("during", in_the_middle)
        same("a task killed while it makes requests: numbers that came twice", [n for n, count in counts.items() if count > 1], [])
        same("it is too late to share the load: something is missing", len(counts) < REQUESTS, True)
        same("and nothing is met", (code != 0, report["counts"].get("met", 0)), (True, 0))
    finally:
        cluster.stop(proof.jobs)
        server.shutdown()
        shutil.rmtree(cluster.folder, ignore_errors=True)
    print(f"slurm: passed in {time.monotonic() - BEGAN:.0f} s")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main(os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve())
