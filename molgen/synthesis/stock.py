"""Building blocks that can be bought."""

import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.inventory import certain
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.data.catalog import PublicSet
from molgen.data.cells import read_numbers
from molgen.data.readers import IDENTIFIERS, read_chunks
from molgen.data.tables.table import Table
from molgen.errors import DataError
from molgen.yaml_files import options

ROWS = 5000  # of a file that are held at a time
SHIPPED = "common_blocks"
PRICES = ("price", "cost", "price usd", "price eur", "price per gram", "price/g")
LEAD_TIMES = ("lead time", "lead time days", "lead", "delivery", "delivery days", "availability")
ISOTOPE = Chem.MolFromSmarts("[!0*]")
CURRENCY = re.compile(r"[€$£¥]|\b(?:EUR|USD|GBP|CHF)\b", re.IGNORECASE)
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Block:
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
    """

    smiles: str
    id: str
    price: float = float("nan")
    lead_time: str = ""


@dataclass(frozen=True)
class Piece:
    """Some rows of a stock, as they stand in a file.

    Attributes
    ----------
    smiles, ids, lead_times : [n]
    prices : float64 [n]
    """

    smiles: list[str]
    ids: list[str]
    prices: NDArray[np.float64]
    lead_times: list[str]

    def blocks(self) -> tuple[list[tuple[Block, Chem.Mol]], Counter[str]]:
        """The blocks in standard form, and how many rows were left out for which reason."""
        found, left_out = [], Counter[str]()
        molecules = Molecules(self.smiles, STANDARD)
        for i, (mol, text) in enumerate(zip(molecules.mols, molecules.canonical, strict=True)):
            given = Chem.MolFromSmiles(self.smiles[i]) if mol is not None else None
            if mol is None or text is None:
                left_out[(molecules.problem[i] or "not SMILES").split(":")[0]] += 1
            elif given is not None and given.HasSubstructMatch(ISOTOPE):
                left_out["labelled with isotopes"] += 1
            else:
                mol = certain(mol) if mol.GetStereoGroups() else mol
                plain = Chem.MolToSmiles(mol)
                found.append((Block(plain, self.ids[i] or plain, float(self.prices[i]), self.lead_times[i]), mol))
        return found, left_out


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
        return Path(__file__).with_name(f"{SHIPPED}.csv"), None
    if name in options("data"):
        found = compose_group("data", name)
        if not isinstance(found, PublicSet) or found.member is not None:
            raise DataError(f"stock={name}: isn't a list of molecules that are sold")
        return found.fetch(), found.column
    path = Path(name).expanduser()
    if not path.is_file():
        raise DataError(f"stock={name}: no such file, nor a public set (real_blocks, sigma_stock), nor {SHIPPED}, which ships")
    return path, None


def pieces(path: Path, column: str | None = None) -> Iterator[Piece]:
    """Read a stock piece by piece.

    Parameters
    ----------
    path, column
        A file of molecules, and its column of SMILES. Identifiers, prices and lead times are taken from columns that are called
        so, or named in `PRICES` and `LEAD_TIMES`.
    """
    for table in read_chunks(path, column, ROWS):
        yield _piece(table)


def _piece(table: Table) -> Piece:
    n = len(table.smiles)
    texts = {key: _texts(table, names) for key, names in (("id", IDENTIFIERS), ("price", PRICES), ("lead", LEAD_TIMES))}
    named, priced = texts["id"] or [""] * n, texts["price"]
    prices = np.full(n, np.nan) if priced is None else _prices(priced)
    return Piece(list(table.smiles), named, np.where(prices >= 0, prices, np.nan), texts["lead"] or [""] * n)


def _prices(cells: list[str]) -> NDArray[np.float64]:
    try:
        return read_numbers([CURRENCY.sub("", cell).strip() for cell in cells], "price").value
    except DataError as error:
        LOG.warning("%s; these prices are taken as unknown", error)
        return np.full(len(cells), np.nan)


def _texts(table: Table, names: tuple[str, ...]) -> list[str] | None:
    """Cells of the first column called one of `names`, or ending in it as `reagent_id` does; None if there is none."""
    plain = {str(name).strip().lower().replace("_", " "): str(name) for name in table.columns if name != table.structure}
    for wanted in names:
        for text, name in plain.items():
            if text == wanted or text.endswith(f" {wanted}"):
                return [str(cell).strip() for cell in table.columns[name].fillna("")]
    return None
