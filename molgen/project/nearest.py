"""Known compounds: which molecules are among them, and which of them is nearest to a molecule."""

import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from molgen.chem.compounds import twin_key
from molgen.chem.difference import Difference, difference
from molgen.chem.molecules import Molecules
from molgen.chem.scaffolds import murcko
from molgen.chem.similarity import bit_matrix, nearest_neighbours
from molgen.chem.standardize import STANDARD
from molgen.data.columns import companions, endpoint_columns, relation_columns, unit_columns
from molgen.data.readers import Table
from molgen.errors import DataError, nearest
from molgen.screening.charts import naming_column

COMPARABLE = 0.25  # similarity from which on it is said what changed
NAMES = 80  # characters of a name at most
TURNED = str.maketrans("<>", "><")


@dataclass(frozen=True)
class Neighbour:
    """The known compound that is nearest to a molecule.

    Attributes
    ----------
    measured
        What was measured, as it was written, by the names of the columns.
    similarity
        Tanimoto, on bits of ECFP4.
    difference
        What changed from it to the molecule.
    """

    name: str
    smiles: str
    measured: Mapping[str, str]
    similarity: float
    difference: Difference = field(default=Difference())


@dataclass(frozen=True)
class KnownCompounds:
    """Compounds [m], each once, in standard form.

    Attributes
    ----------
    source
        Where they come from: a file's name, or words.
    names : [m]
    smiles : [m]
    measured : [m]
        What was measured of each, as it was written.
    notes
        What was left out, a line per row.
    """

    source: str
    names: tuple[str, ...]
    smiles: tuple[str, ...]
    measured: tuple[Mapping[str, str], ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, smiles: Sequence[str], source: str) -> "KnownCompounds":
        """Compounds of which nothing else is known."""
        frame = pd.DataFrame({"smiles": list(smiles)}, dtype="str")
        return cls.of_table(Table.of(frame), source) if len(frame) else cls(source, (), (), ())

    @classmethod
    def of_table(cls, table: Table, source: str, labels: Sequence[str] = ()) -> "KnownCompounds":
        """The compounds of a file; rows of one compound become one, with all of their distinct values.

        Parameters
        ----------
        labels
            Columns of measured values; by default all that look like such.

        Raises
        ------
        DataError
            There is no such column.
        """
        frame = table.training()
        taken = list(labels) or endpoint_columns(frame)[0]
        for name in taken:
            if name not in frame:
                raise DataError(f"{source}: no column '{name}'{nearest(name, frame.columns)}; found: {', '.join(frame.columns)}")
        naming = naming_column(frame.columns.drop("smiles"))
        molecules = Molecules(table.smiles, STANDARD)
        rows: defaultdict[str, list[int]] = defaultdict(list)
        notes = []
        for i, text in enumerate(molecules.canonical):
            if text is None:
                notes.append(f"{source}: row {i + 1}: {table.problem[i] or molecules.problem[i]}; left out")
            else:
                rows[text].append(i)
        cells = {name: _measured(frame, name, taken, source) for name in taken}
        told = [{name: _together(cells[name], places) for name in taken} for places in rows.values()]
        called = [""] * len(frame) if naming is None else [_text(cell) for cell in frame[naming]]
        names = [_together(called, places)[:NAMES] for places in rows.values()]
        return cls(source, tuple(names), tuple(rows), tuple(told), tuple(notes))

    def __len__(self) -> int:
        return len(self.smiles)

    def hold(self, mol: Chem.Mol) -> bool:
        """Whether a molecule in standard form is one of them, but for stereochemistry and mobile hydrogens."""
        return twin_key(mol) in self._keys(CalcMolFormula(mol))

    def nearest(self, smiles: Sequence[str]) -> tuple[Neighbour | None, ...]:
        """The nearest compound of each molecule [n]; None for what is no molecule."""
        molecules = Molecules(smiles, STANDARD)
        similarity, index = nearest_neighbours(bit_matrix(molecules.mols), self._bits)
        return tuple(
            None if molecules.mols[i] is None else self._neighbour(int(index[i]), float(similarity[i]), smiles[i])
            for i in range(len(smiles))
        )

    def scaffolds(self) -> frozenset[str]:
        """Their Murcko scaffolds."""
        return frozenset(murcko(mol) for mol in self._mols)

    def _neighbour(self, i: int, similarity: float, smiles: str) -> Neighbour:
        given = Chem.MolFromSmiles(smiles)  # whose atoms are numbered as in the SMILES
        told = difference(self._mols[i], given) if similarity >= COMPARABLE else Difference()
        return Neighbour(self.names[i], self.smiles[i], self.measured[i], similarity, told)

    @functools.cached_property
    def _mols(self) -> list[Chem.Mol]:
        return [Chem.MolFromSmiles(text) for text in self.smiles]

    @functools.cached_property
    def _bits(self) -> np.ndarray:
        return bit_matrix(self._mols)

    @functools.cached_property
    def _by_formula(self) -> dict[str, list[Chem.Mol]]:
        found: defaultdict[str, list[Chem.Mol]] = defaultdict(list)
        for mol in self._mols:
            found[CalcMolFormula(mol)].append(mol)
        return dict(found)

    @functools.cached_property
    def _known_keys(self) -> dict[str, frozenset[str]]:
        return {}

    def _keys(self, formula: str) -> frozenset[str]:
        """The keys of the compounds of a formula, worked out when they are first asked for: InChI takes its time."""
        if formula not in self._known_keys:
            self._known_keys[formula] = frozenset(map(twin_key, self._by_formula.get(formula, ())))
        return self._known_keys[formula]


def _text(cell: object) -> str:
    return "" if pd.isna(cell) else f"{cell:g}" if isinstance(cell, float) else str(cell).strip()


def _measured(frame: pd.DataFrame, name: str, labels: Sequence[str], source: str) -> list[str]:
    """The cells of a column of measured values, with the relation and the unit that stand in other columns."""
    try:
        relations = companions(frame, labels, relation_columns(frame), shared=False).get(name)
        units = companions(frame, labels, unit_columns(frame), shared=True).get(name)
    except DataError as error:
        raise DataError(f"{source}: {error}".replace("data.labels=", "labels=")) from error
    found = [_text(cell) for cell in frame[name]]
    if relations is not None:
        signs = [_text(cell) for cell in frame[relations.column]]
        found = [f"{_sign(sign, relations.turned)}{text}" if text else "" for sign, text in zip(signs, found, strict=True)]
    if units is not None:
        found = [f"{text} {_text(unit)}".strip() if text else "" for text, unit in zip(found, frame[units.column], strict=True)]
    return found


def _sign(text: str, turned: bool) -> str:
    """A relation as it is written before a value; nothing for =."""
    sign = text.strip("'\" ")
    return "" if sign in ("=", "") else sign.translate(TURNED) if turned else sign


def _together(cells: Sequence[str], rows: Sequence[int]) -> str:
    """The distinct cells at `rows`."""
    return "; ".join(dict.fromkeys(cells[i] for i in rows if cells[i]))
