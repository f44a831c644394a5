"""Has assay test and load a server that answers with markup, scripts and steering characters wherever it can, opens the
reports in a browser, and sees that nothing of that executes and nothing is fetched: html_safety.py ASSAY FOLDER"""

import contextlib
import html
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from browser import Browser, find_browser

TARGET = """target: hostile
suites:
  cloudn: {{url: "http://127.0.0.1:{port}/client/api", api_key: hostile-key, secret_key: hostile-secret}}
  esm: {{url: "http://127.0.0.1:{port}", credentials: {{token: hostile-token, app_code: hostile-code, hcso_app_code: hostile-code}}}}
variables: {{begin_time: 1, end_time: 2, domain: d, region: r, host: h}}
allow: [reads, creates, changes, removes, load]
limits: {{deadline: 5s, longest_job: 1s}}
"""


def payload(port):
    """Text that would act in every context of a page that forgot to escape it, and steering characters."""
    act = f"window.__pwned=1;alert(1);fetch('http://127.0.0.1:{port}/pwned')"
    return "".join(
        [
            f"</script><script>{act}</script>",
            f"</style><style>@import url(http://127.0.0.1:{port}/pwned);</style>",
            f"</title></textarea></pre><img src=http://127.0.0.1:{port}/pwned onerror=\"{act}\">",
            f"<svg onload=\"{act}\"><iframe src=\"javascript:{act}\"></iframe>",
            f"<link rel=stylesheet href=http://127.0.0.1:{port}/pwned><base href=http://127.0.0.1:{port}/pwned>",
            f"<meta http-equiv=refresh content=\"0;url=http://127.0.0.1:{port}/pwned\">",
            f"\" autofocus onfocus=\"{act}\" x=\"' onmouseover='{act}' ",
            f"<a href=\"javascript:{act}\">x</a>--><!-- ]]> {{{{7*7}}}} {{% raw %}} ${{7*7}} &lt;script&gt;{act}&lt;/script&gt;",
            "\u202egnp.exe\u2066\u200f\u061c\ufeff\u2028\u0000\u0008\u001b[31m\u007f\u009b\U000e0041",
        ]
    )


class Hostile(BaseHTTPRequestHandler):
    """Answers each request in another way; `evil`, `seen` and `fetched` are set from outside."""

    evil = ""
    seen = 0
    fetched = []
    lock = threading.Lock()

    def answer(self):
        length = int(self.headers.get("content-length") or 0)
        self.rfile.read(length)
        if "pwned" in self.path:
            self.fetched.append(self.path)
        with self.lock:
            kind = Hostile.seen % 8
            Hostile.seen += 1
        asked = parse_qs(urlsplit(self.path).query)
        name = (asked.get("command") or ["x"])[0].lower() + "response"
        item = {"id": self.evil, "name": self.evil, self.evil: self.evil, "state": [self.evil]}
        fields = {"count": self.evil, "zone": [item], "virtualmachine": [item], "jobid": self.evil, self.evil: 1}
        if "command" not in asked and kind in (0, 6):
            # A REST API has no envelope: what is wrong with the answer is reported with what is there.
            name, fields = "list", self.evil
        markup = html.escape("".join(c for c in self.evil if c >= " "))
        status, content, body = [
            (200, "application/json", json.dumps({name: fields})),
            (200, "application/json", json.dumps({self.evil: fields}, ensure_ascii=False)),
            (431, "application/json", json.dumps({"errorresponse": {"errorcode": 431, "errortext": self.evil}})),
            (200, "text/html", f"<!doctype html><html><body>{self.evil}</body></html>"),
            (200, "text/xml", f"<{name}><count>{markup}</count><zone><id>{markup}</id></zone></{name}>"),
            (500, self.ascii(), self.evil),
            (200, "application/json", json.dumps({name: fields, "total": self.evil})),
            (302, "text/plain", self.evil),
        ][kind]
        data = body.encode("utf-8", "replace") + (b"\xff\xfe" if kind == 3 else b"")
        self.send_response(status, self.ascii()[:80])
        self.send_header("content-type", content)
        self.send_header("x-evil", self.ascii())
        if status == 302:
            self.send_header("location", "javascript:" + self.ascii())
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(data)

    def ascii(self):
        """What a header can carry of it."""
        return "".join(c for c in self.evil if " " <= c <= "~")

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer

    def log_message(self, *_):
        pass


