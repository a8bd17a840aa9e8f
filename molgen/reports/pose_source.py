"""Where the poses of a run or a screen are: in its folder once it has ended, in the cache of scores before."""

import functools
import threading
from collections.abc import Mapping
from pathlib import Path

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.errors import DataError, MolgenError
from molgen.reports.pose_view import PoseSite, SeenPose
from molgen.scoring.component import Component

FOLDER, REFERENCE = "poses", "-reference"  # in a run's folder, and behind the name of a term
LARGEST = 20_000_000  # bytes of a receptor


class PoseFile:
    """The poses in an SD file, each found by its title."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._places: dict[str, tuple[int, int]] = {}
        begin, title, here = 0, None, 0
        with path.open("rb") as file:
            for line in file:
                here += len(line)
                if title is None:
                    title = line.decode(errors="replace").strip()
                if line.startswith(b"$$$$"):
                    self._places.setdefault(title, (begin, here))
                    begin, title = here, None

    def __contains__(self, title: str) -> bool:
        return title in self._places

    def __getitem__(self, title: str) -> str:
        begin, end = self._places[title]
        with self.path.open("rb") as file:
            file.seek(begin)
            return file.read(end - begin).decode(errors="replace")


class PoseSource:
    """The poses of one run or screen.

    Parameters
    ----------
    components
        Of its objective, as far as they could be made.
    """

    def __init__(self, folder: Path, components: Mapping[str, Component]) -> None:
        self.folder, self.components = folder, components
        self._one = threading.Lock()

    def terms(self, smiles: str) -> list[str]:
        """Terms that have a pose of a molecule."""
        stored = [path.stem for path in sorted((self.folder / FOLDER).glob("*.sdf"))]
        may = [name for name, each in self.components.items() if type(each).records is not Component.records]
        return [name for name in dict.fromkeys([*may, *stored]) if self.record(name, smiles)]

    def record(self, term: str, smiles: str) -> str | None:
        """The pose of a molecule as an SD record; None if there is none."""
        return self._stored(term, smiles) or self._cached(term, smiles)

    def site(self, term: str, smiles: str) -> PoseSite:
        """Where a molecule's pose lies.

        That is the receptor of the run's folder for poses that are there too; for others, such as those of a run that goes on,
        the receptor of the settings, if it is still the one that was docked into.
        """
        stored = self._stored(term, smiles)
        if stored is not None and (pdb := self._file(f"{term}.pdb")) is not None:
            try:
                return _site(pdb, self._file(f"{term}{REFERENCE}.pdb") or "")
            except DataError as error:
                return PoseSite("", problem=f"poses/{term}.pdb: {error}")
        component = self.components.get(term)
        cached = self._cached(term, smiles)  # under the contents of the receptor, among others
        if component is None or cached is None or stored not in (None, cached):  # another receptor may have its name now
            return PoseSite("")
        try:
            return _site(component.surroundings() or "", component.known_ligand() or "")
        except MolgenError:
            return PoseSite("")

    def seen(self, term: str, smiles: str, label: str) -> tuple[PoseSite, SeenPose]:
        """A molecule's pose in its site.

        Raises
        ------
        DataError
            There is none.
        """
        record = self.record(term, smiles)
        if record is None:
            raise DataError(f"{smiles[:200]}: has no pose of {term[:100]}")
        site = self.site(term, smiles)
        return site, site.seen(smiles, record, label)

    def _stored(self, term: str, smiles: str) -> str | None:
        """The pose that is in the run's folder."""
        kept = self._kept(term)
        return None if kept is None else next((kept[text] for text in self._names(smiles) if text in kept), None)

    def _kept(self, term: str) -> PoseFile | None:
        path = self.folder / FOLDER / f"{term}.sdf"
        if "/" in term or path.is_symlink() or not path.is_file():
            return None
        with self._one:
            status = path.stat()
            return _indexed(path, status.st_mtime_ns, status.st_size)

    def _file(self, name: str) -> str | None:
        path = self.folder / FOLDER / name
        if "/" in name or path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
            return None
        return path.read_text(errors="replace")

    def _cached(self, term: str, smiles: str) -> str | None:
        component = self.components.get(term)
        if component is None:
            return None
        try:
            found = component.records(self._names(smiles))
        except MolgenError:  # its receptor has been moved
            return None
        return next((found[text] for text in self._names(smiles) if text in found), None)

    @staticmethod
    def _names(smiles: str) -> list[str]:
        """What a molecule may be called where poses are kept: as it is, and as scorers write it."""
        return list(dict.fromkeys([smiles, *(text for text in Molecules([smiles], STANDARD).canonical if text)]))


@functools.lru_cache(8)
def _indexed(path: Path, changed: int, size: int) -> PoseFile:
    """An index of a file of this time and size."""
    return PoseFile(path)


@functools.lru_cache(4)
def _site(pdb: str, reference: str) -> PoseSite:
    """A receptor that several pages ask for."""
    return PoseSite(pdb, reference)
