"""Receptors from structure files: what is taken, what is done to it, and what is refused."""

import gzip
import socket
from collections.abc import Callable
from pathlib import Path

import gemmi
import numpy as np
import pytest
from click.testing import CliRunner
from rdkit import Chem
from rdkit.Chem import AllChem

from molgen.cli.commands import main
from molgen.errors import ConfigError, DataError
from molgen.scoring.docking.box import box_around, ligand_places
from molgen.scoring.docking.prepare import Prepared, prepare
from molgen.scoring.docking.receptor import read_receptor
from molgen.scoring.docking.structure import Selection

REAL = Path(__file__).parents[1] / "cases" / "real"
Prepare = Callable[..., Prepared]


@pytest.fixture(scope="session")
def chain() -> list[str]:
    """The ATOM lines of GAKCHMLDS without hydrogens, as from a crystal."""
    mol = Chem.AddHs(Chem.MolFromSequence("GAKCHMLDS"), addResidueInfo=True)
    AllChem.EmbedMolecule(mol, randomSeed=7)
    return [line for line in Chem.MolToPDBBlock(Chem.RemoveHs(mol)).splitlines() if line.startswith("ATOM")]


def prepared(lines: list[str], **selection: tuple[str, ...]) -> Prepared:
    return prepare(("\n".join([*lines, "END", ""]).encode(), "mine.pdb", Selection(**selection)))


def kinds(receptor: Prepared, residue: str) -> list[str]:
    """Sorted AutoDock types of a residue's atoms."""
    lines = [line for line in receptor.pdbqt.splitlines() if line.startswith(("ATOM", "HETATM"))]
    return sorted(line[77:].strip() for line in lines if f"{line[21]}:{line[22:27].strip()}" == residue)


def hetero(name: str, number: int, atom: str, element: str, place: tuple[float, float, float] = (15.0, 0.0, 0.0)) -> str:
    x, y, z = place
    return f"HETATM  900 {atom:^4s} {name:>3s} B{number:4d}    {x:8.3f}{y:8.3f}{z:8.3f}  1.00  0.00          {element:>2s}"


def changed(lines: list[str], residue: str, change: Callable[[str], str | None]) -> list[str]:
    done = [change(line) if line[17:20] == residue else line for line in lines]
    return [line for line in done if line is not None]


def without(*atoms: str) -> Callable[[str], str | None]:
    return lambda line: None if line[12:16].strip() in atoms else line


def test_a_structure_gets_polar_hydrogens_and_atom_types(peptide: Path) -> None:
    types = [line.split()[-1] for line in read_receptor(str(peptide)).pdbqt.splitlines() if line.startswith("ATOM")]
    assert set(types) <= {"C", "A", "N", "NA", "OA", "HD", "H"}
    assert types.count("HD") >= 14  # ten amides, an indole, a hydroxyl, three of lysine
    assert types.count("A") == 6 + 9 - 1  # carbons of phenylalanine's and tryptophan's rings


def test_a_histidine_without_hydrogens_in_its_ring_is_hie_and_that_is_said() -> None:
    found = read_receptor(str(REAL / "his_without_ring_H.pdb"))
    assert found.notes == ["no hydrogen in the ring, taken as HIE: A:3 HIS"]
    assert kinds(found, "A:3") == sorted(["N", "HD", "C", "C", "OA", "C", "A", "A", "A", "NA", "N", "HD"])


@pytest.mark.parametrize(("given", "donors"), [("HID", "N NA"), ("HIE", "N NA"), ("HIP", "N N"), ("HSP", "N N")])
def test_a_histidine_that_is_named_by_its_form_has_it(chain: list[str], given: str, donors: str) -> None:
    found = prepared(changed(chain, "HIS", lambda line: line.replace("HIS", given)))
    assert " ".join(sorted(kind for kind in kinds(found, "A:5") if kind in ("N", "NA"))[1:]) == donors
    assert not any("no hydrogen in the ring" in line for line in found.notes)


def test_a_histidine_turns_its_lone_pair_to_a_metal(chain: list[str]) -> None:
    [line] = [line for line in chain if line[12:20] == " NE2 HIS"]
    x, y, z = (float(line[i : i + 8]) for i in (30, 38, 46))
    found = prepared([*chain, hetero("ZN", 301, "ZN", "ZN", (x, y, z + 2.1))])
    assert "no hydrogen in the ring, taken as HID: A:5 HIS" in found.notes
    assert kinds(found, "B:301") == ["Zn"]


