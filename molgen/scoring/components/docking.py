"""Docking into a receptor."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, ClassVar

import numpy as np
import pooch

from molgen.errors import ConfigError, check_between
from molgen.scoring.cache import Measured
from molgen.scoring.docking.engine import Engine
from molgen.scoring.docking.receptor import PADDING, as_pdb, checked_box, ligand_box, receptor_file
from molgen.scoring.expensive import Expensive
from molgen.scoring.isolation import isolated, processors
from molgen.scoring.transforms import Transform, between

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Docking(Expensive):
    """Score of the best pose in a receptor by AutoDock Vina, kcal/mol; the lower, the better.

    See Eberhardt et al., J. Chem. Inf. Model. 61, 3891, 2021. Poses stay in the cache and reach the run folder as SDF.

    Attributes
    ----------
    receptor
        A .pdbqt file, a .pdb file that is prepared by Meeko first, or a public one: docking/parp1.
    center, size
        Of the box, Å, three numbers each.
    ligand
        In place of center and size: a file with a ligand in its site, which the box holds with `padding` Å around it.
    ph
        Ligands are charged as in water of this pH; null leaves them as they are written.
    isomers, conformers
        Stereoisomers tried where a centre is unspecified, and starting geometries of each; the best pose counts.
    exhaustiveness
        Independent searches from a starting geometry.
    max_evals
        Evaluations of a search; 0 for as many as Vina finds right, which for a flexible ligand takes half a minute.
    check
        Fail molecules whose pose PoseBusters finds implausible.
    timeout, tries
        Seconds a molecule may take, and how often it is tried should Vina crash.
    processes
        Molecules docked side by side; null for one a processor.
    """

    receptor: str
    center: Sequence[float] | None = None
    size: Sequence[float] = (20.0, 20.0, 20.0)
    ligand: str | None = None
    padding: float = PADDING
    ph: float | None = 7.4
    isomers: int = 4
    conformers: int = 1
    exhaustiveness: int = 8
    max_evals: int = 0
    seed: int = 1
    check: bool = False
    timeout: float | None = 300.0
    tries: int = 2
    processes: int | None = None
    unit: ClassVar[str] = "kcal/mol"
    example: ClassVar[dict[str, Any]] = {
        "receptor": "receptor.pdbqt",
        "center": [0.0, 0.0, 0.0],
        "exhaustiveness": 1,
        "max_evals": 10_000,
    }

    def __post_init__(self) -> None:
        if (self.center is None) == (self.ligand is None):
            raise ConfigError("docking: give the box by center and size, or by ligand")
        check_between("docking", 1, isomers=self.isomers, conformers=self.conformers)
        check_between("docking", 1, exhaustiveness=self.exhaustiveness, tries=self.tries)
        check_between("docking", 0, max_evals=self.max_evals)
        if self.seed < 1:
            raise ConfigError(f"docking.seed: must be at least 1 (Vina draws its own for 0), not {self.seed}")
        needed = ["vina", "meeko", "gemmi"] + ["dimorphite_dl"] * (self.ph is not None) + ["posebusters"] * self.check
        if missing := [name for name in needed if find_spec(name) is None]:
            raise ConfigError(f"docking needs {', '.join(missing)}: pip install 'molgen[docking]'")
        self._engine()

    def _engine(self) -> Engine:
        box = checked_box(self.center, self.size) if self.center is not None else ligand_box(str(self.ligand), self.padding)
        return Engine(
            receptor_file(self.receptor),
            *box,
            ph=self.ph,
            isomers=self.isomers,
            conformers=self.conformers,
            exhaustiveness=self.exhaustiveness,
            max_evals=self.max_evals,
            seed=self.seed,
            check=self.check,
        )

    def identity(self) -> dict[str, Any]:
        engine = self._engine()
        return vars(engine) | {"receptor": pooch.file_hash(str(engine.receptor)), "vina": version("vina")}

    def measure(self, smiles: list[str]) -> Measured:
        found = isolated(self._engine(), smiles, self.processes or processors(), self.timeout, self.tries)
        failed = [isinstance(result, Exception) for result in found]
        if any(failed):
            first = failed.index(True)
            LOG.warning("docking: %d of %d failed (%s: %s)", sum(failed), len(found), smiles[first], found[first])
        values = [np.nan if no else result[0] for no, result in zip(failed, found, strict=True)]
        return np.array(values, float), [None if no else result[1] for no, result in zip(failed, found, strict=True)]

    def surroundings(self) -> str:
        return as_pdb(self._engine().receptor)

    def desirability(self) -> Transform:
        return between(-6.0, -12.0)
