"""Structures beside what they are taken for: parents, and their forms at a pH."""

from typing import Any

import pandas as pd
from rdkit import Chem

from molgen.chem.changes import JOINED
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import canonical
from molgen.predictors.protonation import main_form


def forms(molecules: Molecules, ph: float | None = None) -> pd.DataFrame:
    """A row a molecule [n]: given, parent, form, charge, changes, problem.

    Parameters
    ----------
    molecules
        In standard form.
    ph
        Of the water whose main form `form` is; None: the parent itself.

    Returns
    -------
    DataFrame
        SMILES and text, None where there is none; the charge is the form's.
    """
    rows = [_row(mol, ph) for mol in molecules.mols]
    refused = [reason and f"invalid: {reason}" for reason in molecules.problem]
    return pd.DataFrame(
        {
            "given": molecules.smiles,
            "parent": molecules.canonical,
            "form": [form for form, _, _ in rows],
            "charge": pd.array([charge for _, charge, _ in rows], dtype="Int64"),
            "changes": [JOINED.join(changes) or None for changes in molecules.changes],
            "problem": pd.array([first or second for first, (_, _, second) in zip(refused, rows, strict=True)], dtype="string"),
        }
    )


def _row(mol: Any, ph: float | None) -> tuple[str | None, int | None, str | None]:
    """Form, its charge, and why there is none."""
    if mol is None:
        return None, None, None
    try:
        form = mol if ph is None else main_form(mol, ph)
    except ValueError as error:
        return None, None, f"no form at pH {ph:g}: {error}"
    return canonical(form), Chem.GetFormalCharge(form), None