def test_hydrogens_decide_and_where_they_stand_in_the_file_does_not_matter() -> None:
    ordered = read_receptor(str(REAL / "one_atom_out_of_place.pdb"))
    lines = (REAL / "one_atom_out_of_place.pdb").read_text().splitlines()
    sorted_lines = sorted((line for line in lines if line.startswith("ATOM")), key=lambda line: int(line[22:26]))
    atoms = [{line[11:] for line in found.pdbqt.splitlines()} for found in (ordered, prepared(sorted_lines))]
    assert atoms[0] == atoms[1]
    assert kinds(ordered, "A:3").count("HD") == 2  # backbone and NE2
    assert ordered.notes == []


def test_unknown_groups_are_named_and_left_out_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    content = (REAL / "receptor_with_glycol.pdb").read_bytes()
    with pytest.raises(DataError, match=r"B:201 EDO: neither protein.* drop=\[EDO\].* keep=\[EDO\]"):
        prepare((content, "mine.pdb", Selection()))
    for selector in ("EDO", "B:201", "EDO/B:201"):
        assert prepare((content, "mine.pdb", Selection(drop=(selector,)))).notes == ["left out, as asked: B:201 EDO"]
    with pytest.raises(DataError, match=r"drop=STI: no such residue; write EDO, B:201 or EDO/B:201"):
        prepare((content, "mine.pdb", Selection(drop=("STI",))))
    with pytest.raises(DataError, match="no hydrogens, so which of its atoms donate isn't known"):
        prepare((content, "mine.pdb", Selection(keep=("EDO",))))
    assert kinds(prepare((content, "mine.pdb", Selection(chains=("A",)))), "B:201") == []


def test_the_conformation_of_higher_occupancy_is_taken(chain: list[str]) -> None:
    def both(line: str) -> str:
        place = f"{float(line[30:38]) + 1:8.3f}"
        return f"{line[:16]}A{line[17:54]}  0.20{line[60:]}\n{line[:16]}B{line[17:30]}{place}{line[38:54]}  0.80{line[60:]}"

    lines = "\n".join(both(line) if line[17:20] == "LYS" and line[13:15] in ("CD", "CE", "NZ") else line for line in chain)
    found = prepared(lines.splitlines())
    assert found.notes[0] == "alternate location of highest occupancy taken: A:3 LYS B"
    [before] = [line for line in chain if line[12:20] == " NZ  LYS"]
    [after] = [line for line in found.pdbqt.splitlines() if line[12:20] == " NZ  LYS"]
    assert float(after[30:38]) == pytest.approx(float(before[30:38]) + 1, abs=2e-3)
    equal = prepared(lines.replace("  0.20", "  0.50").replace("  0.80", "  0.50").splitlines())
    assert equal.notes[0].endswith("A:3 LYS A")


def test_waters_and_ions_are_left_out_unless_asked_for_and_metals_stay(chain: list[str]) -> None:
    others = [
        hetero("HOH", 1, "O", "O"),
        hetero("NA", 2, "NA", "NA", (17.0, 3.0, 0.0)),
        hetero("MG", 3, "MG", "MG", (0.0, 18.0, 0.0)),
    ]
    found = prepared(chain + others)
    assert found.notes[:2] == ["water left out: B:1 HOH", "ions of the solvent left out: B:2 NA"]
    assert [kinds(found, f"B:{i}") for i in (1, 2, 3)] == [[], [], ["Mg"]]
    kept = prepared(chain + others, keep=("HOH", "NA"))
    assert [kinds(kept, f"B:{i}") for i in (1, 2, 3)] == [["HD", "HD", "OA"], ["Na"], ["Mg"]]


def test_selenomethionine_is_methionine(chain: list[str]) -> None:
    selenium = changed(chain, "MET", lambda line: line.replace("ATOM  ", "HETATM").replace("MET", "MSE").replace(" SD ", "SE  "))
    selenium = [line.replace("           S", "          SE") if line[17:20] == "MSE" else line for line in selenium]
    found = prepared(selenium)
    assert "as MET: A:6 MSE" in found.notes
    assert kinds(found, "A:6") == kinds(prepared(chain), "A:6")


