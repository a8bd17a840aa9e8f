"""Substructures as what an editor of structures shows, and back: SMARTS as far as it can be drawn.

An atom that is drawn is of its element, aromatic or not, with any number of hydrogens and of further neighbours; a ring that is
drawn aromatic is aromatic; charges, isotopes, wedges, least numbers of hydrogens, lists of elements and any atoms or bonds
count. E or Z doesn't: every double bond that is drawn has a shape.
"""

import contextlib
import re

from rdkit import Chem, rdBase

from molgen.chem.sketches import check_chemistry, laid_out, read_sketch
from molgen.chem.smarts import pattern
from molgen.errors import DataError

MAY_BE_AROMATIC = {5, 6, 7, 8, 14, 15, 16, 33, 34, 52}
LISTED = re.compile(r"\[(#\d+(,#\d+)*|!#\d+(&!#\d+)*)\]|\*")  # one of several elements, none of them, any
HYDROGENS = re.compile(r"\[(#\d+)&h(?:\{(\d)-\}|0)\]")  # at least so many, or none
BONDS = {"~", "-,=", "-&@", "-&!@", "=&@", "=&!@", "", "@", "!@"}
ELEMENT = re.compile(r"#(\d+)|([A-Z][a-z]?|[a-z][a-z]?)")
STEPS = Chem.SanitizeFlags.SANITIZE_SYMMRINGS | Chem.SanitizeFlags.SANITIZE_SETAROMATICITY


def query_sketch_of(smarts: str) -> tuple[str, list[str]]:
    """A substructure drawn, as V3000 molfile, and atoms and bonds of the SMARTS of which a drawing can't say all.

    Raises
    ------
    ConfigError, DataError
        It is no SMARTS.
    """
    with rdBase.BlockLogs():
        pattern(smarts)  # what molgen refuses as a pattern isn't drawn either
    asked = Chem.MolFromSmarts(smarts)
    drawn = Chem.RWMol()
    for atom in asked.GetAtoms():
        drawn.AddAtom(_drawn_atom(atom.GetSmarts()))
    for bond in asked.GetBonds():
        ends = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        drawn.AddBond(*ends, Chem.BondType.SINGLE)
        drawn.ReplaceBond(drawn.GetNumBonds() - 1, _drawn_bond(asked, bond))
    drawn.UpdatePropertyCache(strict=False)
    text = laid_out(_kekulized(drawn), kekulize=False)
    return text, _lost(asked, _as_query(read_sketch(text)))


def smarts_of_sketch(molfile: str) -> str:
    """SMARTS of what is drawn; empty where nothing is.

    Raises
    ------
    DataError
        It can't be read, or says what isn't understood.
    """
    drawn = read_sketch(molfile)
    return str(Chem.MolToSmarts(_as_query(drawn))) if drawn.GetNumAtoms() else ""


def _as_query(drawn: Chem.RWMol) -> Chem.Mol:
    check_chemistry(drawn, whole=False)
    with rdBase.BlockLogs():
        drawn.UpdatePropertyCache(strict=False)
        Chem.AssignChiralTypesFromBondDirs(drawn)
        drawn = Chem.RWMol(_kekulized(drawn))
        Chem.SanitizeMol(drawn, STEPS, catchErrors=True)
    for bond in drawn.GetBonds():
        bond.SetBondDir(Chem.BondDir.NONE)
        bond.SetStereo(Chem.BondStereo.STEREONONE)
        if bond.HasQuery() and bond.GetSmarts() not in BONDS:
            raise DataError(f"this bond of the drawing isn't understood: {bond.GetSmarts()}; write it as SMARTS")
    for atom in list(drawn.GetAtoms()):
        new = Chem.AtomFromSmarts(_form(atom))
        new.SetChiralTag(atom.GetChiralTag())
        drawn.ReplaceAtom(atom.GetIdx(), new)
    return drawn.GetMol()


def _form(atom: Chem.Atom) -> str:
    """An atom as SMARTS: a hydrogen counts only where a stereocentre has it, or where the drawing asks for it."""
    if atom.HasQuery():
        form = str(atom.GetSmarts())
        if found := HYDROGENS.fullmatch(form):
            return f"[{found[1]}{''.join(f'&!H{n}' for n in range(int(found[2])))}]" if found[2] else f"[{found[1]}&H0]"
        if not LISTED.fullmatch(form):
            raise DataError(f"a condition on an atom of the drawing isn't understood ({form}); write it as SMARTS")
        return form
    number, charge = atom.GetAtomicNum(), atom.GetFormalCharge()
    if atom.GetIsAromatic():
        element = atom.GetSymbol().lower()
    else:
        element = f"#{number}" if number in MAY_BE_AROMATIC or number == 1 else atom.GetSymbol()
    parts = [element, f"{atom.GetIsotope()}*" * bool(atom.GetIsotope()), f"{charge:+d}" * bool(charge)]
    if atom.GetChiralTag() != Chem.ChiralType.CHI_UNSPECIFIED and atom.GetDegree() == 3:
        parts.append("H1")
    return f"[{'&'.join(filter(None, parts))}]"


