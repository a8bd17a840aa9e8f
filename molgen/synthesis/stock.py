"""Building blocks that can be bought."""

import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rdkit import Chem
from rdkit.Chem.Descriptors import MolWt

from molgen.chem.inventory import certain
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.data.catalog import PublicSet
from molgen.data.readers import IDENTIFIERS, read_chunks
from molgen.data.tables.table import Table
from molgen.errors import DataError
from molgen.yaml_files import options

ROWS = 5000  # of a file that are held at a time
SHIPPED = "common_blocks"
SHIPPED_FILE = Path(__file__).with_name(f"{SHIPPED}.csv.gz")  # see scripts/make_common_blocks.py
SUPPLIER_IDS = (
    "catalog id", "catalogue id", "catalog number", "catalogue number", "catalog no", "catalogue no", "cat id", "cat number",
    "cat no", "catalog", "catalogue", "sku", "vendor id", "vendorid", "supplier id", "product id", "product number", "product no",
    "article number", "article no", "item number", "item no", "order number", "order no", "best nr", "bestellnummer",
    "artikelnummer",
)  # fmt: skip
PRICES = ("price", "cost", "preis")
LEAD_TIMES = ("lead time", "delivery", "availability", "lieferzeit")
TIME = r"(?<![a-z])(?:(?:working|business) )?(?:hours?|days?|weeks?|months?|tage|wochen)(?![a-z])"
LEAD = "lead"  # a column that is called so and no more: not `lead compound`
OTHER = re.compile(r"\b(lot|batch|date|currency|group|cent(er|re))\b")  # in names of columns that are none of these
ISOTOPE = Chem.MolFromSmarts("[!0*]")
LOG = logging.getLogger(__name__)
MIXTURE = "mixture reduced"  # what the standardization says it has done


@dataclass(frozen=True)
class BuildingBlock:
    """A building block.

    Attributes
    ----------
    smiles
        In standard form.
    id
        What its supplier calls it; its SMILES where the stock has no identifiers.
    price
        In the stock's own unit; nan where it isn't told.
    lead_time
        As the stock writes it, empty where it isn't told.
    form
        What is in the bottle, where that is a salt or a hydrate: its SMILES, of which `smiles` is a part.
    """

    smiles: str
    id: str
    price: float = float("nan")
    lead_time: str = ""
    form: str = ""

    @property
    def weight(self) -> float:
        """Grams of what is in the bottle per mole of the block."""
        mol = Chem.MolFromSmiles(self.smiles)
        if not self.form:
            return float(MolWt(mol))
        sold = Chem.MolFromSmiles(self.form)
        parts = Chem.GetMolFrags(sold, asMols=True)
        return float(MolWt(sold)) / max(1, sum(_heavy_atoms(part) == _heavy_atoms(mol) for part in parts))


def _heavy_atoms(mol: Chem.Mol) -> list[int]:
    return sorted(atom.GetAtomicNum() for atom in mol.GetAtoms() if atom.GetAtomicNum() > 1)


def cheapest_first(price: float) -> tuple[bool, float]:
    """What to sort by: unknown prices come last."""
    return (False, price) if price >= 0 else (True, 0.0)


@dataclass(frozen=True)
class StockRows:
    """Some rows of a stock, as they stand in a file.

    Attributes
    ----------
    smiles, ids, prices, lead_times : [n]
        Empty where nothing is told.
    """

    smiles: list[str]
    ids: list[str]
    prices: list[str]
    lead_times: list[str]

    def form(self, row: int) -> str:
        """SMILES of a row that is a salt, or a hydrate; empty for others."""
        mol = Chem.MolFromSmiles(self.smiles[row]) if "." in self.smiles[row] else None
        return "" if mol is None else str(Chem.MolToSmiles(mol))

    def standard(self) -> tuple[list[tuple[int, Chem.Mol]], Counter[str]]:
        """The blocks in standard form, with their rows, and how many rows were left out for which reason."""
        found, left_out = [], Counter[str]()
        molecules = Molecules(self.smiles, STANDARD)
        for row, (mol, changes) in enumerate(zip(molecules.mols, molecules.changes, strict=True)):
            if mol is None:
                left_out[_in_short(molecules.problem[row] or "")] += 1
            elif any(change.startswith(MIXTURE) for change in changes):
                left_out["a mixture"] += 1
            elif len(Chem.GetMolFrags(mol)) > 1:
                left_out["an inorganic salt"] += 1
            elif mol.HasSubstructMatch(ISOTOPE):
                left_out["labelled with isotopes"] += 1
            else:
                found.append((row, certain(mol) if mol.GetStereoGroups() else mol))
        return found, left_out