@pytest.mark.parametrize(("gone", "left"), [(("CG", "CD", "CE", "NZ"), 0), (("CE", "NZ"), 2)])
def test_a_cut_side_chain_is_docked_into_as_it_is(chain: list[str], gone: tuple[str, ...], left: int) -> None:
    found = prepared(changed(chain, "LYS", without(*gone)))
    assert f"side chain cut, docked into as it is: A:3 LYS (no {', '.join(gone)})" in found.notes
    alanine = ["C", "C", "C", "HD", "N", "OA"]
    assert kinds(found, "A:3") == sorted(alanine + ["C"] * left)


def test_modified_residues_are_their_parents_with_what_they_have_more(chain: list[str]) -> None:
    oxygen = "HETATM  900  OD  CSO A   4      12.000   0.000   0.000  1.00  0.00           O"
    found = prepared([*changed(chain, "CYS", lambda line: line.replace("CYS", "CSO")), oxygen])
    assert "as CYS with atoms typed by element: A:4 CSO OD" in found.notes
    assert kinds(found, "A:4").count("OA") == 2


def test_gaps_ends_and_caps_are_no_obstacle(chain: list[str]) -> None:
    whole, gap = prepared(chain), prepared(changed(chain, "HIS", lambda _: None))
    assert kinds(gap, "A:4") == kinds(whole, "A:4")
    assert kinds(prepared([line for line in chain if line[12:16] != " OXT"]), "A:9").count("OA") == 2
    capped = chain + [f"ATOM    900  H{i}  SER A   9      {20 + i:6.3f}   0.000   0.000  1.00  0.00           H" for i in (1, 2)]
    assert kinds(prepared(capped), "A:9") == kinds(whole, "A:9")


def test_what_cannot_be_mended_is_named_with_the_remedy(chain: list[str]) -> None:
    with pytest.raises(DataError, match=r"receptor mine\.pdb: atoms of the backbone missing: A:6 MET \(C\); .* drop=\[A:6\]"):
        prepared(changed(chain, "MET", without("C")))
    [alpha] = [line for line in chain if line[12:20] == " CA  LEU"]
    with pytest.raises(DataError, match="A:7 LEU has two atoms CA that aren't marked as alternate locations"):
        prepared([*chain, alpha])
    with pytest.raises(DataError, match="no chain X; there are A"):
        prepared(chain, chains=("X",))
    for name, content in (
        ("empty.pdb", b""),
        ("text.pdb", b"hello\n"),
        ("text.cif", b"hello\n"),
        ("cut.pdb.gz", b"\x1f\x8b\x08"),
    ):
        with pytest.raises(DataError, match=rf"receptor {name}: can't be (prepared|read)"):
            prepare((content, name, Selection()))


def test_models_insertion_codes_and_formats(chain: list[str], tmp_path: Path) -> None:
    two = ["MODEL        1", *chain, "ENDMDL", "MODEL        2", *chain, "ENDMDL"]
    assert prepared(two).notes[0] == "the first of 2 models taken"
    inserted = [line[:22] + f"{int(line[22:26]) - 4:4d}A" + line[27:] for line in chain]
    assert kinds(prepared(inserted), "A:-1A") == kinds(prepared(chain), "A:3")
    structure = gemmi.read_pdb_string("\n".join(chain))
    structure.setup_entities()
    structure[0][0].name = "LONG"
    text = structure.make_mmcif_document().as_string()
    cif = prepare((gzip.compress(text.encode()), "mine.cif.gz", Selection()))
    atoms = [[line[27:] for line in found.pdbqt.splitlines() if line.startswith("ATOM")] for found in (cif, prepared(chain))]
    assert atoms[0] == atoms[1]
    assert "LONG:5 HIS" in cif.notes[0]


def test_a_disulfide_is_found_by_its_length() -> None:
    mol = Chem.AddHs(Chem.MolFromSequence("CGGC"), addResidueInfo=True)
    bridged = Chem.RWMol(Chem.RemoveHs(mol))
    first, second = (atom.GetIdx() for atom in bridged.GetAtoms() if atom.GetSymbol() == "S")
    bridged.AddBond(first, second, Chem.BondType.SINGLE)
    Chem.SanitizeMol(bridged)
    solid = Chem.AddHs(bridged, addResidueInfo=True)
    AllChem.EmbedMolecule(solid, randomSeed=1)
    lines = [line for line in Chem.MolToPDBBlock(Chem.RemoveHs(solid)).splitlines() if line.startswith("ATOM")]
    found = prepared(lines)
    assert kinds(found, "A:1").count("S") + kinds(found, "A:1").count("SA") == 1
    assert kinds(found, "A:1").count("HD") == 1  # backbone; no thiol


