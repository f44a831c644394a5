"""A headless Chromium, steered by its own protocol through pipes: no driver, no port, no package."""

import json
import os
import shutil
import subprocess
import threading
import time

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
# So long nothing may happen before a page counts as still.
STILL = 1.0
LONGEST = 60


def find_browser():
    """The path of an installed Chromium: `CHROMIUM` names one."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for path in map(shutil.which, NAMES) if path), None)


class Page:
    """What happened in a page."""

    def __init__(self, browser, session):
        self.browser, self.session = browser, session
        self.requests, self.dialogs, self.complaints = [], [], []
        self.loaded = threading.Event()

    def happened(self, method, told):
        if method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
        elif method == "Page.javascriptDialogOpening":
            self.dialogs.append(told["message"])
            self.browser.send("Page.handleJavaScriptDialog", {"accept": True}, self.session)
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(told["exceptionDetails"]["text"])
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning", "assert"):
            self.complaints.append(str(told["args"]))
        elif method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            self.complaints.append(told["entry"]["text"])
        elif method == "Page.loadEventFired":
            self.loaded.set()

    def evaluate(self, script):
        """What a script of ours says; scripts of ours run even where the page's policy forbids all others."""
        done = self.browser.ask("Runtime.evaluate", {"expression": script, "returnByValue": True}, self.session)
        return done["result"]["value"]

    def settle(self):
        """Waits until nothing happens any more."""
        before, ends = None, time.monotonic() + LONGEST
        while (now := (len(self.requests), len(self.dialogs), len(self.complaints))) != before and time.monotonic() < ends:
            before = now
            time.sleep(STILL)


class Browser:
    """A browser that is closed at the end."""

    def __init__(self, path, profile):
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"]
        arguments += ["--disable-background-networking", "--remote-debugging-pipe", f"--user-data-dir={profile}"]
        reads, self.to = os.pipe()
        self.out, writes = os.pipe()
        # The browser reads from 3 and writes to 4.
        command = f'exec 3<&{reads} 4>&{writes}; exec "$0" "$@"'
        self.process = subprocess.Popen(
            ["bash", "-c", command, path, *arguments, "about:blank"],
            pass_fds=[reads, writes], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(reads)
        os.close(writes)
        self.number, self.answers, self.pages = 0, {}, {}
        self.changed = threading.Condition()
        threading.Thread(target=self.listen, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.send("Browser.close")
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def listen(self):
        rest = b""
        while data := os.read(self.out, 1 << 16):
            *whole, rest = (rest + data).split(b"\0")
            for message in map(json.loads, whole):
                self.take(message)

    def take(self, message):
        if "id" in message:
            with self.changed:
                self.answers[message["id"]] = message
                self.changed.notify_all()
        elif page := self.pages.get(message.get("sessionId")):
            page.happened(message["method"], message["params"])

    def send(self, method, parameters=None, session=None):
        with self.changed:
            self.number += 1
            message = {"id": self.number, "method": method, "params": parameters or {}}
            if session:
                message["sessionId"] = session
            os.write(self.to, json.dumps(message).encode() + b"\0")
            return self.number

    def ask(self, method, parameters=None, session=None):
        number = self.send(method, parameters, session)
        with self.changed:
            if not self.changed.wait_for(lambda: number in self.answers, LONGEST):
                raise TimeoutError(f"the browser does not answer {method}")
            answer = self.answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, address):
        """A page, loaded and still."""
        target = self.ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        page = self.pages[session] = Page(self, session)
        for domain in ["Page", "Runtime", "Network", "Log"]:
            self.ask(f"{domain}.enable", session=session)
        self.ask("Page.navigate", {"url": address}, session)
        if not page.loaded.wait(LONGEST):
            raise TimeoutError(f"{address} does not load")
        page.settle()
        return page
