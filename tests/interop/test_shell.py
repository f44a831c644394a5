"""`assay shell` as a person has it: in a terminal, with keys."""

import os
import pty
import re
import select
import signal
import stat
import time

import pytest

LONGEST = 30
TAB, UP, CTRL_C, CTRL_D = "\t", "\x1b[A", "\x03", "\x04"
PROMPT = "cloudn@demonstration> "
# What moves the cursor and erases is the prompt's own.
STEERING = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Shell:
    def __init__(self, assay, target, state):
        arguments = [assay, "shell", "--suite", "cloudn", "--target", target]
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            environment = dict(os.environ, TERM="xterm", XDG_STATE_HOME=str(state), COLUMNS="200")
            os.execve(assay, arguments, environment)
        self.text, self.at = "", 0
        self.expect(PROMPT)

    def expect(self, what):
        """Reads on until something is said that was not said before; what was said up to there."""
        ends = time.monotonic() + LONGEST
        while (found := self.text.find(what, self.at)) < 0:
            left = ends - time.monotonic()
            if left <= 0 or not select.select([self.terminal], [], [], left)[0]:
                pytest.fail(f"{what!r} does not come: {self.text[self.at:]!r}")
            try:
                piece = os.read(self.terminal, 1 << 16)
            except OSError:
                piece = b""
            if not piece:
                pytest.fail(f"the shell ended before {what!r}: {self.text[self.at:]!r}")
            self.text += STEERING.sub("", piece.decode(errors="replace"))
        said, self.at = self.text[self.at : found], found + len(what)
        return said

    def type(self, keys):
        os.write(self.terminal, keys.encode())

    def leave(self):
        self.type(CTRL_D)
        ends = time.monotonic() + LONGEST
        while time.monotonic() < ends:
            # What is still said is read, or the shell would wait.
            try:
                if select.select([self.terminal], [], [], 0.1)[0] and not os.read(self.terminal, 1 << 16):
                    break
            except OSError:
                break
        _, status = os.waitpid(self.process, 0)
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(status)


@pytest.fixture
def shell(request, tmp_path):
    begun = []

    def begin():
        begun.append(Shell(request.config.getoption("--assay"), request.config.getoption("--target"), tmp_path))
        return begun[-1]

    yield begin
    for one in begun:
        try:
            os.kill(one.process, signal.SIGKILL)
        except ProcessLookupError:
            pass


def test_operations_parameters_and_live_values_are_completed(shell, target):
    one = shell()
    one.type("listzo" + TAB)
    one.expect("listZones ")
    one.type("--output csv --columns name\r")
    assert "jp-e1a" in one.expect(PROMPT)
    one.type("deployVirtualMachine zo" + TAB)
    one.expect("zoneid=")
    # Two zones begin otherwise: the list of both has their names.
    one.type(TAB + TAB)
    one.expect("jp-e1b")
    zone = target["suites"]["cloudn"]["variables"]["zone"]
    one.type(zone[:6] + TAB)
    one.expect(f"zoneid={zone} ")
    # Ctrl-C gives up the line, and nothing was created.
    one.type(CTRL_C)
    one.expect(PROMPT)
    assert one.leave() == 0


def test_help_and_mistakes_leave_the_shell_open(shell):
    one = shell()
    one.type("help deployVirtualMachine\r")
    assert "1-4) deployVirtualMachine (A)" in one.expect(PROMPT)
    one.type("listZones name='x\r")
    assert "does not end" in one.expect(PROMPT)
    one.type("noSuchOperation\r")
    one.expect(PROMPT)
    assert one.leave() == 0


def test_lines_are_kept_but_for_those_with_secrets(shell, tmp_path):
    one = shell()
    for line in ["listZones --columns name", "listVolumes password=hunter2-of-a-test", "listZones token:='\"t-of-a-test\"'"]:
        one.type(line + "\r")
        one.expect(PROMPT)
    assert one.leave() == 0
    kept = tmp_path / "assay" / "history"
    assert kept.read_text() == "listZones --columns name\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    again = shell()
    again.type(UP)
    again.expect("listZones --columns name")
    again.type("\r")
    again.expect("jp-e1a")
    again.expect(PROMPT)
    assert again.leave() == 0
