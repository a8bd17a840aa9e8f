"""AutoDock Vina in this process."""

import functools
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rdkit import Chem

from molgen.chem.conformers import embedded, isomers, protonated
from molgen.scoring.docking.receptor import as_pdb


@dataclass(frozen=True)
class Engine:
    """Docks SMILES into one box of one receptor.

    Attributes
    ----------
    receptor
        A PDBQT file.
    center, size
        Of the box, Å, [3].
    ph
        The ligand's charges are those at this pH; None leaves them as they are written.
    isomers, conformers
        Stereoisomers tried where a centre is unspecified, and starting geometries (of rings) of each; the best pose counts.
    exhaustiveness
        Independent searches a starting geometry.
    max_evals
        Evaluations of a search; 0 for as many as Vina finds right for the ligand.
    check
        Whether a pose that PoseBusters finds implausible is an error.
    """

    receptor: Path
    center: tuple[float, ...]
    size: tuple[float, ...]
    ph: float | None
    isomers: int
    conformers: int
    exhaustiveness: int
    seed: int
    max_evals: int
    check: bool

    def __call__(self, smiles: str) -> tuple[float, str]:
        """The Vina score of the best pose, kcal/mol, and the pose as SD record.

        Raises
        ------
        ValueError
            The ligand can't be embedded, Vina doesn't know its atoms, or the pose is implausible.
        """
        charged = smiles if self.ph is None else protonated(smiles, self.ph)
        poses = [
            self._pose(solid, number)
            for isomer in isomers(Chem.MolFromSmiles(charged), self.isomers)
            for solid in [embedded(isomer, self.conformers, self.seed)]
            for number in range(solid.GetNumConformers())
        ]
        score, pose = min(poses, key=lambda found: found[0])
        if self.check:
            self._bust(pose)
        pose.SetProp("_Name", smiles)
        pose.SetProp("docking_score", f"{score:.3f}")
        text = io.StringIO()
        with Chem.SDWriter(text) as writer:
            writer.write(pose)
        return score, text.getvalue()

    def _bust(self, pose: Chem.Mol) -> None:
        """By the tests of Buttenschoen et al., Chem. Sci. 15, 3130, 2024."""
        from posebusters import PoseBusters

        receptor = Chem.MolFromPDBBlock(as_pdb(self.receptor), sanitize=False, proximityBonding=False)
        table = PoseBusters(config="dock").bust([pose], None, receptor)
        if failed := [str(name) for name in table.columns if table[name].iloc[0] == False]:  # noqa: E712 (missing values)
            raise ValueError(f"implausible pose: {', '.join(failed)}")

    def _pose(self, solid: Chem.Mol, conformer: int) -> tuple[float, Chem.Mol]:
        from meeko import MoleculePreparation, PDBQTMolecule, PDBQTWriterLegacy, RDKitMolCreate

        [setup] = MoleculePreparation().prepare(solid, conformer_id=conformer)
        ligand, valid, problem = PDBQTWriterLegacy.write_string(setup)
        if not valid:
            raise ValueError(problem)
        vina = _vina(self)
        vina.set_ligand_from_string(ligand)
        vina.dock(exhaustiveness=self.exhaustiveness, n_poses=1, max_evals=self.max_evals)
        pose = PDBQTMolecule(vina.poses(n_poses=1), skip_typing=True)
        return float(vina.energies(n_poses=1)[0][0]), RDKitMolCreate.from_pdbqt_mol(pose)[0]


@functools.lru_cache(maxsize=2)
def _vina(engine: Engine) -> Any:
    """Vina with the receptor's grids, which take seconds."""
    from vina import Vina

    vina = Vina(sf_name="vina", cpu=1, seed=engine.seed, verbosity=0)
    vina.set_receptor(str(engine.receptor))
    vina.compute_vina_maps(center=list(engine.center), box_size=list(engine.size))
    return vina
