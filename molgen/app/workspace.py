"""What there is in the folder that the page shows."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from molgen.data.tables.formats import SUFFIXES, suffixes
from molgen.errors import ConfigError, DataError
from molgen.predictors.shipped import FILE as PREDICTOR
from molgen.project.creation import GOALS, SETTINGS
from molgen.project.database import FILE as FACTS
from molgen.runs.database import FILE as DATABASE
from molgen.runs.settings import CONFIG
from molgen.runs.sweep import FILE as SWEEP
from molgen.scoring.docking.structure import FORMATS as STRUCTURES
from molgen.screening.screen import SCREEN

DEPTH, MOST = 5, 20_000  # folders below each other, and in all, that are looked into
RECEPTORS = (".pdbqt", *STRUCTURES)  # suffixes of files to dock into
NEEDLESS = {"node_modules", "__pycache__", "site-packages"}
CAMPAIGN_KEYS = ("campaign:", "scoring:", "search:")  # by which the settings of a run are told from other files of that name


@dataclass(frozen=True)
class WorkFolder:
    """Something that molgen made.

    Attributes
    ----------
    kind
        campaign, project, screen or sweep.
    name
        Its path in the workspace, with `/` between folders.
    folder
        Where it is.
    changed
        When it last changed, in seconds since 1970.
    """

    kind: str
    name: str
    folder: Path
    changed: float


class Workspace:
    """A folder, and the campaigns, projects, screens, sweeps and predictors in it.

    Raises
    ------
    ConfigError
        There is no such folder, or it is a run itself.
    """

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise ConfigError(f"{root}: no such folder; name the one that campaigns are in, or are to be")
        self.root = root.resolve()
        if (kind := kind_of_work(self.root)) is not None:
            raise ConfigError(f"{root}: is a {kind}; name the folder that it is in: molgen app {self.root.parent}")

    def find(self) -> list[WorkFolder]:
        """All that is there, what changed last first."""
        found = [
            WorkFolder(kind, folder.relative_to(self.root).as_posix(), folder, _changed(folder))
            for folder in self._folders()
            if (kind := kind_of_work(folder)) is not None
        ]
        return sorted(found, key=lambda each: (-each.changed, each.name))

    def at(self, name: str, kind: str) -> WorkFolder:
        """What has this name.

        Raises
        ------
        DataError
            There is none of this kind, or it is elsewhere.
        """
        folder = self.root / name
        if not self._holds(folder) or folder == self.root or kind_of_work(folder) != kind:
            raise DataError(f"{name[:200]!r}: no {kind} of this name; it may have been moved or removed")
        return WorkFolder(kind, name, folder, _changed(folder))

    def objectives(self) -> list[str]:
        """Names of the YAML files that hold an objective."""
        return self._files(lambda path: path.suffix in (".yaml", ".yml") and _is_objective(path))

    def tables(self) -> list[str]:
        """Names of the files that may hold molecules."""
        return self._files(lambda path: suffixes(path)[0] in SUFFIXES and not path.is_symlink())

    def receptors(self) -> list[str]:
        """Names of the files that hold a structure to dock into."""
        return self._files(lambda path: suffixes(path)[0] in RECEPTORS and not path.is_symlink())

    def file(self, name: str) -> Path | None:
        """The file of this name; None where there is none, or it is elsewhere."""
        path = self.root / name
        return path if self._holds(path) and path.is_file() else None

    def _files(self, wanted: Callable[[Path], bool]) -> list[str]:
        """Names of files in folders that molgen didn't make."""
        found = []
        for folder in (self.root, *self._folders()):
            if kind_of_work(folder) is None:
                found += [path for path in folder.glob("*") if path.is_file() and wanted(path)]
        return sorted(path.relative_to(self.root).as_posix() for path in found)

    def predictors(self) -> list[Path]:
        """Folders in which a predictor was trained."""
        return sorted(folder for folder in (self.root, *self._folders()) if _is_predictor(folder))

    def predictor_at(self, name: str) -> Path:
        """The folder of this name, in which a predictor was trained.

        Raises
        ------
        DataError
            There is none, or it is elsewhere.
        """
        folder = self.root / name
        if not self._holds(folder) or not _is_predictor(folder):
            raise DataError(f"{name[:200]!r}: no predictor of this name; it may have been moved or removed")
        return folder

    def _holds(self, folder: Path) -> bool:
        """Whether it is in the workspace, and through no link; a name that can't be one of a file is nowhere."""
        try:
            return folder.resolve() == folder and folder.is_relative_to(self.root) and folder.exists()
        except (OSError, ValueError):
            return False

    def _folders(self) -> Iterator[Path]:
        """Folders of the workspace; nothing in what molgen made, but the campaigns of a sweep."""
        left, seen = [(self.root, 0)], 0
        while left and seen < MOST:
            folder, depth = left.pop()
            try:
                inside = [Path(each) for each in os.scandir(folder) if each.is_dir(follow_symlinks=False)]
            except OSError:
                continue
            for path in sorted(inside):
                if path.name.startswith(".") or path.name in NEEDLESS:
                    continue
                seen += 1
                yield path
                if depth < DEPTH and kind_of_work(path) in (None, "sweep"):
                    left.append((path, depth + 1))


def kind_of_work(folder: Path) -> str | None:
    """What molgen made `folder` to be; None for any other folder."""
    if (folder / SWEEP).is_file():
        return "sweep"
    if (folder / SCREEN).is_file():
        return "screen"
    if (folder / GOALS).is_file() and ((folder / FACTS).is_file() or _holds(folder / SETTINGS, ("database:",))):
        return "project"
    if (folder / DATABASE).is_file() or ((folder / CONFIG).is_file() and _holds(folder / CONFIG, CAMPAIGN_KEYS)):
        return "campaign"
    return None


def _holds(path: Path, keys: tuple[str, ...]) -> bool:
    """Whether lines of the file begin with all `keys`; it needn't be readable as YAML."""
    try:
        with path.open("rb") as file:
            lines = file.read(200_000).decode(errors="replace").splitlines()
    except OSError:
        return False
    return all(any(line.startswith(key) for line in lines) for key in keys)


def _is_predictor(folder: Path) -> bool:
    """Whether a predictor was trained in it; a link is none."""
    files = folder / PREDICTOR, (folder / PREDICTOR).with_suffix(".json")
    return all(path.is_file() and not path.is_symlink() for path in files)


def _is_objective(path: Path) -> bool:
    return _holds(path, ("terms:",))


def _changed(folder: Path) -> float:
    names = (f"{DATABASE}-wal", DATABASE, CONFIG, SWEEP, SCREEN, FACTS, SETTINGS)
    return max((path.stat().st_mtime for path in map(folder.joinpath, names) if path.is_file()), default=0.0)
