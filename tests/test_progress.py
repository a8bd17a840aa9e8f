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
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["fitting: 0 of 3 models; trees", "fitting: 2 of 3 models; trees"]
    assert len(lines) == 3
    assert re.fullmatch(r"reading: 3,000 molecules, [\d,]+/s", lines[2])
