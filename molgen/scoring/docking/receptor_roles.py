"""Which atoms of a receptor give and take hydrogen bonds, are charged, lie in aromatic rings, or are hydrophobic."""

from collections.abc import Iterable, Iterator

from molgen.scoring.docking.binding_site import HALIDES, BindingSite

TO_METAL = 3.0  # Å from a metal to what it is bonded to, at most
CONJUGATED = 1.40  # Å, longest bond to carbon of a nitrogen that lies in one plane with it
GIVES = {  # side chains that give hydrogen bonds, for receptors without hydrogens
    "ARG": ("NE", "NH1", "NH2"), "ASN": ("ND2",), "GLN": ("NE2",), "HIS": ("ND1", "NE2"), "LYS": ("NZ",), "SER": ("OG",),
    "THR": ("OG1",), "TRP": ("NE1",), "TYR": ("OH",),
}  # fmt: skip
AMINO_ACIDS = ("ALA", "ARG", "ASN", "ASP", "CYS", "GLN", "GLU", "GLY", "HIS", "ILE", "LEU", "LYS", "MET", "PHE", "PRO", "SER",
               "THR", "TRP", "TYR", "VAL")  # fmt: skip
SIX = ("CG", "CD1", "CE1", "CZ", "CE2", "CD2")
RINGS = {
    "PHE": (SIX,), "TYR": (SIX,), "HIS": (("CG", "ND1", "CE1", "NE2", "CD2"),),
    "TRP": (("CG", "CD1", "NE1", "CE2", "CD2"), ("CD2", "CE2", "CZ2", "CH2", "CZ3", "CE3")),
}  # fmt: skip
BASE = (("N1", "C2", "N3", "C4", "C5", "C6"), ("C4", "C5", "N7", "C8", "N9"))
ACIDS = {"ASP": ("OD1", "OD2"), "GLU": ("OE1", "OE2")}


def gives(site: BindingSite, atom: int) -> bool:
    """Whether a heavy atom gives hydrogen bonds: a nitrogen or oxygen that holds a hydrogen, or by its name if none are known."""
    one = site.atoms[atom]
    if one.element not in ("N", "O"):
        return False
    if site.is_water(atom) or atom in site.hydrogens:
        return True
    if site.has_hydrogens or one.parent not in AMINO_ACIDS or _on_metal(site, atom):
        return False
    return one.name in GIVES.get(one.parent, ()) or (one.name == "N" and one.parent != "PRO")


def takes(site: BindingSite, atom: int) -> bool:
    """Whether a heavy atom has a lone pair for a hydrogen bond.

    Of amino acids' nitrogens only those of histidines have, without hydrogen and on no metal; of others, those of two
    neighbours or one, without hydrogen.
    """
    one = site.atoms[atom]
    if one.element == "O" or (one.element in HALIDES and site.is_ion(atom)):
        return True
    if one.element != "N" or atom in site.hydrogens or _on_metal(site, atom):
        return False
    if one.parent in AMINO_ACIDS:
        return one.parent == "HIS" and one.name in ("ND1", "NE2")
    return site.has_hydrogens and len(site.neighbours(atom)) <= 2


def may_turn(site: BindingSite, atom: int) -> bool:
    """Whether the hydrogens of an atom that gives may turn about its one bond: those of hydroxyl and ammonium groups."""
    near = site.neighbours(atom)
    if len(near) != 1:
        return False
    return site.atoms[atom].element == "O" or _apart(site, atom, near[0]) > CONJUGATED


def charged_groups(site: BindingSite, atoms: Iterable[int]) -> Iterator[tuple[int, list[int]]]:
    """Charges, +1 or -1, of groups that have one of the heavy `atoms`, each with the atoms that share it, once."""
    seen: set[int] = set()
    for atom in atoms:
        if atom in seen:
            continue
        charge, group = _charged(site, atom)
        if charge:
            seen.update(group)
            yield charge, group


def _charged(site: BindingSite, atom: int) -> tuple[int, list[int]]:
    one = site.atoms[atom]
    if one.element in HALIDES and site.is_ion(atom):
        return -1, [atom]
    if one.element not in ("N", "O"):
        return 0, []
    own = {site.atoms[i].name: i for i in site.residues[one.label]}
    if one.element == "N":
        return _cation(site, atom, own)
    for names in (ACIDS.get(one.parent, ()), ("O", "OXT")):
        group = [own[name] for name in names if name in own]
        if one.name in names and len(group) == 2:
            return (0, []) if any(i in site.hydrogens for i in group) else (-1, group)
    near = site.neighbours(atom)
    if len(near) == 1 and site.atoms[near[0]].element == "P":  # of phosphates
        ends = [i for i in site.neighbours(near[0]) if site.atoms[i].element == "O" and len(site.neighbours(i)) == 1]
        return -1, [i for i in ends if i not in site.hydrogens] or [atom]
    return 0, []


def _cation(site: BindingSite, atom: int, own: dict[str, int]) -> tuple[int, list[int]]:
    one = site.atoms[atom]
    if one.parent == "ARG" and one.name in GIVES["ARG"]:
        return 1, [own[name] for name in GIVES["ARG"] if name in own]
    held = len(site.hydrogens.get(atom, ()))
    if one.parent == "LYS" and one.name == "NZ":
        return (1, [atom]) if held >= 3 or not site.has_hydrogens else (0, [])
    if one.parent == "HIS" and one.name in GIVES["HIS"]:
        group = [own[name] for name in GIVES["HIS"] if name in own]
        return (1, group) if len(group) == 2 and all(i in site.hydrogens for i in group) else (0, [])
    return (1, [atom]) if one.name == "N" and held >= 3 else (0, [])


def rings(site: BindingSite, atoms: Iterable[int]) -> list[list[int]]:
    """Aromatic rings of residues that have one of `atoms`, whole ones only."""
    found = []
    for label in dict.fromkeys(site.atoms[i].label for i in atoms):
        own = {site.atoms[i].name: i for i in site.residues[label]}
        parent = site.atoms[next(iter(own.values()))].parent
        for names in RINGS.get(parent, BASE if "C1'" in own else ()):
            if all(name in own for name in names):
                found.append([own[name] for name in names])
    return found


def is_hydrophobic(site: BindingSite, atom: int) -> bool:
    """Whether it is a carbon that is bonded to carbon and hydrogen alone."""
    return site.atoms[atom].element == "C" and all(site.atoms[i].element == "C" for i in site.neighbours(atom))


def _on_metal(site: BindingSite, atom: int) -> bool:
    near = site.near(site.places[atom][None], TO_METAL)
    return any(site.is_ion(i) and site.atoms[i].element not in HALIDES for i in near)


def _apart(site: BindingSite, one: int, other: int) -> float:
    return float(((site.places[one] - site.places[other]) ** 2).sum() ** 0.5)
