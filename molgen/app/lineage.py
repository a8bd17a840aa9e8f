"""What molecules of a run come from, as its database has it."""

from typing import Any

import pandas as pd

GENERATIONS, SHOWN = 12, 8  # that are gone back, and molecules of each that are shown


def lineage(molecules: pd.DataFrame, smiles: str) -> list[list[dict[str, Any]]]:
    """The parents of a molecule, their parents, and so on; each molecule once, in the first generation that has it.

    Returns
    -------
    list
        A list per generation: `smiles`, `call` and `score`, None for what wasn't scored in the run. The best come first, at
        most `SHOWN`.
    """
    rows = dict(zip(molecules["smiles"], molecules[["id", "score", "parents"]].itertuples(index=False, name=None), strict=True))
    seen, of = {smiles}, [smiles]
    found: list[list[dict[str, Any]]] = []
    while of and len(found) < GENERATIONS:
        parents = [text for each in of if each in rows for text in rows[each][2]]
        of = [text for text in dict.fromkeys(parents) if text not in seen]
        seen.update(of)
        told = []
        for text in of:
            call, score, _ = rows.get(text, (None, None, []))
            told.append({"smiles": text, "call": None if call is None else int(call), "score": score})
        if told:
            found.append(sorted(told, key=lambda each: (each["score"] is None, -(each["score"] or 0.0)))[:SHOWN])
    return found
