"""A campaign that docks: its poses as files and in the report."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from molgen import design
from molgen.reports.pose_view import NO_HYDROGENS, NO_RECEPTOR, PoseSite
from molgen.reports.poses import scenes
from molgen.scoring.components.docking import Docking
from molgen.scoring.docking.interactions import interactions
from molgen.scoring.scorer import Scorer, Term

COMPLEXES = Path(__file__).parent.parent / "complexes"


def test_poses_reach_the_run_folder_and_the_report(tmp_path: Path, peptide: Path) -> None:
    library, ligand = tmp_path / "library.smi", tmp_path / "ligand.sdf"
    library.write_text("CCO\nc1ccccc1C#N\nCC(N)=O\nCB(O)O\n")
    ligand.write_text(
        "\n     RDKit          3D\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n    0.0000    0.0000    0.0000 O   0  0\nM  END\n"
    )
    docking = Docking(str(peptide), ligand=str(ligand), padding=7.0, exhaustiveness=1, max_evals=20_000)
    settings = ["search=screen", f"search.library.path={library}"]
    run = design(Scorer({"docking": Term(docking)}), 4, folder=tmp_path / "run", overrides=settings)
    docked = run.molecules.dropna(subset=["docking"]).sort_values("score", ascending=False)
    assert set(run.molecules["problem"].dropna()) == {"docking: Vina knows no B"}  # Vina has no boron
    poses = list(Chem.SDMolSupplier(str(run.folder / "poses" / "docking.sdf"), removeHs=False))
    assert [pose.GetProp("_Name") for pose in poses] == docked["smiles"].tolist()
    np.testing.assert_allclose([float(pose.GetProp("docking_score")) for pose in poses], docked["docking"], atol=1e-3)
    receptor = (run.folder / "poses" / "docking.pdb").read_text()
    assert sum(line[12:16] == " CA " for line in receptor.splitlines()) == len("GAFWDSKLEG")
    assert {line[76:78] for line in receptor.splitlines() if line.startswith("ATOM")} == {" C", " N", " O", " H"}
    assert "HETATM    1  O   LIG" in (run.folder / "poses" / "docking-reference.pdb").read_text()
    table = pd.read_csv(run.folder / "poses" / "docking.csv", dtype={"number": str}, keep_default_na=False)
    for pose in poses:  # as the function says of the files
        told = table[table["smiles"] == pose.GetProp("_Name")]
        found = interactions(pose, receptor)
        assert told[["kind", "residue", "number", "receptor_atoms", "ligand_atoms"]].to_numpy().tolist() == (
            found[["kind", "residue", "number", "receptor_atoms", "ligand_atoms"]].to_numpy().tolist()
        )

    page = (run.folder / "report.html").read_text()
    scene = json.loads(re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]
    atoms = {int(line[6:11]): line for line in scene["pocket"].splitlines() if line.startswith("ATOM")}
    for pose, mol in zip(scene["poses"], poses, strict=True):
        places = mol.GetConformer().GetPositions()
        heavy = [atom.GetIdx() for atom in mol.GetAtoms() if atom.GetAtomicNum() > 1]
        assert pose["residues"]
        for name in pose["residues"]:
            lines = [atoms[serial] for serial in scene["residues"][name]["serials"]]
            assert {f"{line[17:20]} {line[20:22].strip()}{line[22:27].strip()}" for line in lines} == {name}
            there = np.array([[float(line[i : i + 8]) for i in (30, 38, 46)] for line in lines])
            assert np.linalg.norm(there[:, None] - places[heavy], axis=2).min() <= 4.5 + 0.01
    assert page.count('<table class="bonds">') == len(poses)  # without any script
    assert "$3Dmol" in page
    assert not re.search(r'<script[^>]*src="http', page)


@pytest.mark.parametrize("bare", [False, True])
def test_a_receptor_without_hydrogens_is_told(bare: bool) -> None:
    pdb = (COMPLEXES / "1iep_site.pdb").read_text()
    lines = [line for line in pdb.splitlines() if line[76:78].strip() != "H"]
    site = PoseSite("\n".join(lines) if bare else pdb)
    assert site.note == (NO_HYDROGENS if bare else "")


def test_a_pose_counts_in_any_protonation_state_but_of_no_other_molecule() -> None:
    record = (COMPLEXES / "1iep_ligand.sdf").read_text()
    site = PoseSite((COMPLEXES / "1iep_site.pdb").read_text())
    imatinib = "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1"
    assert site.seen(imatinib, record).problem == ""
    assert site.seen(imatinib.replace("N(C)CC3", "NCC3"), record).problem == "the pose that is kept for it is of another molecule"
    assert "THR A315" in site.seen(imatinib, record).touched


def test_residues_in_common_with_a_reference() -> None:
    record = (COMPLEXES / "1iep_ligand.sdf").read_text()
    imatinib = "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1"
    pyridine = "HETATM    1  N5  LIG     1      10.961  60.425  11.216  1.00  0.00           N"
    site = PoseSite((COMPLEXES / "1iep_site.pdb").read_text(), pyridine)
    seen = site.seen(imatinib, record)
    assert site.of_reference == {"PHE A317", "MET A318"}
    assert set(seen.shared) == {"PHE A317", "MET A318"}


def test_a_report_shows_poses_whose_receptor_has_been_moved(tmp_path: Path) -> None:
    imatinib = "Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1"
    (tmp_path / "poses").mkdir()
    record = (COMPLEXES / "1iep_ligand.sdf").read_text().replace("STI", imatinib, 1)
    (tmp_path / "poses" / "docking.sdf").write_text(record)
    ranked = pd.DataFrame({"smiles": [imatinib, "CCO"], "score": [0.5, 0.4], "docking": [-9.25, np.nan]})
    [alone] = scenes(ranked, {}, tmp_path)
    assert alone["poses"][0].problem == NO_RECEPTOR
    (tmp_path / "poses" / "docking.pdb").write_text((COMPLEXES / "1iep_site.pdb").read_text())
    [scene] = scenes(ranked, {}, tmp_path)
    assert [pose.label for pose in scene["poses"]] == ["#1 · -9.25"]
    assert len([each for each in scene["poses"][0].interactions if each.kind == "hydrogen bond"]) == 5