def test_ligands_of_the_receptor_give_the_box_and_are_left_out(chain: list[str], tmp_path: Path) -> None:
    path = tmp_path / "complex.pdb"
    ligand = [hetero("STI", 401, f"C{i}", "C", (15.0 + i, 1.0, 2.0 * i)) for i in range(4)]
    path.write_text("\n".join(chain + ligand))
    places, name = ligand_places("STI", str(path))
    assert name == "STI/B:401"
    np.testing.assert_allclose(places, [[15 + i, 1, 2 * i] for i in range(4)])
    assert box_around(places, 4.0) == ((16.5, 1.0, 3.0), (11.0, 8.0, 14.0))
    path.write_text("\n".join(chain + ligand + [line.replace("B 401", "C 402") for line in ligand]))
    with pytest.raises(DataError, match="has 2 residues of this name; name one: STI/B:401, STI/C:402"):
        ligand_places("STI", str(path))
    with pytest.raises(ConfigError, match=r"or a residue of a \.pdb or \.cif receptor"):
        ligand_places("STI", "docking/parp1")


def test_a_box_holds_the_reference_ligand(tmp_path: Path) -> None:
    mol = Chem.AddHs(Chem.MolFromSmiles("CCO"))
    AllChem.EmbedMolecule(mol, randomSeed=1)
    Chem.MolToMolFile(mol, str(tmp_path / "ligand.sdf"))
    center, size = box_around(ligand_places(str(tmp_path / "ligand.sdf"), "docking/parp1")[0], 4.0)
    places = mol.GetConformer().GetPositions()
    np.testing.assert_allclose(center, (places.max(0) + places.min(0)) / 2, atol=1e-3)
    np.testing.assert_allclose(size, np.ptp(places, axis=0) + 8, atol=1e-3)


def test_wrong_receptors(tmp_path: Path) -> None:
    (tmp_path / "empty.pdb").write_text("")
    (tmp_path / "ligand.pdbqt").write_text("REMARK\nROOT\nATOM\n")
    (tmp_path / "empty.pdbqt").write_text("REMARK\n")
    for receptor, hint in (
        ("empty.pdb", "can't be prepared"), ("no.pdbqt", "no such file"), ("ligand.pdbqt", "line 2: ROOT is a ligand's"),
        ("empty.pdbqt", "no lines that begin with ATOM"),
    ):  # fmt: skip
        with pytest.raises(DataError, match=hint):
            read_receptor(str(tmp_path / receptor))
    with pytest.raises(ConfigError, match="did you mean 'docking/parp1'"):
        read_receptor("docking/parp")
    with pytest.raises(ConfigError, match=r"for \.pdb and \.cif files"):
        read_receptor(str(tmp_path / "ligand.pdbqt"), Selection(drop=("EDO",)))


def test_the_command_says_what_was_done_and_shows_the_box(chain: list[str], tmp_path: Path) -> None:
    path = tmp_path / "complex.pdb"
    path.write_text("\n".join([*chain, *[hetero("STI", 401, f"C{i}", "C", (8.0 + i, 1.0, 2.0 * i)) for i in range(4)]]))
    output = tmp_path / "mine.pdbqt"
    result = CliRunner().invoke(main, ["receptor", str(path), "ligand=STI", f"output={output}"])
    assert result.exit_code == 0, result.output
    assert "left out, as asked: B:401 STI" in result.output
    assert "center=[9.5,1.0,3.0] size=[13.0,10.0,16.0]" in result.output
    assert read_receptor(str(output)).notes == read_receptor(str(path), Selection(drop=("STI",))).notes
    assert (tmp_path / "mine.png").read_bytes()[:4] == b"\x89PNG"
    failed = CliRunner().invoke(main, ["receptor", str(REAL / "receptor_with_glycol.pdb")])
    assert failed.exit_code == 1
    assert len(failed.output.splitlines()) == 1


def sulphate(number: int, chain: str = "B") -> list[str]:
    places = {
        "S": (15.0, 0.0, 0.0),
        "O1": (16.5, 0.0, 0.0),
        "O2": (14.5, 1.4, 0.0),
        "O3": (14.5, -0.7, 1.2),
        "O4": (14.5, -0.7, -1.2),
    }
    lines = [hetero("SO4", number, name, name[0], place) for name, place in places.items()]
    return [line[:21] + chain + line[22:] for line in lines]