# What may be in a page, and what a page of a report never has.
LOOK = """(() => {
  document.querySelectorAll('details').forEach(each => each.open = true);
  const all = [...document.querySelectorAll('*')];
  all.forEach(each => each.dispatchEvent(new MouseEvent('mouseover', {bubbles: true})));
  all.forEach(each => each.focus && each.focus());
  const acting = all.filter(each => [...each.attributes].some(a =>
    a.name.startsWith('on') || a.name === 'style' || a.name === 'src' || a.name === 'srcset'
    || (a.name.endsWith('href') && !a.value.startsWith('#') && a.value !== 'data:,')));
  // Of its own a page has an icon that is empty, and filters that go nowhere.
  const foreign = document.querySelectorAll('img,iframe,object,embed,base,video,audio,frame,applet,template,'
    + 'link:not([rel=icon][href="data:,"]),form:not(.filter),form[action]');
  const text = document.documentElement.textContent;
  return JSON.stringify({
    pwned: window.__pwned === undefined ? null : String(window.__pwned),
    acting: acting.map(each => each.outerHTML.slice(0, 200)).slice(0, 3),
    foreign: [...foreign].map(each => each.outerHTML.slice(0, 200)).slice(0, 3),
    scripts: document.scripts.length, styles: document.querySelectorAll('style').length,
    steering: /[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufeff]/.test(text),
    told: text.includes('__pwned'),
  });
})()"""


def mistakes(browser, page):
    """Everything that is wrong with a page."""
    opened = browser.open(page.resolve().as_uri())
    look = json.loads(opened.evaluate(LOOK))
    opened.settle()
    yield from (f"a dialog opened: {dialog}" for dialog in opened.dialogs)
    yield from (f"the console says: {line}" for line in opened.complaints)
    yield from (f"it fetched {url}" for url in opened.requests if url != page.resolve().as_uri())
    for name in ["pwned", "acting", "foreign", "steering"]:
        if look[name]:
            yield f"{name}: {look[name]}"
    if (look["scripts"], look["styles"]) != (1, 1):
        yield f"{look['scripts']} scripts and {look['styles']} styles, not one of each"
    if not look["told"]:
        yield "nothing of what the server sent is told: the test shows nothing"


def reports(assay, folder, port):
    """The pages that assay makes of what the server sends, and whether each has to tell of it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    target = folder / "target.yaml"
    target.write_text(TARGET.format(port=port), encoding="utf-8")
    profile = "esm::service-levels::at-its-documented-service-level::host-detail"

    def run(page, *arguments):
        # The first answer is nearly a good one: a run begins with a look whether an API is there at all.
        Hostile.seen = 0
        done = subprocess.run([assay, *map(str, arguments)], capture_output=True, timeout=300, check=False)
        if not page.exists():
            sys.exit(f"{arguments} made no report: {done.stderr.decode()}")
        return page

    page = folder / "comparison.html"
    return [
        run(folder / "test/report.html", "test", "--suite", "cloudn", "--target", target, "--output", folder / "test"),
        run(folder / "load/report.html", "load", profile, "--target", target, "--for", "3s", "--output", folder / "load"),
        run(page, "compare", folder / "load", folder / "load", "--report", f"html={page}"),
    ]


def main(assay, folder):
    found = find_browser()
    if found is None:
        print("no Chromium is installed: what reports do in a browser was not looked at (apt-get install chromium)")
        return 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    port = server.server_address[1]
    Hostile.evil = payload(port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    wrong = []
    with tempfile.TemporaryDirectory() as profile:
        pages = reports(assay, pathlib.Path(folder), port)
        # A page that is as unsafe as can be shows that the browser would tell.
        unsafe = pathlib.Path(folder) / "unsafe.html"
        unsafe.write_text(f"<!doctype html><meta charset=utf-8><script>0</script>{Hostile.evil}", encoding="utf-8")
        with Browser(found, profile) as browser:
            if len(list(mistakes(browser, unsafe))) < 4 or not Hostile.fetched:
                wrong.append("the unsafe page does no harm: this browser shows nothing")
            Hostile.fetched.clear()
            for page in pages:
                # Pages of load hold what was planned, numbers, and few words of answers: tests/reports fills those in.
                quiet = page.parent.name != "test"
                told = [each for each in mistakes(browser, page) if not (quiet and each.startswith("nothing of"))]
                wrong.extend(f"{page}: {each}" for each in told)
                print(f"{page}: {page.stat().st_size} bytes, {len(told)} mistakes")
    wrong.extend(f"the server was asked for {path}" for path in Hostile.fetched)
    server.shutdown()
    for mistake in wrong:
        print(mistake, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
