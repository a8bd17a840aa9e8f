"""Which compound each row of a table is about: by its structure, by a proposal's identifier, or by a name known before."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from molgen.chem.compounds import StandardParent, compounds
from molgen.data.cells import texts
from molgen.data.tables.columns import is_smiles_name
from molgen.data.tables.table import Table
from molgen.errors import DataError, nearest
from molgen.files import write_atomically
from molgen.project.facts import Fact, Proposed


@dataclass
class Resolved:
    """The compound of each row [n], None where a row has none, and what was given for it.

    Attributes
    ----------
    left_out
        Why rows have no compound, a line each.
    """

    compounds: list[StandardParent | None] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def compounds_of_rows(
    table: Table,
    name: str | None,
    facts: Sequence[Fact],
    known: Mapping[str, StandardParent],
    project: str,
    file: str,
    folder: Path,
) -> Resolved:
    """Find the compound of each row.

    Parameters
    ----------
    name
        The column of identifiers.
    facts, known
        Of the project, and its compounds by their keys.
    folder
        Where two structures are drawn that should be one.

    Raises
    ------
    DataError
        A row has the identifier of a proposal and another structure, or the name of another compound; or an identifier of this
        project's that no proposal has.
    """
    by_smiles = {compound.smiles: compound for compound in known.values()}
    proposed = {fact.name: by_smiles[fact.compound] for fact in facts if isinstance(fact, Proposed)}
    written = {identifier.casefold(): identifier for identifier in proposed}
    called: dict[str, set[str]] = {}
    for fact in facts:
        if fact.name:
            called.setdefault(fact.name, set()).add(fact.compound)
    given, names = _structures(table), texts(table.columns[name]) if name else [""] * len(table)
    like = re.compile(rf"{re.escape(project)}-\d{{3,}}-\d{{3,}}", re.IGNORECASE)
    column = _proposals(table.columns, name, written, like)
    identifiers = texts(table.columns[column]) if column else names
    found = Resolved()
    drawn, first = compounds(given), dict(known)
    for row, smiles in enumerate(given):
        identifier = identifiers[row].strip()
        identifier = written.get(identifier.casefold(), identifier)
        of_structure = drawn[row] if smiles else table.problem[row] or ""
        compound = first.setdefault(of_structure.key, of_structure) if isinstance(of_structure, StandardParent) else None
        wanted = proposed.get(identifier)
        if wanted is None and like.fullmatch(identifier):
            raise DataError(f"{file} row {row + 1}: no proposal is called '{identifier}'{nearest(identifier, proposed)}")
        if wanted is not None and compound is not None and compound.key != wanted.key:
            raise DataError(_differs(file, row, identifier, smiles, compound, wanted, folder))
        why, label = "", names[row].strip()
        if wanted is not None and compound is None and wanted.smiles not in called.get(label, {wanted.smiles}):
            raise DataError(f"{file} row {row + 1}: '{label}' is another compound than '{identifier}'; correct one of both")
        if wanted is not None:
            if compound is None and (smiles or table.problem[row]):
                why = f"row {row + 1}: taken by its identifier {identifier}, as its structure can't be read ({of_structure})"
            compound = wanted
        elif compound is None and of_structure:
            why = f"row {row + 1}: left out, '{smiles}': {of_structure}"
        elif compound is None:
            several = called.get(label, set())
            compound = by_smiles[next(iter(several))] if len(several) == 1 else None
            reason = "names several compounds" if several else "names no compound of the project" if label else ""
            if compound is None and any(table.columns.iloc[row].astype(str).str.strip()):
                what = f"'{label}' {reason}" if label else "has neither structure nor identifier"
                why = f"row {row + 1}: left out, {what}; add its SMILES"
        found.left_out += [why] if why else []
        found.compounds.append(compound)
        found.given.append(smiles)
        found.names.append(identifier if wanted is not None else names[row].strip())
    return found


def _structures(table: Table) -> list[str]:
    """The SMILES of a table; of one without a single valid one, what stands in the column that is called so."""
    if any(table.smiles) or table.structure is not None:
        return table.smiles
    column = next((name for name in table.columns.columns if is_smiles_name(str(name))), None)
    return table.smiles if column is None else [text.strip() for text in texts(table.columns[column])]


def _proposals(frame: pd.DataFrame, name: str | None, written: Mapping[str, str], like: re.Pattern[str]) -> str | None:
    """The column that holds identifiers of proposals: that of names, if it does, or else the first."""
    columns = sorted(map(str, frame.columns), key=lambda column: column != name)
    for is_one in (lambda text: text.casefold() in written, like.fullmatch):
        for column in columns:
            if any(is_one(text.strip()) for text in texts(frame[column])):
                return column
    return None


def _differs(
    file: str, row: int, identifier: str, given: str, compound: StandardParent, proposed: StandardParent, folder: Path
) -> str:
    """What to say of a row whose structure isn't its proposal's; both are drawn in a file."""
    from rdkit import Chem
    from rdkit.Chem import Draw

    picture = folder / f"{identifier}-differs.svg"
    legends = [f"proposed as {identifier}", f"given in {file} row {row + 1}"]
    mols = [Chem.MolFromSmiles(smiles) for smiles in (proposed.smiles, compound.smiles)]
    drawing = Draw.MolsToGridImage(mols, molsPerRow=2, subImgSize=(380, 300), legends=legends, useSVG=True)
    write_atomically(picture, str(getattr(drawing, "data", drawing)).encode(), sync=False)
    only = " (in stereochemistry alone)" if compound.twins == proposed.twins else ""
    return (
        f"{file} row {row + 1}: '{given}' isn't {identifier}, which is '{proposed.smiles}'{only}; both are drawn in {picture}; "
        "correct the identifier or the structure"
    )
