"""Which form each residue of a receptor has: its Meeko template, and the atoms that no template describes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from molgen.errors import DataError
from molgen.scoring.docking.structure import METALS, WATERS, Notes, Residue, shortened

STANDARD = ("ALA", "ARG", "ASN", "ASP", "CYS", "GLN", "GLU", "GLY", "HIS", "ILE", "LEU", "LYS", "MET", "PHE", "PRO", "SER", "THR",
            "TRP", "TYR", "VAL")  # fmt: skip
BACKBONE = ("N", "CA", "C", "O")
CAPS = {"ACE": "ACE", "NME": "NME", "NMA": "NME"}
NAMED_STATES = {  # names that force fields give to forms, as residue and template
    "HID": ("HIS", "HID"), "HSD": ("HIS", "HID"), "HIE": ("HIS", "HIE"), "HSE": ("HIS", "HIE"), "HIP": ("HIS", "HIP"),
    "HSP": ("HIS", "HIP"), "CYX": ("CYS", ""), "CYM": ("CYS", "CYX-"), "ASH": ("ASP", "ASH"), "GLH": ("GLU", "GLH"),
    "LYN": ("LYS", "LYN"),
}  # fmt: skip
TERMINAL = {"OT1": "O", "OT2": "OXT", "O1": "O", "O2": "OXT"}  # other names of the oxygens of a C-terminus
METHYL = {"C": "CH3", "CA": "CH3"}  # other names of the carbon of an N-methylamide
BASES = {"ADE": "A", "CYT": "C", "GUA": "G", "THY": "T", "URA": "U"}  # nucleotides of CHARMM, by their base
ACIDS = {"ASP": ("ASH", ("OD1", "OD2")), "GLU": ("GLH", ("OE1", "OE2"))}
AUTODOCK = {
    "C": "C",
    "N": "NA",
    "O": "OA",
    "S": "SA",
    "Se": "SA",
}  # types where bonds aren't known; of others the element
FEW = 20  # residues that a message asks to leave out, at most
BOND_TO_METAL = 2.8  # Å, at most
DISULFIDE = 2.5  # Å, at most
TYPES = ("C", "A", "N", "NA", "O", "OA", "S", "SA", "H", "HD", "P", "F", "Cl", "Br", "I", "Si", "Na", "Mg", "K", "Ca", "Mn", "Fe",
         "Co", "Ni", "Cu", "Zn", "Cd", "Hg", "U")  # that Vina knows  # fmt: skip
WITHOUT_DONORS = ("HEM", "HEC", "HEA", "HEB", "SF4", "FES", "F3S", "SO4", "PO4", "NO3", "CO3", "ACT", "DMS")  # no H on N, O, S


@dataclass
class Form:
    """A residue as it is docked into.

    Attributes
    ----------
    name
        Of the residue that it is treated as.
    template
        Of Meeko; None where Meeko chooses, or where there is none.
    heavy
        Atoms that the template describes, by name.
    extra
        Further atoms, each with its AutoDock type.
    """

    residue: Residue
    name: str
    template: str | None = None
    heavy: dict[str, Any] = field(default_factory=dict)
    extra: list[tuple[Any, str]] = field(default_factory=list)


def residue_forms(residues: Sequence[Residue], templates: Any, keep: Sequence[str], name: str, notes: Notes) -> list[Form]:
    """The form of every residue.

    Parameters
    ----------
    templates
        `meeko.ResidueChemTemplates`.
    keep
        Groups that are kept without a template.

    Raises
    ------
    DataError
        Residues are unknown, or lack atoms of the backbone.
    """
    found, unknown, broken = [], [], []
    metals = [atom for residue in residues for atom in residue.heavy.values() if atom.element.name in METALS]
    sulphurs = [residue.heavy["SG"] for residue in residues if "SG" in residue.heavy]
    for residue in residues:
        first = next(iter(residue.heavy.values()))
        nucleotide = _nucleotide(residue, templates)
        if residue.name in WATERS:
            found.append(Form(residue, "HOH", "HOH", {"O": first}))
        elif len(residue.heavy) == 1 and first.element.name in METALS:
            found.append(Form(residue, residue.name, extra=[(first, first.element.name)]))
        elif _is_amino_acid(residue):
            if missing := [atom for atom in BACKBONE if atom not in _pdb_names(residue)]:
                broken.append(f"{residue} ({', '.join(missing)})")
            else:
                found.append(_amino_acid(residue, templates, metals, sulphurs, notes))
        elif cap := CAPS.get(residue.name):
            other = METHYL if cap == "NME" else {}
            found.append(Form(residue, cap, cap, {other.get(atom, atom): place for atom, place in residue.heavy.items()}))
        elif nucleotide in templates.ambiguous:
            found.append(Form(residue, nucleotide, None, {atom.replace("*", "'"): at for atom, at in residue.heavy.items()}))
        elif residue.is_called(keep):
            found.append(Form(residue, residue.name, extra=_by_element(residue, name)))
            notes.add("kept, atoms typed by element", residue)
        else:
            unknown.append(residue)
    if broken:
        asked = ",".join(text.split()[0] for text in broken)
        remedy = f"add them, or drop=[{asked}]" if len(broken) <= FEW else "add them with a program that completes structures"
        raise DataError(f"receptor {name}: atoms of the backbone missing: {shortened(broken)}; {remedy}")
    if unknown:
        raise DataError(f"receptor {name}: {shortened(unknown)}: neither protein nor nucleic acid; {_remedy(unknown)}")
    for form in found:
        if strange := [kind for _, kind in form.extra if kind not in TYPES]:
            left_out = f"leave out with drop=[{form.residue.id}]"
            raise DataError(f"receptor {name}: {form.residue}: Vina knows no {', '.join(dict.fromkeys(strange))}; {left_out}")
    return found


def _remedy(unknown: Sequence[Residue]) -> str:
    """What can be done about groups that no template describes."""

    def names(residues: Iterable[Residue]) -> str:
        return ",".join(dict.fromkeys(residue.name for residue in residues))

    typed = [residue for residue in unknown if all(_kind(atom) in TYPES for atom in residue.heavy.values())]
    whole = [residue for residue in typed if not _lacks_hydrogens(residue)]
    bare = [residue for residue in typed if _lacks_hydrogens(residue)]
    text = f"leave out with drop=[{names(unknown)}]"
    text += f", or make part of the receptor with keep=[{names(whole)}]" if whole else ""
    return text + (f", or add hydrogens in the file and keep=[{names(bare)}]" if bare else "")


def _nucleotide(residue: Residue, templates: Any) -> str:
    """Its name as the PDB has it: DA for CHARMM's ADE and AMBER's DA5."""
    if base := BASES.get(residue.name):
        return base if {"O2'", "O2*"} & residue.heavy.keys() else f"D{base}"
    stem = residue.name.rstrip("35")
    return stem if residue.name not in templates.ambiguous and stem in templates.ambiguous else residue.name


def _is_amino_acid(residue: Residue) -> bool:
    import gemmi

    known = gemmi.find_tabulated_residue(residue.name).is_amino_acid() or residue.name in NAMED_STATES
    return known or {"N", "CA", "C", "O"} <= residue.heavy.keys()


def _pdb_names(residue: Residue) -> dict[str, Any]:
    """Heavy atoms under the names that the PDB uses."""
    other = {} if "O" in residue.heavy else TERMINAL
    if residue.name == "ILE" and "CD1" not in residue.heavy:
        other = other | {"CD": "CD1"}
    if residue.name == "MSE":
        other = other | {"SE": "SD"}
    return {other.get(name, name): atom for name, atom in residue.heavy.items()}


def _amino_acid(residue: Residue, templates: Any, metals: Sequence[Any], sulphurs: Sequence[Any], notes: Notes) -> Form:
    heavy = _pdb_names(residue)
    name, state = NAMED_STATES.get(residue.name, (_treated_as(residue, templates), ""))
    if name not in STANDARD:
        return Form(residue, name, None, heavy)  # modified in a way that Meeko knows
    wanted = _heavy_names(templates, name)
    if missing := [atom for atom in wanted if atom not in heavy]:
        if residue.name in STANDARD or residue.name in NAMED_STATES:
            notes.add("side chain cut, docked into as it is", f"{residue} (no {', '.join(missing)})")
        name, state = ("ALA" if "CB" in heavy else "GLY"), ""
        wanted = _heavy_names(templates, name)
    form = Form(residue, name, heavy={atom: heavy[atom] for atom in (*wanted, "OXT") if atom in heavy})
    others = {atom: place for atom, place in heavy.items() if atom not in form.heavy}
    form.extra = [(place, _kind(place)) for place in others.values()]
    if residue.name not in STANDARD and residue.name not in NAMED_STATES:
        notes.add(f"as {name}" + " with atoms typed by element" * bool(others), f"{residue} {' '.join(others)}".strip())
    end = "C" if "OXT" in heavy else "N" if residue.hydrogens_on("N") > 1 else ""
    form.template = end + (state or _state(name, residue, heavy, metals, sulphurs, notes))
    return form


def _state(
    name: str, residue: Residue, heavy: Mapping[str, Any], metals: Sequence[Any], sulphurs: Sequence[Any], notes: Notes
) -> str:
    """The template of a standard amino acid, by its hydrogens and by what is bonded to it."""

    def on_metal(atom: str) -> bool:
        return any(heavy[atom].pos.dist(metal.pos) < BOND_TO_METAL for metal in metals)

    if name == "HIS":
        delta, epsilon = residue.hydrogens_on("ND1") > 0, residue.hydrogens_on("NE2") > 0
        if not (delta or epsilon):
            delta = on_metal("NE2")
            notes.add(f"no hydrogen in the ring, taken as {'HID' if delta else 'HIE'}", residue)
        return "HIP" if delta and epsilon else "HID" if delta else "HIE"
    if name == "CYS":
        if any(0 < heavy["SG"].pos.dist(other.pos) < DISULFIDE for other in sulphurs):
            return "CYX"
        return "CYX-" if on_metal("SG") else "CYS"
    if name in ACIDS:
        protonated, oxygens = ACIDS[name]
        return protonated if any(residue.hydrogens_on(atom) for atom in oxygens) else name
    return "LYN" if name == "LYS" and residue.hydrogens_on("NZ") == 2 else name


def _treated_as(residue: Residue, templates: Any) -> str:
    """A modified amino acid itself where Meeko knows all its atoms, or else the standard one that it was made from.

    Where that isn't known, it is ALA, or GLY without a CB.
    """
    import gemmi

    known = [_heavy_names(templates, key) for key in templates.ambiguous.get(residue.name, ())]
    if residue.name in STANDARD or any(set(names) == residue.heavy.keys() for names in known):
        return residue.name
    letter = gemmi.find_tabulated_residue(residue.name).one_letter_code.strip().upper()
    parent = gemmi.expand_one_letter(letter, gemmi.ResidueKind.AA) if letter else None
    return parent if parent in STANDARD else "ALA" if "CB" in residue.heavy else "GLY"


def _heavy_names(templates: Any, name: str) -> list[str]:
    template = templates.residue_templates["HIE" if name == "HIS" else name]
    return [atom for atom in template.atom_names if not atom.startswith("H")]


def _by_element(residue: Residue, name: str) -> list[tuple[Any, str]]:
    """Atoms with AutoDock types, polar hydrogens among them.

    Raises
    ------
    DataError
        Hydrogens are missing, without which donors aren't known.
    """
    if _lacks_hydrogens(residue):
        raise DataError(
            f"receptor {name}: keep={residue.name}: {residue} has no hydrogens, so which of its atoms donate isn't known; "
            "add hydrogens to it in the file"
        )
    donated = [h for h in residue.hydrogens if any(h.pos.dist(atom.pos) < 1.3 for atom in _polar(residue))]
    return [(atom, _kind(atom)) for atom in residue.heavy.values()] + [(atom, "HD") for atom in donated]


def _lacks_hydrogens(residue: Residue) -> bool:
    return bool(_polar(residue)) and not residue.hydrogens and residue.name not in WITHOUT_DONORS


def _polar(residue: Residue) -> list[Any]:
    return [atom for atom in residue.heavy.values() if atom.element.name in ("N", "O", "S")]


def _kind(atom: Any) -> str:
    """AutoDock type of an atom whose bonds aren't known."""
    return AUTODOCK.get(atom.element.name, atom.element.name)
