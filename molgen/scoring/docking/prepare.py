"""A structure from the PDB as PDBQT: hydrogens added and atoms typed by Meeko, without asking the network for anything."""

import string
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdDetermineBonds

from molgen.errors import DataError
from molgen.scoring.docking.states import DISULFIDE, Form, residue_forms
from molgen.scoring.docking.structure import Notes, Residue, Selection, read_residues, receptor_residues, shortened

PROTOCOL = 3  # version of the preparation, raised when the same file comes to give another receptor
LINK = 2.0  # Å, longest bond between residues of a chain
LINKS = (("C", "N", LINK), ("O3'", "P", LINK), ("SG", "SG", DISULFIDE))
REMARK = "REMARK molgen: "
Job = tuple[bytes, str, Selection]


class Prepared(NamedTuple):
    """A receptor as PDBQT text, and what was done to it, one line each."""

    pdbqt: str
    notes: list[str]


def prepare(job: Job) -> Prepared:
    """Prepare the receptor in a PDB or mmCIF file.

    Parameters
    ----------
    job
        Contents of the file, its name, and the selection of residues.

    Raises
    ------
    DataError
        It can't be prepared; the message names the residue and what to do.
    """  # noqa: DOC501 (raised by another function, or caught here)
    from meeko import MoleculePreparation, Polymer, ResidueChemTemplates

    content, name, selection = job
    notes = Notes()
    residues = receptor_residues(read_residues(content, name, notes), selection, name, notes)
    if not residues:
        raise DataError(f"receptor {name}: can't be prepared: nothing of it is left ({'; '.join(notes.lines())})")
    templates = ResidueChemTemplates.create_from_defaults()
    found = residue_forms(residues, templates, selection.keep, name, notes)
    described = [form for form in found if form.heavy]
    mols = {form.residue.id: (_mol(form, templates, name), form.name) for form in described}
    chosen = {form.residue.id: form.template for form in described if form.template is not None}
    links = _links(described)
    _note_breaks(described, links, notes)
    polymer = Polymer(
        mols, links, templates, MoleculePreparation(), chosen, _open_ends(described, links, templates), forgive_extra_bonds=True
    )
    if wrong := [form.residue for form in described if form.residue.id in polymer.get_ignored_monomers()]:
        raise _out_of_place(wrong, name)
    typed = [
        _line(form.residue, atom.pdbinfo.name, atom.coord, atom.charge, atom.atom_type)
        for form in described
        for atom in polymer.monomers[form.residue.id].molsetup.atoms
        if not atom.is_ignore
    ]
    typed += [_line(form.residue, atom.name, atom.pos.tolist(), 0.0, kind) for form in found for atom, kind in form.extra]
    lines = notes.lines()
    return Prepared("".join(f"{REMARK}{line}\n" for line in lines) + "".join(typed), lines)


def notes_of(pdbqt: str) -> list[str]:
    """The notes on how `prepare` made a receptor."""
    return [line.removeprefix(REMARK) for line in pdbqt.splitlines() if line.startswith(REMARK)]


def _out_of_place(residues: Sequence[Residue], name: str) -> DataError:
    asked = ",".join(residue.id for residue in residues)
    hint = "atoms that are missing, too many or out of place"
    return DataError(f"receptor {name}: {shortened(residues)}: {hint}; mend them, or leave out with drop=[{asked}]")


def _note_breaks(described: Sequence[Form], links: Iterable[tuple[str, str]], notes: Notes) -> None:
    """Note where a chain is interrupted, and which amino acids and nucleotides are part of none, since they may be ligands."""
    bonded = set(links)
    inside = {one for pair in bonded for one in pair}
    polymer = [form for form in described if not {"CA", "C1'"}.isdisjoint(form.heavy)]
    for form in polymer:
        if form.residue.id not in inside:
            notes.add("part of no chain, kept", form.residue)
    chained = [form for form in polymer if form.residue.id in inside]
    ordered = sorted(chained, key=lambda form: (form.residue.chain, form.residue.sequence, form.residue.number))
    for form, after in pairwise(ordered):
        pair = (form.residue.id, after.residue.id)
        if form.residue.chain == after.residue.chain and pair not in bonded:
            notes.add("chain interrupted, ends left open", f"{form.residue.id} to {after.residue.id}")