def test_no_residue_is_lost_where_two_have_one_number(chain: list[str]) -> None:
    with pytest.raises(DataError, match=r"A:3 LYS and SO4 have one number; .*drop=\[SO4/A:3\]"):
        prepared(chain + sulphate(3, "A"))
    assert prepared(chain + sulphate(3, "A"), drop=("SO4/A:3",)).notes[0] == "left out, as asked: A:3 SO4"
    with pytest.raises(DataError, match="chains of one letter"):
        prepared(chain + chain)
    water = hetero("HOH", 3, "O", "O").replace(" B ", " A ")
    assert prepared([*chain, water]).notes[0] == "water left out: A:3 HOH"


def test_chains_without_a_letter_are_told_apart_by_their_segment(chain: list[str]) -> None:
    def moved(line: str, segment: str, shift: float) -> str:
        return f"{line[:21]} {line[22:30]}{float(line[30:38]) + shift:8.3f}{line[38:72]}{segment:4s}{line[76:]}"

    two = [moved(line, segment, shift) for segment, shift in (("PROA", 0), ("PROB", 50)) for line in chain]
    assert "PROB:5 HIS" in prepared(two).notes[0]
    assert prepared(two).pdbqt.count(" CA ") == 18


def test_atoms_with_alternate_locations_of_other_letters_are_not_lost(chain: list[str]) -> None:
    letters = {"CB": ("A 0.60", "B 0.40"), "CG": ("C 0.30", "D 0.70"), "CD": ("C 0.30", "D 0.70"), "NZ": ("E 0.40",),
               "CE": ("  0.70", "B 0.30")}  # fmt: skip

    def several(line: str) -> str:
        kinds = letters.get(line[12:16].strip(), ()) if line[17:20] == "LYS" else ()
        return "\n".join(f"{line[:16]}{kind[0]}{line[17:56]}{kind[2:]}{line[60:]}" for kind in kinds) or line

    found = prepared("\n".join(map(several, chain)).splitlines())
    assert found.notes[0] == "alternate location of highest occupancy taken: A:3 LYS A/D/E"
    assert kinds(found, "A:3") == kinds(prepared(chain), "A:3")


def test_what_a_message_asks_for_works(chain: list[str]) -> None:
    with pytest.raises(DataError, match=r"B:7 SO4: .*drop=\[SO4\], or make part of the receptor with keep=\[SO4\]"):
        prepared(chain + sulphate(7))
    assert kinds(prepared(chain + sulphate(7), keep=("SO4",)), "B:7") == ["OA", "OA", "OA", "OA", "SA"]
    caesium = [*chain, hetero("CS", 9, "CS", "CS")]
    with pytest.raises(DataError, match=r"B:9 CS: Vina knows no Cs; leave out with drop=\[B:9\]"):
        prepared(caesium, keep=("CS",))
    ytterbium = [*chain, hetero("YB", 9, "YB", "YB")]
    with pytest.raises(DataError, match=r"drop=\[YB\]$"):
        prepared(ytterbium)
    assert prepared(ytterbium, drop=("YB",)).notes[0] == "left out, as asked: B:9 YB"
    with pytest.raises(DataError, match=r"drop=\[EDO\], or add hydrogens in the file and keep=\[EDO\]"):
        prepared([*chain, hetero("EDO", 9, "C1", "C"), hetero("EDO", 9, "O1", "O", (16.4, 0, 0))])


def test_elements_come_from_names_where_columns_do_not_say() -> None:
    lines = (REAL / "one_atom_out_of_place.pdb").read_text().splitlines()
    atoms = [line for line in lines if line.startswith("ATOM")]
    old = [line[:12] + (f"1{line[13:15]} " if line[76:78] == " H" else line[12:16]) + line[16:66] for line in atoms]
    assert {line.split()[-1] for line in prepared(old).pdbqt.splitlines() if line.startswith("ATOM")} <= {
        "C", "A", "N", "NA", "OA", "HD", "H"}  # fmt: skip
    zinc = hetero("ZN", 301, "ZN", "ZN").replace("  ZN ", "  ZN ")[:66]
    assert kinds(prepared([*atoms, zinc]), "B:301") == ["Zn"]


