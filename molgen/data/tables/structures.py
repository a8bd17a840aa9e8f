"""Files of structures other than SDF: MOL2, Maestro and CDXML."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from rdkit import Chem

from molgen.data.tables.drawings import smiles_of, why_invalid
from molgen.data.tables.encodings import examine
from molgen.data.tables.table import Reading, Table, text_frame
from molgen.data.tables.whole import read_whole
from molgen.errors import DataError

MOLECULE = "@<TRIPOS>MOLECULE"
DRAWN = ("Element", "ExternalConnectionPoint")  # kinds of nodes in CDXML that are atoms; others need a drawing inside
BLOCK = re.compile(r"\b(m_atom|m_bond)\[\d*\]\s*\{(.*?):::", re.DOTALL)  # of Maestro: its kind, the names of its columns
COLUMNS = {
    "m_atom": ("r_m_x_coord", "r_m_y_coord", "r_m_z_coord", "i_m_atomic_number"),
    "m_bond": ("i_m_from", "i_m_to", "i_m_order"),
}
UNCOUNTED = re.compile(r"H(?![a-z])|[^A-Za-z]")  # in the label of an atom: hydrogens, their number, charges


class Structure(NamedTuple):
    """A molecule of a file with what is said about it."""

    smiles: str
    problem: str | None
    facts: dict[str, str]


@dataclass(frozen=True)
class Structures:
    """A file of structures, read whole."""

    found: Sequence[Structure]
    names: tuple[str, ...]

    def tables(self, rows: int) -> Iterator[Table]:
        """See `Source`."""
        left = iter(self.found)
        while part := list(islice(left, rows)):
            frame = text_frame(self.names, [[item.facts.get(name, "") for name in self.names] for item in part])
            yield Table(frame, [item.smiles for item in part], [item.problem for item in part])


def _structures(found: list[Structure], path: Path) -> Structures:
    if not found:
        raise DataError(f"{path}: no molecules in it")
    return Structures(found, tuple(dict.fromkeys(name for item in found for name in item.facts)))


def open_mol2(path: Path, reading: Reading) -> Structures:
    """Molecules of a MOL2 file, whose title line comes as `name`; those without hydrogens are refused: bonds don't tell them."""
    with examine(path, reading.encoding).open() as stream:
        blocks = stream.read().split(MOLECULE)[1:]
    return _structures([_mol2(block) for block in blocks], path)


def _mol2(block: str) -> Structure:
    title = block.lstrip("\n").partition("\n")[0].strip()
    facts = {"name": title} if title and title != "*****" else {}
    counts = block.lstrip("\n").partition("\n")[2].split("\n")[0].split()
    if any(number.startswith("-") for number in counts):  # RDKit would read for ever
        return Structure("", "the MOL2 record has a count below 0", facts)
    mol = Chem.MolFromMol2Block(MOLECULE + block, sanitize=False, removeHs=False)
    if mol is None:
        return Structure("", "the MOL2 record can't be read", facts)
    try:
        Chem.SanitizeMol(mol)
    except ValueError:
        return Structure("", why_invalid(mol), facts)
    if any(atom.GetNumImplicitHs() or (atom.GetAtomicNum() == 6 and atom.GetNumRadicalElectrons()) for atom in mol.GetAtoms()):
        return Structure("", "a MOL2 record needs its hydrogens: add them, or write an SDF", facts)
    whole = Chem.MolFromMol2Block(MOLECULE + block)
    return Structure("", why_invalid(mol), facts) if whole is None else Structure(smiles_of(whole), None, facts)


def open_maestro(path: Path, reading: Reading) -> Structures:
    """Molecules of a Maestro file: the title comes as `name`, properties under their full names."""
    del reading
    text = read_whole(path).decode("utf-8", "replace")
    if "f_m_ct" not in text:
        raise DataError(f"{path}: no molecules in it: no block f_m_ct")
    for block in BLOCK.finditer(text):
        if missing := [column for column in COLUMNS[block[1]] if column not in block[2].split()]:
            raise DataError(f"{path}: block {block[1]} has no column {missing[0]}")  # RDKit would end the process
    supplier = Chem.MaeMolSupplier()
    found: list[Structure] = []
    try:
        supplier.SetData(text)
    except Exception as error:
        raise DataError(f"{path}: can't be read as Maestro ({str(error).splitlines()[0]})") from error
    while True:
        try:
            if supplier.atEnd():
                break
            mol = next(supplier)
        except StopIteration:
            break
        except Exception as error:
            raise DataError(f"{path}: molecule {len(found) + 1} can't be read ({str(error).splitlines()[0]})") from error
        if mol is None:
            found.append(Structure("", "the Maestro block can't be read", {}))
            continue
        title = mol.GetProp("_Name") if mol.HasProp("_Name") else ""
        facts = {"name": title} if title else {}
        facts |= {name: str(value) for name, value in mol.GetPropsAsDict(autoConvertStrings=False).items() if "_" in name[1:]}
        found.append(Structure(smiles_of(Chem.RemoveHs(mol)), None, facts))
    return _structures(found, path)


def open_cdxml(path: Path, reading: Reading) -> Structures:
    """Molecules of a ChemDraw document; one with a label that isn't drawn out (Boc) is refused: RDKit takes it for carbon."""
    del reading
    content = read_whole(path)
    try:
        page = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise DataError(f"{path}: can't be read as CDXML ({error})") from error
    found = []
    for fragment in page.findall(".//page//fragment"):
        if any(fragment in list(node) for node in page.iter("n")):
            continue  # the inside of an abbreviation
        found.append(_cdxml(fragment, page.attrib))
    return _structures(found, path)


def _is_drawn_out(node: ElementTree.Element) -> bool:
    """Whether a node of CDXML holds a drawing, or is one atom whose label says no more than its element does."""
    if node.find("fragment") is not None:
        return True
    symbol = Chem.GetPeriodicTable().GetElementSymbol(int(node.get("Element", "6")))
    return node.get("NodeType", "Element") in DRAWN and UNCOUNTED.sub("", _label(node)) in ("", "D", "T", symbol)


def _label(node: ElementTree.Element) -> str:
    return "".join("".join(text.itertext()) for text in node.findall("t")).strip()


def _cdxml(fragment: ElementTree.Element, attributes: dict[str, str]) -> Structure:
    for node in fragment.iter("n"):
        if not _is_drawn_out(node):
            label = _label(node) or node.get("NodeType")
            return Structure("", f"label '{label}' isn't drawn out; expand it in ChemDraw", {})
    document = ElementTree.Element("CDXML", attributes)
    ElementTree.SubElement(document, "page").append(fragment)
    try:
        mols = Chem.MolsFromCDXML(ElementTree.tostring(document, encoding="unicode"))
    except (RuntimeError, ValueError) as error:
        return Structure("", f"the drawing can't be read ({str(error).strip()})", {})
    if len(mols) != 1:
        unchecked = Chem.MolsFromCDXML(ElementTree.tostring(document, encoding="unicode"), False, False)
        return Structure("", why_invalid(unchecked[0] if unchecked else None), {})
    return Structure(smiles_of(mols[0]), None, {})
