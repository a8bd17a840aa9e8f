"""The command line against settings and files drawn at random; `python -m benchmarks.fuzz` runs more of them."""

from benchmarks.fuzz.__main__ import outcomes
from benchmarks.fuzz.cases import COMMANDS, MADE


def test_whatever_is_typed_ends_in_an_answer_or_in_a_few_lines() -> None:
    found = list(outcomes(45, seconds=1, patience=1, commands=[command for command in COMMANDS if command not in MADE]))
    assert [fault for outcome in found if not outcome.hung for fault in outcome.faults] == []
    assert any(outcome.accepted for outcome in found)
    assert sum(not outcome.accepted for outcome in found) > 15
