"""What the benchmark of replays makes of its figures."""

import json

from benchmarks.replay import BEGIN, DOCS, markdown
from benchmarks.results import END, RESULTS


def test_a_table_has_a_row_per_pool_and_nothing_where_nothing_was_measured() -> None:
    rows = [
        {"pool": "activity/chembl4005_ki", "condition": "exact", "rule": "molgen", "area": 0.7294, "last": 0.9},
        {"pool": "activity/chembl4005_ki", "condition": "few", "rule": "random", "area": 0.05, "last": 0.1},
    ]
    lines = {line.split(" | ")[0]: line for line in markdown(rows).splitlines()}
    assert lines["| chembl4005_ki"] == "| chembl4005_ki | 0.729 |  |  |  |  |  |  |  | 0.100 |  |  |"
    assert lines["| enamine10k"] == "| enamine10k |  |  |  |  |  |  |  |  |  |  |  |"


def test_the_docs_have_the_table_of_the_results() -> None:
    rows = json.loads((RESULTS / "replay.json").read_text())["figures"]["rows"]
    assert BEGIN + markdown(rows) + END in DOCS.read_text()
