"""The pKa prediction of a molecule: its groups with their pKa and errors, its charge."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd
from rdkit import Chem

from molgen.predictors.base import Prediction


class Group(NamedTuple):
    """A group's macroscopic pKa: the molecule loses the proton of this group there.

    Attributes
    ----------
    atom
        That has the proton, counted from 0.
    name, kind
        What the group is, and whether an acid or a base.
    pka, std, low, high
        With the standard deviation and the 90 % interval of a measured value.
    """

    atom: int
    name: str
    kind: str
    pka: float
    std: float
    low: float
    high: float


class Profile(NamedTuple):
    """A molecule's groups in the order in which they lose their protons, and its charge."""

    groups: tuple[Group, ...]
    charge: int
    charge_std: float
    charge_low: int
    charge_high: int


@dataclass(frozen=True, eq=False)
class PkaPrediction(Prediction):
    """pKa of each molecule's strongest acid and base, its charge, and all of its groups.

    Attributes
    ----------
    profiles : list, [n]
        None for invalid molecules.
    """

    profiles: Sequence[Profile | None] = ()

    def to_pandas(self) -> pd.DataFrame:
        """As `Prediction.to_pandas`, with the columns `groups` (text) and `numbered` (SMILES that numbers their atoms)."""
        table = super().to_pandas()
        position = table.columns.get_loc("problem")
        table.insert(position, "groups", [groups_text(p) if p else "" for p in self.profiles])
        pairs = zip(self.molecules.mols, self.profiles, strict=True)
        table.insert(position + 1, "numbered", [numbered(mol, p) if mol and p else "" for mol, p in pairs])
        return table


def groups_text(profile: Profile) -> str:
    """The groups for reading: number, group, pKa."""
    if not profile.groups:
        return "no ionisable group"
    lines = [f"{k}: {g.name} ({g.kind}) {g.pka:.1f} +- {g.std:.1f}" for k, g in enumerate(profile.groups, 1)]
    return "; ".join(lines)


def numbered(mol: Chem.Mol, profile: Profile) -> str:
    """SMILES in which the atom of the first group of `describe` has the map number 1, and so on."""
    copy = Chem.Mol(mol)
    for k, group in enumerate(profile.groups, 1):
        copy.GetAtomWithIdx(group.atom).SetAtomMapNum(k)
    return Chem.MolToSmiles(copy)
