"""Docked molecules on the page: the pose in its site, what binds it as a table, files, and runs of which something is missing."""

import io
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray
from PIL import Image
from rdkit import Chem

from molgen.app.pose_page import page_scenes
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.reports.pose_source import PoseSource
from molgen.runs.store import RunStore
from molgen.scoring.component import Component
from tests.app.browsing import Open, faults
from tests.app.conftest import Make, commit

playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: pip install playwright")
COMPLEXES = Path(__file__).parent.parent / "complexes"
BONDS = {"ILE A360 O", "THR A315 OG1", "MET A318 N", "ASP A381 N", "GLU A286 OE2"}  # of imatinib, as published
[IMATINIB] = Molecules(["Cc1ccc(NC(=O)c2ccc(CN3CCN(C)CC3)cc2)cc1Nc1nccc(-c2cccnc2)n1"], STANDARD).canonical
CALL, ETHANOL = 8, 2  # of imatinib, which is scored behind `make_run`'s seven, and of ethanol, which is docked too
Docked = Callable[..., Path]


def pose(path: Path, title: str) -> str:
    mol = Chem.MolFromMolFile(str(path), removeHs=False)
    mol.SetProp("_Name", title)
    return Chem.MolToMolBlock(mol) + "$$$$\n"


def small_pose() -> str:
    """Ethanol's heavy atoms, beside the site's methionine."""
    mol = Chem.RWMol(Chem.MolFromSmiles("CCO"))
    conformer = Chem.Conformer(3)
    for i, place in enumerate([(14.2, 53.0, 14.8), (15.2, 54.1, 14.6), (14.7, 55.3, 15.2)]):
        conformer.SetAtomPosition(i, place)
    mol.AddConformer(conformer)
    mol.SetProp("_Name", "CCO")
    return Chem.MolToMolBlock(mol.GetMol()) + "$$$$\n"


@pytest.fixture
def docked(make_run: Make) -> Path:
    """A run whose imatinib and ethanol were docked into ABL1."""
    folder = make_run("runs/docked")
    store = RunStore(folder)
    assert IMATINIB is not None
    commit(store, [IMATINIB], [0.95])
    store.close()
    poses = folder / "poses"
    poses.mkdir()
    (poses / "docking.sdf").write_text(pose(COMPLEXES / "1iep_ligand.sdf", IMATINIB) + small_pose())
    shutil.copy(COMPLEXES / "1iep_site.pdb", poses / "docking.pdb")
    reference = [
        line
        for line in Chem.MolToPDBBlock(Chem.MolFromMolFile(str(COMPLEXES / "1iep_ligand.sdf"))).splitlines()
        if line[:6] == "HETATM"
    ]
    (poses / "docking-reference.pdb").write_text("\n".join(reference))
    return folder


def rows(page: str, kind: str) -> set[str]:
    """Residue and atom of the table's rows of a kind."""
    found = re.findall(r'<tr><th scope="row">([^<]*)</th><td class="kind kind-([\w-]+)">.*?</td>.*?</tr>', page)
    cells = re.findall(r'<tr><th scope="row">[^<]*</th>(.*?)</tr>', page)
    told = [re.findall(r"<td[^>]*>(.*?)</td>", cell)[3] for cell in cells if "kind-" in cell]
    return {f"{residue} {atom}" for (residue, of), atom in zip(found, told, strict=True) if of == kind}


def test_the_table_says_without_any_script_what_binds(client: TestClient, docked: Path) -> None:
    page = client.get(f"/poses/campaign/runs/docked?of={CALL}").text
    assert rows(page, "hydrogen-bond") == BONDS
    assert "TYR A253 ring" in rows(page, "pi-stacking")
    assert "In common with the reference ligand, 12 of its 12" in page  # which is imatinib itself
    assert rows(client.get(f"/campaign/molecule/{CALL}/runs/docked").text, "hydrogen-bond") == BONDS
    without = client.get("/campaign/molecule/3/runs/docked").text
    assert 'class="scene"' not in without
    assert "no pose of call 3" in client.get("/poses/campaign/runs/docked?of=3").text
    assert client.get("/poses/campaign/runs/docked?of=1,2,3,4,5,6,7").status_code == 422
    assert client.get("/poses/sweep/runs/docked?of=1").status_code == 422


