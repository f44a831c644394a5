"""Holds the reports that CI services read against the schemas of their formats, and the files of docs/ci.md against those of
the services: ci_formats.py FOLDER [PACKAGES]

FOLDER has assay.sarif, ctrf.json and quality.json of a run that found something. PACKAGES has the npm packages that ship the
schemas of SARIF and CTRF; without it these two are left out, and it says so."""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
SARIF = "jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
CTRF = "ctrf/dist/ctrf-schema-0.0.json"


def checked(*arguments):
    """What check-jsonschema has to say: nothing, if all is well."""
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *map(str, arguments)], capture_output=True, text=True, timeout=60
    )
    return [] if done.returncode == 0 else [f"{arguments}:\n{done.stdout}{done.stderr}"]


def fenced(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def pipelines(folder):
    """The files of docs/ci.md, each with the schema that check-jsonschema has of its service."""
    examples = fenced(ROOT / "docs/ci.md", "yaml")
    kinds = {"name:": "vendor.github-workflows", "conformance:": "vendor.gitlab-ci"}
    found = {schema: text for text in examples for key, schema in kinds.items() if text.startswith(key)}
    if len(found) != len(kinds):
        raise SystemExit("the files of docs/ci.md are not found any more")
    for schema, text in found.items():
        path = folder / f"{schema}.yaml"
        path.write_text(text, encoding="utf-8")
        yield schema, path
    yield "vendor.github-workflows", ROOT / ".github/workflows/release.yml"
    yield "vendor.github-actions", ROOT / "action.yml"


def paths_are_there(reports):
    """What no schema says: the lines that reports name are lines of files of this project."""
    sarif = json.loads((reports / "assay.sarif").read_text(encoding="utf-8"))
    physical = [
        location["physicalLocation"]
        for result in sarif["runs"][0]["results"]
        for location in result.get("locations", [])
    ]
    named = [(place["artifactLocation"]["uri"], place["region"]["startLine"]) for place in physical]
    quality = json.loads((reports / "quality.json").read_text(encoding="utf-8"))
    named += [(entry["location"]["path"], entry["location"]["lines"]["begin"]) for entry in quality]
    if not named:
        yield "no finding has a place: the run found nothing"
    for path, line in named:
        file = ROOT / path
        if not file.is_file() or line > len(file.read_text(encoding="utf-8").splitlines()):
            yield f"{path}:{line} is not there"


def main(reports, packages=None):
    reports = pathlib.Path(reports)
    found = checked("--schemafile", HERE / "gitlab-code-quality.json", reports / "quality.json")
    if packages:
        packages = pathlib.Path(packages)
        # A pattern of that schema has a bracket too many, which Python's dialect lets pass.
        found += checked("--schemafile", packages / SARIF, "--regex-variant", "python", reports / "assay.sarif")
        found += checked("--schemafile", packages / CTRF, reports / "ctrf.json")
    else:
        print("npm is not there: SARIF and CTRF are not held against the schemas of their packages")
    with tempfile.TemporaryDirectory() as folder:
        for schema, path in pipelines(pathlib.Path(folder)):
            found += checked("--builtin-schema", schema, path)
    found += paths_are_there(reports)
    for mistake in found:
        print(mistake, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