def _in_short(problem: str) -> str:
    """Why a row is left out, without what differs from row to row."""
    return "no valid valences" if problem.startswith("Explicit valence") else problem.split(":")[0]


def stock_file(name: str) -> tuple[Path, str | None]:
    """The file of a stock, fetched if need be, and its column of SMILES if that is known.

    Parameters
    ----------
    name
        A public set such as `real_blocks`, `common_blocks` (which ships), or a file.

    Raises
    ------
    DataError
        There is no such stock.
    """
    from molgen.config import compose_group

    if name == SHIPPED:
        return SHIPPED_FILE, None
    if name in options("data"):
        found = compose_group("data", name)
        if not isinstance(found, PublicSet) or found.member is not None:
            raise DataError(f"stock={name}: isn't a list of molecules that are sold")
        return found.fetch(), found.column
    path = Path(name).expanduser()
    if not path.is_file():
        raise DataError(f"stock={name}: no such file, nor a public set (real_blocks, sigma_stock), nor {SHIPPED}, which ships")
    return path, None


def stock_rows(path: Path, column: str | None = None) -> Iterator[StockRows]:
    """Read a stock piece by piece.

    Parameters
    ----------
    path, column
        A file of molecules, and its column of SMILES. Identifiers, prices and lead times are taken from columns that are called
        so, or named in `SUPPLIER_IDS`, `PRICES` and `LEAD_TIMES`; the log says where there is none, or a choice of prices.
    """
    said = False
    for table in read_chunks(path, column, ROWS):
        columns = _columns_of(table)
        if not said and (doubts := _doubts(table, columns)):
            LOG.warning("%s: %s", path, doubts)
        said = True
        ids, prices, lead_times = (_cells(table, names) for names in columns.values())
        yield StockRows(list(table.smiles), ids, prices, _timed(lead_times, columns["lead times"]))


def _columns_of(table: Table) -> dict[str, list[str]]:
    """The columns that may be identifiers, prices and lead times: the first of each is taken."""
    columns = {str(name): _plain(str(name)) for name in table.columns.columns if name != table.structure}
    columns = {name: text for name, text in columns.items() if not OTHER.search(text)}
    return {
        "identifiers": _called(columns, (*SUPPLIER_IDS, *IDENTIFIERS, r".* id")),
        "prices": _called(columns, PRICES, within=True),
        "lead times": _called(columns, LEAD_TIMES, within=True) or _called(columns, (LEAD,)),
    }


def _doubts(table: Table, columns: dict[str, list[str]]) -> str:
    """What no column was found for though there are others, and what other prices there are."""
    others = len(table.columns.columns) > 1 + sum(map(bool, columns.values()))
    missing = [what for what in ("identifiers", "prices") if others and not columns[what]]
    found = [f"no column is called {' or '.join(missing)}"] if missing else []
    prices = columns["prices"]
    return "; ".join([*found, *([f"'{prices[0]}' is taken as the price, '{prices[1]}' isn't"] if len(prices) > 1 else [])])


def _cells(table: Table, names: list[str]) -> list[str]:
    """Cells of the first column; empty if there is none."""
    return [str(cell).strip() for cell in table.columns[names[0]].fillna("")] if names else [""] * len(table.smiles)


def _timed(cells: list[str], names: list[str]) -> list[str]:
    """Lead times with the unit that their column's name says: `5` of `Delivery (days)` are `5 days`."""
    unit = re.search(TIME, names[0], re.IGNORECASE) if names else None
    return [f"{cell} {unit[0].lower()}" if unit and re.fullmatch(r"[\d.,\-–<>~ ]+", cell) else cell for cell in cells]


def _called(columns: dict[str, str], names: tuple[str, ...], within: bool = False) -> list[str]:
    """Columns that are called one of `names`, the best first.

    Parameters
    ----------
    columns
        Their names -> the words of these.
    within
        Whether more words may stand before and after, as in `Unit price EUR`; what is in brackets never counts.
    """
    found: dict[str, None] = {}
    for wanted in names:
        for pattern in (f"^{wanted}$", *([rf"\b{wanted}\b"] if within else [])):
            found |= dict.fromkeys(name for name, text in columns.items() if re.search(pattern, text))
    return list(found)


def _plain(name: str) -> str:
    """The words of a column's name."""
    return " ".join(re.sub(r"\(.*?\)|\[.*?\]|[\W_]", " ", name.lower()).split())