def test_files_hold_the_pose_and_the_complex(client: TestClient, docked: Path) -> None:
    asked = {"term": "docking"}
    sdf = client.get(f"/pose/file/campaign/{CALL}/runs/docked", params=asked)
    assert "attachment" in sdf.headers["content-disposition"]
    given = Chem.MolFromMolFile(str(COMPLEXES / "1iep_ligand.sdf"))
    np.testing.assert_allclose(
        Chem.MolFromMolBlock(sdf.text).GetConformer().GetPositions(), given.GetConformer().GetPositions(), atol=1e-4
    )
    pdb = client.get(f"/pose/file/campaign/{CALL}/runs/docked", params=asked | {"end": "pdb"}).text
    whole = Chem.MolFromPDBBlock(pdb, removeHs=False, sanitize=False)
    ligand = [atom for atom in whole.GetAtoms() if atom.GetPDBResidueInfo().GetResidueName() == "LIG"]
    assert {atom.GetPDBResidueInfo().GetChainId() for atom in ligand} == {"L"}
    assert whole.GetNumAtoms() == 201 + len(ligand)
    assert sum(atom.GetAtomicNum() > 1 for atom in ligand) == given.GetNumAtoms()
    bonds = sum(bond.GetBeginAtom().GetPDBResidueInfo().GetResidueName() == "LIG" for bond in whole.GetBonds())
    assert bonds == Chem.AddHs(given).GetNumBonds()  # by CONECT, none of them to the receptor
    serials = [line[6:11] for line in pdb.splitlines() if line.startswith(("ATOM", "HETATM"))]
    assert len(set(serials)) == len(serials)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda poses: (poses / "docking.pdb").unlink(), "its receptor isn&#39;t in the folder"),
        (
            lambda poses: (poses / "docking.sdf").write_text(pose(COMPLEXES / "1s63_ligand.sdf", str(IMATINIB))),
            "is of another molecule",
        ),
        (lambda poses: (poses / "docking.sdf").write_text(f"{IMATINIB}\n\n\nnothing\n$$$$\n"), "its pose can&#39;t be read"),
        (lambda poses: (poses / "docking.pdb").write_text("ATOM      1  N   GLY A   2\n"), "no coordinates in columns 31 to 54"),
        (lambda poses: shutil.copy(COMPLEXES / "1s63_site.pdb", poses / "docking.pdb"), "no residue of the receptor is near it"),
    ],
)
def test_what_is_missing_or_wrong_is_said(client: TestClient, docked: Path, spoil: Callable[[Path], Any], says: str) -> None:
    spoil(docked / "poses")
    page = client.get(f"/campaign/molecule/{CALL}/runs/docked")
    assert page.status_code == 200
    assert says in page.text
    assert not rows(page.text, "hydrogen-bond")


@dataclass(frozen=True)
class Redocked(Component):
    """Docks into the zinc's site now, whatever the run's folder has."""

    known: tuple[str, ...]

    def __call__(self, molecules: Molecules) -> NDArray[np.float64]:
        return np.zeros(len(molecules))

    def records(self, smiles: Sequence[str]) -> dict[str, str]:
        return {text: pose(COMPLEXES / "1s63_ligand.sdf", text) for text in smiles if text in self.known}

    def surroundings(self) -> str:
        return (COMPLEXES / "1s63_site.pdb").read_text()


def test_a_pose_is_shown_in_the_receptor_that_it_was_docked_into(docked: Path) -> None:
    """A run that goes on with another receptor has poses in its folder, and in the cache."""
    other = Chem.MolToSmiles(Chem.MolFromMolFile(str(COMPLEXES / "1s63_ligand.sdf")))
    source = PoseSource(docked, {"docking": Redocked((other, str(IMATINIB)))})
    assert "MET A318" in source.seen("docking", str(IMATINIB), "")[1].touched
    assert "ZN B1001" in source.seen("docking", other, "")[1].touched
    rows = [{"id": 1, "smiles": IMATINIB}, {"id": 2, "smiles": other}, {"id": 3, "smiles": None}]
    scenes = page_scenes(source, rows, "campaign", "runs/docked")
    assert [[seen.label for seen in scene["poses"]] for scene in scenes] == [["call 1"], ["call 2"]]  # not over each other
    (docked / "poses" / "docking.pdb").unlink()
    site, seen = source.seen("docking", str(IMATINIB), "")  # the settings' receptor isn't the one that it was docked into
    assert (site.site, seen.touched) == (None, ())


