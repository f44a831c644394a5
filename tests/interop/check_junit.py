"""Holds JUnit reports against their schema: check_junit.py SCHEMA REPORT..."""

import sys

import xmlschema


def counts_agree(root):
    """What a schema can't say: the counts of a test suite are those of its test cases."""
    for suite in root.iter("testsuite"):
        for attribute, path in [
            ("tests", "testcase"),
            ("failures", "testcase/failure"),
            ("errors", "testcase/error"),
            ("skipped", "testcase/skipped"),
        ]:
            told, found = int(suite.get(attribute)), len(suite.findall(path))
            if told != found:
                yield f"test suite {suite.get('name')}: {attribute} is {told}, but there are {found}"


def main(schema_path, *report_paths):
    schema = xmlschema.XMLSchema(schema_path)
    mistakes = 0
    for path in report_paths:
        # lazy=False: the tree is needed for the counts, too.
        resource = xmlschema.XMLResource(path, lazy=False)
        found = [f"{error.path}: {error.reason}" for error in schema.iter_errors(resource)]
        found.extend(counts_agree(resource.root))
        for mistake in found:
            print(f"{path}: {mistake}", file=sys.stderr)
        mistakes += len(found)
    return 1 if mistakes else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
