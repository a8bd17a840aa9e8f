"""A screen that docks keeps the poses of its hits."""

from functools import partial
from pathlib import Path

import pandas as pd
from rdkit import Chem

from molgen.data.readers import read_chunks
from molgen.scoring.components.docking import Docking
from molgen.scoring.scorer import Scorer, Term
from molgen.screening.screen import screen


def test_the_hits_of_a_screen_have_poses(tmp_path: Path, peptide: Path) -> None:
    library = tmp_path / "library.smi"
    library.write_text("OCC\nCC(N)=O.Cl\nCB(O)O\n")  # one that is written otherwise, a salt, and one that can't be docked
    docking = Docking(str(peptide), (0.0, 0.0, 0.0), (14.0, 14.0, 14.0), exhaustiveness=1, max_evals=10_000)
    found = screen(partial(read_chunks, library, rows=10), Scorer({"docking": Term(docking)}), tmp_path / "screen", hits=5)
    assert len(found.hits) == 2
    poses = list(Chem.SDMolSupplier(str(found.folder / "poses" / "docking.sdf")))
    assert {pose.GetProp("_Name") for pose in poses} == {"CCO", "CC(N)=O"}
    table = pd.read_csv(found.folder / "poses" / "docking.csv")
    assert set(table["smiles"]) <= {"CCO", "CC(N)=O"}
    assert "CA  ALA" in (found.folder / "poses" / "docking.pdb").read_text()