def test_only_the_pocket_of_a_large_receptor_is_sent(client: TestClient, docked: Path) -> None:
    """Ten thousand atoms more, far away."""
    far = [
        f"ATOM  {i % 100_000:5d}  CA  ALA B{i % 10_000:4d}    {100 + i // 100:8.3f}{i % 100:8.3f}   0.000  1.00  0.00           C"
        for i in range(10_000)
    ]
    alone = client.get(f"/campaign/molecule/{CALL}/runs/docked").text
    path = docked / "poses" / "docking.pdb"
    path.write_text(path.read_text().replace("END", "\n".join(far)))
    page = client.get(f"/campaign/molecule/{CALL}/runs/docked").text
    assert rows(page, "hydrogen-bond") == BONDS
    assert len(page) < len(alone) + 1000


SPY = """let library;
const spied = (...given) => (window.spied = library.createViewer(...given));
Object.defineProperty(window, "$3Dmol", {
  get: () => library && new Proxy(library, { get: (of, name) => (name === "createViewer" ? spied : of[name]) }),
  set: (value) => (library = value) })"""
BOXES = """() => spied.labels.filter((label) => label.sprite.visible).map((label) => {
  const { x, y } = spied.modelToScreen(label.getStyle().position);
  const [across, down] = [label.canvas.width / 2, label.canvas.height / 2];
  return [label.text, x - across, y - down, x + across, y + down];
})"""


def test_labels_do_not_lie_over_each_other(visit: Open, docked: Path) -> None:
    page = visit("/login")
    page.add_init_script(SPY)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(page.url.replace("/login", f"/poses/campaign/runs/docked?of={CALL}"))
    page.wait_for_selector('.scene[data-drawn="1"]')
    seen = []
    for key in ("ArrowLeft", "+", "+", "+"):
        page.locator(".scene .view").press(key)
        boxes = page.evaluate(BOXES)
        seen.append(len(boxes))
        for i, (_, *one) in enumerate(boxes):
            for _, *other in boxes[:i]:
                assert one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
    every = page.evaluate("spied.labels.length")
    assert seen[0] < every  # some would lie over others
    assert seen[0] < seen[-1]  # from nearer there is room for more
    assert {name.split()[0] + name.split()[1] for name in BONDS} & {box[0].replace(" ", "") for box in boxes}


def test_a_pose_is_drawn_in_its_site(visit: Open, docked: Path) -> None:
    page = visit("/campaigns/runs/docked")
    page.locator(f'[data-molecule="{CALL}"]').first.click()
    page.wait_for_selector('#molecule .scene[data-drawn="1"]')
    drawn = (
        np.asarray(Image.open(io.BytesIO(page.locator(".scene .view").screenshot())).convert("RGB")).reshape(-1, 3).astype(int)
    )
    orange = (drawn[:, 0] > drawn[:, 2] + 80) & (drawn[:, 1] > drawn[:, 2] + 40)
    assert orange.sum() > 500  # the ligand's sticks
    assert len(np.unique(drawn, axis=0)) > 200
    assert page.locator("#molecule .bonds tbody tr", has_text="hydrogen bond").count() == len(BONDS)
    assert faults(page) == []
    for act, pressed in (("labels", "false"), ("surface", "true")):
        button = page.locator(f'[data-pose-act="{act}"]')
        before = page.locator(".scene .view").screenshot()
        button.click()
        assert button.get_attribute("aria-pressed") == pressed
        assert page.locator(".scene .view").screenshot() != before
    before = page.locator(".scene .view").screenshot()
    page.locator(".scene .view").press("ArrowLeft")
    assert page.locator(".scene .view").screenshot() != before
    over = visit(f"/poses/campaign/runs/docked?of={CALL},{ETHANOL}", width=390, scheme="dark")
    over.wait_for_selector('.scene[data-drawn="2"]')
    assert over.locator("section.pose:visible").count() == 2
    over.get_by_role("checkbox", name=f"call {ETHANOL}").uncheck()
    over.wait_for_selector('.scene[data-drawn="1"]')
    assert over.locator("section.pose:visible").count() == 1
    assert over.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faults(over) == []
    over.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    over.reload()
    over.get_by_text("This browser draws nothing in 3D").wait_for()
    assert over.locator("section.pose:visible").count() == 2
