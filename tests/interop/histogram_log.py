"""Reads an HdrHistogram log with the readers of others, and holds it against the JSON report of the same run:
histogram_log.py REPORT.json LOG.hlog"""

import json
import sys

from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

# A bucket is as wide as a thousandth of its values, and JSON has its upper end.
CLOSE = 0.002
LONGEST_NS = 1200 * 10**9


def added_up(path):
    """One histogram for each tag."""
    sums = {}
    reader = HistogramLogReader(path, HdrHistogram(1, LONGEST_NS, 3))
    while (interval := reader.get_next_interval_histogram()) is not None:
        tag = interval.get_tag()
        if tag not in sums:
            sums[tag] = HdrHistogram(1, LONGEST_NS, 3)
        sums[tag].add(interval)
    return sums


def one_word(name):
    return "".join("_" if character == "," or character.isspace() else character for character in name)


def mistakes(report, sums):
    for profile in report["profiles"]:
        for operation in profile["operations"]:
            for clock in ["response", "service"]:
                told, tag = operation[clock], f"{one_word(profile['name'])}/{one_word(operation['operation'])}/{clock}"
                if told["count"] == 0:
                    continue
                if tag not in sums:
                    yield f"{tag} is not in the log"
                    continue
                found = sums[tag]
                if found.get_total_count() != told["count"]:
                    yield f"{tag}: {found.get_total_count()} in the log, {told['count']} in the report"
                for percent, name in [(50, "p50_s"), (90, "p90_s"), (99, "p99_s"), (99.9, "p99_9_s"), (100, "longest_s")]:
                    seconds = found.get_value_at_percentile(percent) / 1e9
                    if abs(seconds - told[name]) > CLOSE * told[name]:
                        yield f"{tag}: {name} is {seconds} in the log, {told[name]} in the report"


def main(report_path, log_path):
    with open(report_path, encoding="utf-8") as file:
        report = json.load(file)
    found = list(mistakes(report, added_up(log_path)))
    for mistake in found:
        print(mistake, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
