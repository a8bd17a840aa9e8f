"""Docking into a receptor."""

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, ClassVar

import numpy as np
from rdkit import Chem

from molgen.chem.conformers import most_isomers
from molgen.errors import ConfigError, check_between
from molgen.predictors import protonation
from molgen.processes import isolated, processors
from molgen.scoring.cache import Measured
from molgen.scoring.docking.box import PADDING, box_around, check_box, given_box, ligand_places, reference_ligand
from molgen.scoring.docking.engine import Engine, check_pose
from molgen.scoring.docking.ligand import Ligands
from molgen.scoring.docking.receptor import as_pdb, read_receptor
from molgen.scoring.docking.structure import Selection
from molgen.scoring.expensive import Expensive, Procedure
from molgen.scoring.transforms import Transform, sigmoid_between

LOG = logging.getLogger(__name__)
PROTOCOL = 3  # raised when the same settings come to give other values


@dataclass(frozen=True)
class Docking(Expensive):
    """AutoDock Vina score of the best pose in a receptor, kcal/mol; lower is better.

    See Eberhardt et al., J. Chem. Inf. Model. 61, 3891, 2021. Poses are kept in the cache and exported to the run folder as SDF.
    Rings of up to eight atoms are docked closed, larger ones open.

    Attributes
    ----------
    receptor
        A .pdbqt file; a .pdb or .cif file from the PDB, which is prepared (`molgen receptor` shows how); or a public one:
        docking/parp1.
    center, size
        Centre and edge lengths of the box, Å, three numbers each.
    ligand
        Instead of center and size: a file with a ligand in its site, or a residue of the receptor's file (STI/A:401); the box
        surrounds it with `padding`.
    padding
        Distance from the ligand to the sides of the box, Å, at least 0.
    chains, drop, keep
        For a .pdb or .cif file: chains to use (null for all), residues to leave out, and residues to keep although they
        are water, ions or unknown: EDO, B:201 or EDO/B:201.
    ph
        pH at which ligands take their main form; null leaves them as written.
    isomers
        Most stereoisomers tried of a molecule with unspecified centres or a racemate; the best pose counts.
    conformers
        Starting geometries per isomer; null for up to four shapes of rings of seven or eight atoms, otherwise one.
    exhaustiveness
        Independent searches per starting geometry.
    max_evals
        Evaluations per search; 0 lets Vina choose, which takes half a minute for a flexible ligand.
    check
        Whether molecules fail whose pose PoseBusters finds implausible.
    timeout, tries
        Seconds per search (there are `exhaustiveness` searches per starting geometry of every isomer), and the number of attempts
        if Vina crashes.
    processes
        Starting geometries docked in parallel; null for one per processor.
    """

    receptor: str
    center: Sequence[float] | None = None
    size: Sequence[float] = (20.0, 20.0, 20.0)
    ligand: str | None = None
    padding: float = PADDING
    chains: Sequence[str] | None = None
    drop: Sequence[str] = ()
    keep: Sequence[str] = ()
    ph: float | None = 7.4
    isomers: int = 4
    conformers: int | None = None
    exhaustiveness: int = 8
    max_evals: int = 0
    seed: int = 1
    check: bool = False
    timeout: float | None = 180.0
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
        super().__post_init__()
        if (self.center is None) == (self.ligand is None):
            raise ConfigError("docking: give the box by center and size, or by ligand")
        check_between("docking", 1, isomers=self.isomers, conformers=1 if self.conformers is None else self.conformers)
        check_between("docking", 1, exhaustiveness=self.exhaustiveness, tries=self.tries)
        check_between("docking", 0, max_evals=self.max_evals)
        if self.seed < 1:
            raise ConfigError(f"docking.seed: must be at least 1 (Vina draws its own for 0), not {self.seed}")
        needed = ["vina", "meeko", "gemmi"] + ["posebusters"] * self.check
        if missing := [name for name in needed if find_spec(name) is None]:
            raise ConfigError(f"docking needs {', '.join(missing)}: pip install 'molgen-design[docking]'")
        self.engine()

    def engine(self) -> Engine:
        """Vina with the receptor as its file is now."""
        drop = tuple(self.drop)
        if self.center is not None:
            box = given_box(self.center, self.size)
        else:
            places, residue = ligand_places(str(self.ligand), self.receptor)
            box, drop = box_around(places, self.padding), drop + ((residue,) if residue else ())
        chains = None if self.chains is None else tuple(self.chains)
        pdbqt, _ = read_receptor(self.receptor, Selection(chains, drop, tuple(self.keep)))
        check_box(box, pdbqt, self.receptor)
        return Engine(pdbqt, *box, self.exhaustiveness, self.seed, self.max_evals)

    def at_a_time(self) -> int | None:
        return min(self.batch, self.processes or processors())

    def measurement(self) -> Procedure:
        engine, ligands = self.engine(), Ligands(self.ph, self.isomers, self.conformers, self.seed)
        depends = vars(engine) | vars(ligands) | {"receptor": sha256(engine.receptor.encode()).hexdigest(), "check": self.check}
        depends |= {name: version(name) for name in ("vina", "meeko", "rdkit")} | {"protocol": PROTOCOL}
        depends |= {} if self.ph is None else {"protonation": protonation.VERSION}
        depends |= {"posebusters": version("posebusters")} if self.check else {}
        return Procedure(depends, partial(self._dock, engine, ligands))

    def _dock(self, engine: Engine, ligands: Ligands, smiles: list[str]) -> Measured:
        processes = self.processes or processors()
        prepared = isolated(ligands, smiles, processes, self.timeout, self.tries)
        tried = [(i, text) for i, texts in enumerate(prepared) if not isinstance(texts, Exception) for text in texts]
        limit = None if self.timeout is None else self.timeout * self.exhaustiveness
        docked = isolated(engine, [text for _, text in tried], processes, limit, self.tries)
        found: list[list[Any]] = [[texts] if isinstance(texts, Exception) else [] for texts in prepared]
        for (i, _), result in zip(tried, docked, strict=True):
            found[i].append(result)
        best = [best_isomer(results) for results in found]
        if self.check:
            best = _plausible(best, engine.receptor, processes)
        self._report(smiles, best)
        values = [np.nan if isinstance(pose, Exception) else pose[0] for pose in best]
        pairs = zip(smiles, best, strict=True)
        records: list[str | None] = [str(pose) if isinstance(pose, Exception) else _record(text, *pose) for text, pose in pairs]
        return np.array(values, float), records

    def _report(self, smiles: list[str], best: list[Any]) -> None:
        failed = [(text, pose) for text, pose in zip(smiles, best, strict=True) if isinstance(pose, Exception)]
        if failed:
            LOG.warning("docking: %d of %d failed (%s: %s)", len(failed), len(best), *failed[0])
        if many := sum(most_isomers(Chem.MolFromSmiles(text)) > self.isomers for text in smiles):
            LOG.warning("docking: of %d molecules only %d stereoisomers were tried (isomers=)", many, self.isomers)

    def surroundings(self) -> str:
        return as_pdb(self.engine().receptor, hydrogens=True)

    def known_ligand(self) -> str | None:
        return None if self.ligand is None else reference_ligand(str(self.ligand), self.receptor)

    def desirability(self) -> Transform:
        return sigmoid_between(-6.0, -12.0)


def best_isomer(results: Sequence[Any]) -> Any:
    """The best pose of a molecule; isomers without a pose (ValueError) are ignored, but not those that weren't tried."""
    failed = [result for result in results if isinstance(result, Exception)]
    if untried := [error for error in failed if not isinstance(error, ValueError)]:
        return untried[0]
    docked = [result for result in results if not isinstance(result, Exception)]
    return min(docked, key=lambda pose: pose[0]) if docked else failed[0]


def _plausible(best: list[Any], receptor: str, processes: int) -> list[Any]:
    """The poses, or the errors found in them."""
    poses = [i for i, pose in enumerate(best) if not isinstance(pose, Exception)]
    checked = isolated(partial(check_pose, receptor), [best[i][1] for i in poses], processes)
    problems = {i: result for i, result in zip(poses, checked, strict=True) if isinstance(result, Exception)}
    return [problems.get(i, pose) for i, pose in enumerate(best)]


def _record(smiles: str, score: float, pose: Chem.Mol) -> str:
    """A pose as an SD record."""
    pose.SetProp("_Name", smiles)
    pose.SetProp("docking_score", f"{score:.3f}")
    text = io.StringIO()
    with Chem.SDWriter(text) as writer:
        writer.write(pose)
    return text.getvalue()