def _drawn_atom(form: str) -> Chem.Atom:
    """An atom that shows as much of the SMARTS of one as can be drawn."""
    inside = form.removeprefix("[").removesuffix("]")
    spelt = re.sub(r"(?<![#A-Za-z])([A-Z][a-z]?)", lambda found: f"#{_number(found[0])}", inside) if "," in inside else inside
    if LISTED.fullmatch(f"[{spelt}]") and not ELEMENT.fullmatch(spelt):
        return Chem.AtomFromSmarts(f"[{spelt}]")
    first, *rest = inside.split("&")
    element = ELEMENT.fullmatch(first)
    number = (int(element[1]) if element[1] else _number(element[2])) if element else 0
    if not number:
        return Chem.AtomFromSmarts("[!#1]")
    atom = Chem.Atom(number)
    atom.SetIsAromatic(first.islower())
    for part in rest:
        if re.fullmatch(r"[+-]\d*", part):
            atom.SetFormalCharge(int(part if len(part) > 1 else f"{part}1"))
        elif re.fullmatch(r"\d+\*", part):
            atom.SetIsotope(int(part[:-1]))
    return atom


def _number(symbol: str) -> int:
    """The atomic number of an element; 0 where it is none."""
    with rdBase.BlockLogs():
        found = Chem.MolFromSmarts(f"[{symbol}]")
    kinds = re.findall(r"Atom(?:AtomicNum|Type) (\d+) = val", found.GetAtomWithIdx(0).DescribeQuery()) if found else []
    return int(kinds[0]) % 1000 if len(kinds) == 1 else 0


def _drawn_bond(asked: Chem.Mol, bond: Chem.Bond) -> Chem.Bond:
    form = bond.GetSmarts()
    if form in ("/", "\\"):
        form = "-"
    if form == "":
        aromatic = bond.IsInRing() and all(end.GetSmarts().strip("[]")[:1].islower() for end in _ends(bond))
        form = ":" if aromatic else "-"
    plain = {"-": "CC", "=": "C=C", "#": "C#C", ":": "c:c"}
    if form in plain:
        return Chem.MolFromSmiles(plain[form], sanitize=False).GetBondWithIdx(0)
    return Chem.BondFromSmarts(form if form in BONDS else "~")


def _ends(bond: Chem.Bond) -> tuple[Chem.Atom, Chem.Atom]:
    return bond.GetBeginAtom(), bond.GetEndAtom()


def _kekulized(drawn: Chem.Mol) -> Chem.Mol:
    """With single and double bonds in aromatic rings, one nitrogen with a hydrogen if need be; else without aromatic chains."""
    nitrogens = [atom.GetIdx() for atom in drawn.GetAtoms() if atom.GetAtomicNum() == 7 and atom.GetIsAromatic()]
    for with_hydrogen in (None, *nitrogens):
        own = Chem.RWMol(drawn)
        if with_hydrogen is not None:
            own.GetAtomWithIdx(with_hydrogen).SetNumExplicitHs(1)
        with contextlib.suppress(Chem.MolSanitizeException), rdBase.BlockLogs():
            Chem.Kekulize(own, clearAromaticFlags=True)
            return own
    own = Chem.RWMol(drawn)
    for atom in own.GetAtoms():
        atom.SetIsAromatic(any(bond.GetIsAromatic() for bond in atom.GetBonds()))
    return own


def _lost(asked: Chem.Mol, drawn: Chem.Mol) -> list[str]:
    """Atoms and bonds of a pattern that mean something else once they are drawn."""
    lost = []
    for one, other in zip(asked.GetAtoms(), drawn.GetAtoms(), strict=True):
        form = str(one.GetSmarts()).replace("&", "")
        if _meaning(one) != _meaning(other):
            lost.append(form)
        if one.GetChiralTag() != other.GetChiralTag():
            lost.append(f"the stereo of {form}")
    for bond in asked.GetBonds():
        form, now = bond.GetSmarts(), _bond_form(drawn.GetBondBetweenAtoms(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()))
        if form != now and not (form == "" and now in ("-", ":")):
            lost.append(form or "single or aromatic bonds")
    return list(dict.fromkeys(lost))


def _bond_form(bond: Chem.Bond) -> str:
    types = {Chem.BondType.SINGLE: "-", Chem.BondType.DOUBLE: "=", Chem.BondType.TRIPLE: "#", Chem.BondType.AROMATIC: ":"}
    return str(bond.GetSmarts()) if bond.HasQuery() else types[bond.GetBondType()]


def _meaning(atom: Chem.Atom) -> str:
    """What an atom asks for, in one spelling for one meaning."""
    form = atom.GetSmarts().removeprefix("[").removesuffix("]")
    if form == "*":
        return "!#1"  # as patterns are matched
    return re.sub(
        r"(?<![#A-Za-z])[A-Z][a-z]?(?![A-Za-z])",
        lambda found: found[0] if (number := _number(found[0])) in MAY_BE_AROMATIC or not number else f"#{number}",
        form,
    )
