import re

import pytest

from molgen import progress
from molgen.progress import progress as shown


def test_a_log_gets_lines_with_what_is_done_and_what_begins(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with shown("fitting", "models", 3) as advance:
        advance()
    assert capsys.readouterr().err == ""  # short work leaves none
    monkeypatch.setattr(progress, "PAUSE", 0.0)
    with shown("fitting", "models", 3) as advance:
        advance.doing("trees")
        advance(2)
    with shown("reading") as advance:
        advance(3000)
    with shown("hidden", visible=False) as advance:
        advance(3000)
    monkeypatch.setattr(progress.time, "monotonic", iter(range(0, 10_000, 100)).__next__)
    with shown("screening", total=100, about=True) as advance:
        advance(40)
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["fitting: 0 of 3 models; trees", "fitting: 2 of 3 models; trees"]
    assert len(lines) == 4
    assert re.fullmatch(r"reading: 3,000 molecules, [\d,]+/s", lines[2])
    assert re.fullmatch(r"screening: 40 of about 100 molecules, \d+ min left", lines[3])


@pytest.mark.parametrize(
    ("seconds", "said"), [(59, "59 s"), (150, "2 min"), (3 * 3600 + 720, "3 h 12 min"), (7 * 3600, "7 h"), (2 * 86400, "2 days")]
)
def test_times_are_said_as_people_do(seconds: float, said: str) -> None:
    assert progress.span(seconds) == said
