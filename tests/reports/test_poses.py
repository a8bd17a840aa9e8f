"""A campaign that docks: its poses as files and in the report."""

import json
import re
from pathlib import Path

import numpy as np
from rdkit import Chem

from molgen import design
from molgen.scoring.components.docking import Docking
from molgen.scoring.scorer import Scorer, Term


def test_poses_reach_the_run_folder_and_the_report(tmp_path: Path, peptide: Path) -> None:
    library = tmp_path / "library.smi"
    library.write_text("CCO\nc1ccccc1C#N\nCC(N)=O\nCB(O)O\n")
    docking = Docking(str(peptide), (0.0, 0.0, 0.0), (14.0, 14.0, 14.0), exhaustiveness=1, max_evals=20_000)
    settings = ["search=screen", f"search.library.path={library}"]
    run = design(Scorer({"docking": Term(docking)}), 4, folder=tmp_path / "run", overrides=settings)
    docked = run.molecules.dropna(subset=["docking"]).sort_values("score", ascending=False)
    assert set(run.molecules["problem"].dropna()) == {"docking: Vina knows no B"}  # Vina has no boron
    poses = list(Chem.SDMolSupplier(str(run.folder / "poses" / "docking.sdf")))
    assert [pose.GetProp("_Name") for pose in poses] == docked["smiles"].tolist()
    np.testing.assert_allclose([float(pose.GetProp("docking_score")) for pose in poses], docked["docking"], atol=1e-3)
    page = (run.folder / "report.html").read_text()
    scene = json.loads(re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]
    assert [pose["smiles"] for pose in scene["poses"]] == docked["smiles"].tolist()
    atoms = {int(line[6:11]): line for line in scene["surroundings"].splitlines() if line.startswith("ATOM")}
    assert sum(line[12:16] == " CA " for line in atoms.values()) == len("GAFWDSKLEG")
    for pose, mol in zip(scene["poses"], poses, strict=True):
        places = mol.GetConformer().GetPositions()
        for name, serials in pose["residues"].items():
            found = [atoms[serial] for serial in serials]
            assert {f"{line[17:20]} {line[21].strip()}{line[22:26].strip()}" for line in found} == {name}
            there = np.array([[float(line[i : i + 8]) for i in (30, 38, 46)] for line in found])
            assert np.linalg.norm(there[:, None] - places, axis=2).min() <= 4.5 + 0.01
        assert pose["residues"]
    assert "$3Dmol" in page
    assert not re.search(r'<script[^>]*src="http', page)
