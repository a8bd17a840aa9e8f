"""AutoDock Vina in this process."""

import functools
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rdkit import Chem

from molgen.scoring.docking.ligand import as_pdbqt, from_pdbqt, has_macrocycle
from molgen.scoring.docking.receptor import as_pdb


@dataclass(frozen=True)
class Engine:
    """Docks ligands into one box of one receptor.

    Attributes
    ----------
    receptor
        Its PDBQT text, read once, so that later changes of the file don't matter.
    center, size
        Centre and edge lengths of the box, Å, [3].
    exhaustiveness
        Independent searches.
    max_evals
        Evaluations per search; 0 lets Vina choose for the ligand.
    """

    receptor: str = field(repr=False)
    center: tuple[float, ...]
    size: tuple[float, ...]
    exhaustiveness: int
    seed: int
    max_evals: int

    def __call__(self, ligand: str) -> tuple[float, Chem.Mol]:
        """The Vina score of the best pose of a ligand given as PDBQT, kcal/mol, and the pose.

        A macrocycle is docked open and scored closed: opened, each bond of it would count as a rotor.

        Raises
        ------
        ValueError
            No pose fits into the box.
        """
        vina = _vina(self.receptor, self.center, self.size, self.seed)
        vina.set_ligand_from_string(ligand)
        vina.dock(exhaustiveness=self.exhaustiveness, n_poses=1, max_evals=self.max_evals)
        score = float(vina.energies(n_poses=1)[0][0])
        if score > 0:
            raise ValueError(f"no pose without clashes in the box (the best: {score:.3g} kcal/mol); a larger box may hold it")
        pose = from_pdbqt(vina.poses(n_poses=1))
        return self.score(pose) if has_macrocycle(pose) else score, pose

    def score(self, pose: Chem.Mol) -> float:
        """The Vina score of a pose in place, kcal/mol, with all its rings closed, so that their bonds don't count as rotors."""
        vina = _vina(self.receptor, self.center, self.size, self.seed)
        vina.set_ligand_from_string(as_pdbqt(pose, closed=True))
        return float(vina.score()[0])


def check_pose(receptor: str, pose: Chem.Mol) -> None:
    """Raise ValueError if a pose fails one of the tests of Buttenschoen et al., Chem. Sci. 15, 3130, 2024."""
    from posebusters import PoseBusters

    surroundings = Chem.MolFromPDBBlock(as_pdb(receptor), sanitize=False, proximityBonding=False)
    table = PoseBusters(config="dock").bust([pose], None, surroundings)
    if failed := [str(name) for name in table.columns if table[name].iloc[0] == False]:  # noqa: E712 (missing values)
        raise ValueError(f"implausible pose: {', '.join(failed)}")


@functools.lru_cache(maxsize=2)
def _vina(receptor: str, center: tuple[float, ...], size: tuple[float, ...], seed: int) -> Any:
    """Vina with the receptor's grids, which take seconds."""
    from vina import Vina

    vina = Vina(sf_name="vina", cpu=1, seed=seed, verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "receptor.pdbqt"
        path.write_text(receptor)
        vina.set_receptor(str(path))
    vina.compute_vina_maps(center=list(center), box_size=list(size))
    return vina