def test_a_file_is_read_by_what_it_holds_and_places_must_be_numbers(chain: list[str]) -> None:
    structure = gemmi.read_pdb_string("\n".join(chain))
    structure.setup_entities()
    cif = prepare((structure.make_mmcif_document().as_string().encode(), "mine.pdb", Selection()))
    assert cif.pdbqt.count("\nATOM") == prepared(chain).pdbqt.count("\nATOM")
    for wrong in ("     nan", "********", "        "):
        with pytest.raises(DataError, match=r"receptor mine\.pdb: line 3: no coordinates in columns 31 to 54"):
            prepared([*chain[:2], chain[2][:30] + wrong + chain[2][38:], *chain[3:]])


def test_gaps_and_what_is_part_of_no_chain_are_said(chain: list[str]) -> None:
    gap = prepared(changed(chain, "HIS", lambda _: None))
    assert "chain interrupted, ends left open: A:4 to A:6" in gap.notes
    glycine = [f"HETATM{line[6:21]}A 901{line[26:30]}{float(line[30:38]) + 40:8.3f}{line[38:]}" for line in chain[:4]]
    assert "part of no chain, kept: A:901 GLY" in prepared(chain + glycine).notes


def test_nucleotides_by_the_names_of_force_fields() -> None:
    mol = Chem.AddHs(Chem.MolFromSequence("ACGT", flavor=6), addResidueInfo=True)
    AllChem.EmbedMolecule(mol, randomSeed=3, useRandomCoords=True)
    lines = [line for line in Chem.MolToPDBBlock(Chem.RemoveHs(mol)).splitlines() if line.startswith("ATOM")]
    charmm = {" DA": "ADE", " DC": "CYT", " DG": "GUA", " DT": "THY"}
    amber = {" DA": "DA5", " DT": "DT3"}
    types = [
        sorted(line[77:] for line in prepared(one).pdbqt.splitlines() if line.startswith("ATOM"))
        for one in (
            lines,
            [line.replace("'", "*") for line in lines],
            [line[:17] + charmm[line[17:20]] + line[20:] for line in lines],
            [line[:17] + amber.get(line[17:20], line[17:20]) + line[20:] for line in lines],
        )
    ]
    assert types[1:] == types[:1] * 3


@pytest.mark.parametrize(("name", "carbon"), [("NME", "C"), ("NME", "CH3"), ("NMA", "CA")])
def test_a_methylamide_ends_a_chain_whatever_its_carbon_is_called(chain: list[str], name: str, carbon: str) -> None:
    def cap(line: str) -> str | None:
        atom = {"N": "N", "CA": carbon}.get(line[12:16].strip())
        return None if atom is None else f"{line[:12]} {atom:3s} {name}{line[20:]}"

    assert kinds(prepared(changed(chain, "SER", cap)), "A:9") == ["C", "HD", "N"]


@pytest.mark.parametrize("name", ["1E8", "017", "NAN"])
def test_names_that_look_like_numbers_are_names(chain: list[str], tmp_path: Path, name: str) -> None:
    path = tmp_path / "complex.pdb"
    path.write_text("\n".join([*chain, *[hetero(name, 401, f"C{i}", "C", (8.0 + i, 1.0, 2.0 * i)) for i in range(4)]]))
    for setting in (f"ligand={name}", f"drop=[{name}]"):
        result = CliRunner().invoke(main, ["receptor", str(path), setting, f"output={tmp_path / 'mine.pdbqt'}"])
        assert f"left out, as asked: B:401 {name}" in result.output


def test_a_pdbqt_with_atoms_that_vina_does_not_know_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "cesium.pdbqt"
    path.write_text("ATOM      1 CS   CS  A   1      10.000  10.000  10.000  1.00  0.00    +0.000 Cs\n")
    with pytest.raises(DataError, match="line 1: 'Cs' in columns 78 and 79 is no atom type that Vina knows"):
        read_receptor(str(path))


@pytest.mark.parametrize("smiles", ["CCO", "c1ccccc1C(N)=O"])
def test_a_flat_drawing_gives_no_box(tmp_path: Path, smiles: str) -> None:
    drawing = Chem.MolFromSmiles(smiles)
    AllChem.Compute2DCoords(drawing)
    Chem.MolToMolFile(drawing, str(tmp_path / "flat.mol"))
    with pytest.raises(DataError, match="a flat drawing, not a molecule in three dimensions"):
        ligand_places(str(tmp_path / "flat.mol"), "docking/parp1")