def _mol(form: Form, templates: Any, name: str) -> Chem.Mol:
    """A residue's heavy atoms, bonded as in its template; by their distances where Meeko has to choose one.

    Raises
    ------
    DataError
        Atoms are so close together that they have too many bonds.
    """  # noqa: DOC501 (raised by another function, or caught here)
    mol = Chem.RWMol()
    conformer = Chem.Conformer(len(form.heavy))
    for label, atom in form.heavy.items():
        added = Chem.Atom(16 if label == "SD" else atom.element.atomic_number)
        info = Chem.AtomPDBResidueInfo(f" {label}" if len(label) < 4 else label, residueName=form.name)
        info.SetResidueNumber(form.residue.sequence)
        info.SetChainId(form.residue.chain[:1])
        added.SetMonomerInfo(info)
        conformer.SetAtomPosition(mol.AddAtom(added), atom.pos.tolist())
    mol.AddConformer(conformer)
    if form.template is None:
        rdDetermineBonds.DetermineConnectivity(mol)
    else:
        template = templates.residue_templates[form.template]
        places = {label: i for i, label in enumerate(form.heavy)}
        for bond in template.mol.GetBonds():
            ends = [places.get(template.atom_names[i]) for i in (bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())]
            if None not in ends:
                mol.AddBond(*ends, Chem.BondType.SINGLE)
    try:
        Chem.SanitizeMol(mol)
    except Chem.MolSanitizeException as error:
        raise _out_of_place([form.residue], name) from error
    return mol.GetMol()


def _links(described: Sequence[Form]) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Bonds between residues: their ids, and the indices of the atoms in each; the shortest first, each once."""
    from scipy.spatial import cKDTree

    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    taken: set[tuple[str, int]] = set()
    for one, other, length in LINKS:
        left = [(form, [*form.heavy].index(one)) for form in described if one in form.heavy]
        right = [(form, [*form.heavy].index(other)) for form in described if other in form.heavy]
        if not left or not right:
            continue
        starts = np.array([form.heavy[one].pos.tolist() for form, _ in left])
        ends = np.array([form.heavy[other].pos.tolist() for form, _ in right])
        near = cKDTree(starts).sparse_distance_matrix(cKDTree(ends), length, output_type="ndarray")
        for i, j, _ in sorted(near.tolist(), key=lambda row: row[2]):
            (first, at), (second, to) = left[i], right[j]
            places = {(first.residue.id, at), (second.residue.id, to)}
            key = (first.residue.id, second.residue.id)
            if first is not second and not places & taken and key not in found:
                taken |= places
                found[key] = [(at, to)]
    return found


def _open_ends(
    described: Sequence[Form], links: Mapping[tuple[str, str], list[tuple[int, int]]], templates: Any
) -> list[tuple[str, int]]:
    """Atoms that a template bonds to a next residue where there is none: at gaps of a chain and where it was cut."""
    bonded = {(key[side], bond[side]) for key, [bond] in links.items() for side in (0, 1)}
    found = []
    for form in described:
        if form.template is not None:
            template = templates.residue_templates[form.template]
            ends = [[*form.heavy].index(template.atom_names[i]) for i in template.link_labels]
            found += [(form.residue.id, i) for i in ends if (form.residue.id, i) not in bonded]
    return found


def _line(residue: Residue, name: str, place: Iterable[float], charge: float, kind: str) -> str:
    """An atom as PDBQT; Vina reads its place and type."""
    name = name.strip()
    icode = residue.number[-1] if residue.number[-1].isalpha() else ""
    where = f"{residue.name:>3.3s}{residue.chain[:2]:>2s}{_four(residue.sequence)}{icode:1s}"
    return (
        f"ATOM  {1:5d} {name if len(name) > 3 else f' {name:3s}'} {where}   {''.join(f'{value:8.3f}' for value in place)}"
        f"{1:6.2f}{0:6.2f}    {charge:+6.3f} {kind}\n"
    )


def _four(number: int) -> str:
    """A residue's number in the four columns that PDB files have for it, from 10,000 on as in hybrid-36 (A000).

    See Grosse-Kunstleve et al., Computational Crystallography Newsletter 2, 2007; `molgen.scoring.docking.binding_site` reads it.
    """
    if number < 10_000:
        return f"{number:4d}"
    rest, digits = min(number - 10_000 + 10 * 36**3, 36**4 - 1), ""
    for _ in range(4):
        rest, digit = divmod(rest, 36)
        digits = (string.digits + string.ascii_uppercase)[digit] + digits
    return digits
