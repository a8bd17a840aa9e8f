"""Files from strangers: calls that would leave a marker, and the folder they come in."""

from pathlib import Path
from typing import Any

import pytest
import yaml

SCORER, TERM, QED_NAME = "molgen.scoring.scorer.Scorer", "molgen.scoring.scorer.Term", "molgen.scoring.components.qed.QED"
COMMAND = "molgen.scoring.components.command.Command"
IDENTITY = {"_target_": "molgen.scoring.transforms.Identity"}
MODULE = """
import pathlib
pathlib.Path({marker!r}).write_text("imported")
from dataclasses import dataclass
from molgen.scoring.components.qed import QED

@dataclass(frozen=True)
class Mine(QED):
    pass

def function():
    pathlib.Path({marker!r}).write_text("called")
    return QED()
"""


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "marker"


def calls(marker: Path) -> list[dict[str, Any]]:
    """Nodes that would make the marker, or run what could."""
    folder, touch = str(marker.parent), ["touch", str(marker)]
    pickled = marker.with_name("pickled")
    pickled.write_bytes(b"cposix\nsystem\n(S'touch " + str(marker).encode() + b"'\ntR.")  # what pickle would call os.system for
    handle = {"_target_": "builtins.open", "file": str(pickled), "mode": "rb"}
    return [
        {"_target_": "subprocess.Popen", "args": touch},
        {"_target_": "subprocess.run", "_args_": [touch]},
        {"_target_": "subprocess.check_output", "_args_": [touch]},
        {"_target_": "os.system", "command": " ".join(touch)},
        {"_target_": "posix.system", "command": " ".join(touch)},
        {"_target_": "os.mkdir", "path": str(marker)},
        {"_target_": "os.open", "path": str(marker), "flags": 65},
        {"_target_": "builtins.open", "file": str(marker), "mode": "w"},
        {"_target_": "io.open", "file": str(marker), "mode": "w"},
        {"_target_": "io.FileIO", "file": str(marker), "mode": "w"},
        {"_target_": "builtins.eval", "_args_": [f"open({str(marker)!r}, 'w')"]},
        {"_target_": "builtins.exec", "_args_": [f"open({str(marker)!r}, 'w')"]},
        {"_target_": "builtins.__import__", "name": "antigravity"},
        {"_target_": "importlib.import_module", "name": "stranger"},
        {"_target_": "runpy.run_path", "path_name": f"{folder}/stranger.py"},
        {"_target_": "pathlib.Path.touch", "self": str(marker)},
        {"_target_": "logging.FileHandler", "filename": str(marker)},
        {"_target_": "tempfile.NamedTemporaryFile", "dir": folder, "prefix": "marker", "delete": False},
        {"_target_": "pickle.load", "file": handle},
        {"_target_": "pickle.loads", "data": pickled.read_bytes().decode()},
        {"_target_": "_pickle.load", "file": handle},
        {"_target_": "torch.load", "f": str(pickled), "weights_only": False},
        {"_target_": "joblib.load", "filename": str(pickled)},
        {"_target_": "pandas.read_pickle", "filepath_or_buffer": str(pickled)},
        {"_target_": "numpy.load", "file": str(pickled), "allow_pickle": True},
        {"_target_": "numpy.save", "file": str(marker), "arr": [1]},
        {"_target_": "yaml.unsafe_load", "stream": f"!!python/object/apply:os.mkdir [{marker}]"},
        {"_target_": "hydra.utils.instantiate", "config": {"_target_": "os.mkdir", "path": str(marker)}},
        {"_target_": "hydra.utils.call", "_args_": [{"_target_": "os.mkdir", "path": str(marker)}]},
        {"_target_": "molgen.processes.subprocess.Popen", "args": touch},
        {"_target_": "molgen.processes.Path", "_args_": [str(marker)]},
        {"_target_": "molgen.scoring.components.command.Path", "_args_": [str(marker)]},
        {"_target_": "molgen.config.build", "node": {"_target_": "os.mkdir", "path": str(marker)}},
        {"_target_": "molgen.config.locate", "name": "stranger.Mine"},
        {"_target_": "molgen.config.yaml.load", "stream": "a"},
        {"_target_": "molgen.classes.importlib.import_module", "name": "stranger"},
        {"_target_": "molgen.files.write_atomically", "path": str(marker), "content": "x"},
        {"_target_": "molgen.runs.stages.run_config", "config": {}},
        {"_target_": "molgen.runs.run.run_campaign", "objective": QED_NAME},
        {"_target_": "molgen.runs.store.RunStore", "folder": folder},
        {"_target_": "molgen.runs.sweep.Sweep.read", "folder": folder},
        {"_target_": "molgen.runs.sweep.run_job", "folder": folder},
        {"_target_": "molgen.trust.trust", "names": ["command", "stranger"]},
        {"_target_": "molgen.scoring.scorer.Scorer.from_config", "name": folder},
        {"_target_": "molgen.processes._Worker"},
        {"_target_": "molgen.data.readers.Table"},
        {"_target_": COMMAND, "command": " ".join(touch)},
        {"_target_": "stranger.Mine"},
        {"_target_": "stranger.function"},
        {"_target_": "stranger.py:Mine"},
        {"_target_": f"{folder}/stranger.py:Mine"},
        {"_target_": f"molgen.own_code.{folder.encode().hex()}.stranger.Mine"},
        {"_target_": ".stranger.Mine"},
        {"_target_": "..stranger.Mine"},
        {"_target_": "molgen.Mine"},
        {"_target_": "molgen.squat.Mine"},
        {"_target_": "molgen/squat.py:Mine"},
        {"_target_": "molgen_extras.Mine"},
        {"_target_": "molgen.scoring.objective.Objective"},
        {"_target_": "molgen.scoring.component.Component"},
        {"_target_": "molgen.scoring.transforms.Transform"},
        {"_target_": ["subprocess.Popen"], "args": touch},
        {"_target_": {"_target_": "stranger.function"}},
        {"_target_": "~nobody-here/stranger.py:Mine"},
        {"_target_": "strange\0r.py:Mine"},
        {"_target_": "molgen.strange\0r.Mine"},
        {"_target_": None},
        {"_target_": 3},
        {"_target_": ""},
        {"_target_": "."},
        {"_target_": "a" * 5000 + ".b"},
    ]


def objective(component: Any, **more: Any) -> dict[str, Any]:
    term = {"_target_": TERM, "component": component} | more
    return {"_target_": SCORER, "terms": {"a": {"_target_": TERM, "component": {"_target_": QED_NAME}}, "b": term}}


def written(folder: Path, content: Any, name: str = "goal.yaml") -> Path:
    path = folder / name
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path


@pytest.fixture
def strangers(marker: Path) -> Path:
    """A folder with code beside the objective, under many names."""
    folder = marker.parent
    (folder / "molgen").mkdir()
    for name in ("stranger", "molgen", "molgen/squat", "molgen_extras", "subprocess", "command", "endpoint"):
        (folder / f"{name}.py").write_text(MODULE.format(marker=str(marker)))
    return folder
