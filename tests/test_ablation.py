"""What the ablation makes of areas."""

import json

import pytest

from benchmarks.ablation import BEGIN, DOCS, row, table
from benchmarks.results import END, RESULTS

AREAS = {
    "whole": {"a": {"0": 0.5, "1": 0.7}, "b": {"0": 0.8, "1": 0.8}},
    "grafts": {"a": {"0": 0.5, "1": 0.5}, "b": {"0": 0.9, "1": 0.9}},
    "terms": {"a": {"0": 0.2, "1": 0.2}, "b": {"0": 0.8, "1": 0.8}},
}


def test_a_part_earns_what_the_whole_has_more_with_the_standard_error_of_the_difference() -> None:
    assert row("terms", AREAS)["earns"] == pytest.approx(0.4)
    assert row("terms", AREAS)["±"] == pytest.approx(0.1)  # 0.5 and 0.7 vary by 0.02, over two seeds; nothing else does


def test_the_table_begins_with_the_whole_then_what_earns_most() -> None:
    lines = table(AREAS).splitlines()
    assert lines[2] == "| nothing | 0.600 | 0.800 | 1.400 |  |"
    assert lines[3] == "| terms | 0.200 | 0.800 | 1.000 | 0.400 ± 0.100 |"
    assert lines[4].startswith("| grafts | 0.500 | 0.900 | 1.400 | ")


def test_the_docs_have_the_table_of_the_results() -> None:
    areas = json.loads((RESULTS / "ablation-1000.json").read_text())["figures"]
    assert f"{BEGIN}{table(areas)}{END}" in DOCS.read_text()
