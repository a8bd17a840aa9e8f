import json
import resource
from pathlib import Path

import pytest
import torch

from molgen.errors import CheckpointError
from molgen.files import write_atomically
from molgen.learn.checkpoint import load_tensors, pack, save_tensors, unpack


def test_tensors_and_card_come_back(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    weights = {"w": torch.arange(6, dtype=torch.bfloat16).view(2, 3).T, "b": torch.tensor(3)}
    save_tensors(path, weights, {"trained_on": "nothing"})
    tensors, card = load_tensors(path)
    assert torch.equal(tensors["w"], weights["w"])
    assert tensors["w"].dtype == torch.bfloat16
    assert card == {"trained_on": "nothing"}
    assert json.loads(path.with_suffix(".json").read_text()) == card


@pytest.mark.parametrize("damage", [lambda b: b"", lambda b: b[: len(b) // 2], lambda b: b"\xff" * len(b), lambda b: b[8:]])
def test_a_damaged_file_is_refused_with_its_name(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "a.safetensors"
    save_tensors(path, {"w": torch.zeros(100)}, {})
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(CheckpointError, match=r"a\.safetensors"):
        load_tensors(path)


def test_a_missing_file_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="none"):
        load_tensors(tmp_path / "none.safetensors")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "not bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_state_of_tensors_and_plain_values_comes_back() -> None:
    state = {"w": torch.ones(3), "rng": {"state": 2**100}, "rewards": {"CCO": 0.1}}
    back = unpack(pack(state), Path("x"))
    assert torch.equal(back.pop("w"), torch.ones(3))
    assert back == {"rng": {"state": 2**100}, "rewards": {"CCO": 0.1}}


def test_an_error_of_writing_names_the_file_and_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    write_atomically(path, b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="File too large") as error:
            write_atomically(path, bytes(2000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert error.value.filename == str(path)
    assert path.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [path]
