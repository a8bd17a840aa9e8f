"""Chooses the part of a salt, hydrate or mixture that is meant, by a rule that fits into a sentence."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rdkit import Chem

from molgen.chem.charges import neutralized, query, settled
from molgen.chem.salt_formers import ACIDS, BASES, DRUGS, SOLVENTS

# Classes of parts; later ones are more likely to be meant.
BARE, SOLVENT, ACID, BASE, DRUG, UNKNOWN = range(6)
TABLES = {SOLVENT: SOLVENTS, ACID: ACIDS, BASE: BASES, DRUG: DRUGS}
HALIDES = ("F", "Cl", "Br", "I")
ALKALI = ("[Li+]", "[Na+]", "[K+]", "[Rb+]", "[Cs+]")


@dataclass(frozen=True)
class _Part:
    """One of the molecules of a mixture: its class, its name, and the SMILES that tells it apart."""

    mol: Chem.Mol
    kind: int
    name: str
    smiles: str

    @classmethod
    def of(cls, mol: Chem.Mol) -> "_Part":
        return cls(mol, *_looked_up(Chem.MolToSmiles(mol)))

    @property
    def rank(self) -> tuple[bool, int, int, str]:
        """Sort key: the parent has the greatest."""
        return has_carbon(self.mol), self.kind, self.mol.GetNumHeavyAtoms(), self.smiles


def choose_parent(mol: Chem.Mol) -> tuple[Chem.Mol, tuple[str, ...]]:
    """The part of `mol` that is meant, as drawn, and what was removed.

    Parts are compared as neutral molecules without stereochemistry. Known counter-ions and solvents are removed; of the rest,
    the part with most heavy atoms is the parent. If nothing is left, a salt former that is itself a drug goes before a base,
    a base before an acid, and an acid before a solvent. Ions of one atom each, such as those of sodium chloride, stay together.
    """
    if len(Chem.GetMolFrags(mol)) == 1:
        return mol, ()
    mols = Chem.GetMolFrags(mol, asMols=True)
    if mol.HasSubstructMatch(query("[!+0]")) and all(each.GetNumHeavyAtoms() < 2 and not has_carbon(each) for each in mols):
        return without_solvents(mol)
    parts = {part.smiles: part for part in map(_Part.of, mols)}
    best = max(parts.values(), key=lambda part: part.rank)
    rest = [part for part in parts.values() if part is not best]
    return best.mol, tuple(_said(best, rest))


def without_solvents(mol: Chem.Mol) -> tuple[Chem.Mol, tuple[str, ...]]:
    """A complex, or monatomic ions, without accompanying solvents and hydrogen halides, and what was removed.

    Ions of `ALKALI` metals beside a complex are removed, too.
    """
    parts = [_Part.of(each) for each in Chem.GetMolFrags(mol, asMols=True)]
    alkali = ALKALI if any(part.mol.GetNumHeavyAtoms() > 1 for part in parts) else ()
    beside = [part for part in parts if part.kind == SOLVENT or Chem.MolToSmiles(part.mol) in (*HALIDES, *alkali)]
    if not beside:
        return mol, ()
    left = Chem.RWMol(mol)
    atoms = zip(parts, Chem.GetMolFrags(mol), strict=True)
    for number in sorted((number for part, numbers in atoms if part in beside for number in numbers), reverse=True):
        left.RemoveAtom(number)
    return settled(left.GetMol()), tuple(_said(None, beside))


def _said(best: _Part | None, rest: Sequence[_Part]) -> Iterator[str]:
    """Descriptions of what was removed beside `best`."""
    salts = sorted({part.name for part in rest if part.kind not in (SOLVENT, UNKNOWN)})
    solvents = sorted({part.name for part in rest if part.kind == SOLVENT})
    others = sorted({part.name for part in rest if part.kind == UNKNOWN})
    if salts:
        rivals = any(part.kind > SOLVENT and has_carbon(part.mol) for part in rest)
        only = f" ({best.name} makes salts, too, and is taken for the parent)" if best and best.kind < UNKNOWN and rivals else ""
        yield f"salt stripped: {', '.join(salts)}{only}"
    if solvents:
        yield f"solvent stripped: {', '.join(solvents)}"
    if others:
        yield f"mixture reduced to its largest part: without {', '.join(others)}"
    if not rest:
        yield "copies left out"


@functools.lru_cache(maxsize=4096)
def _looked_up(smiles: str) -> tuple[int, str, str]:
    """Class, name and identifying SMILES of a part as drawn."""
    mol = Chem.MolFromSmiles(smiles)
    own = neutralized(mol)
    plain = Chem.MolToSmiles(own, isomericSmiles=False)
    kind, name = _named().get(plain, (UNKNOWN if has_carbon(mol) else ACID, smiles))
    if mol.GetNumHeavyAtoms() < 2 and Chem.GetFormalCharge(mol) and kind in (SOLVENT, ACID) and plain not in HALIDES:
        return BARE, smiles.strip("[]"), smiles
    return kind, name, plain if kind != UNKNOWN else Chem.MolToSmiles(own)


def has_carbon(mol: Chem.Mol) -> bool:
    """Whether `mol` has a carbon atom."""
    return bool(mol.HasSubstructMatch(query("[#6]")))


@functools.cache
def _named() -> dict[str, tuple[int, str]]:
    """Canonical SMILES without stereochemistry -> class and name of known parts."""
    return {
        Chem.CanonSmiles(smiles, useChiral=0): (kind, name) for kind, table in TABLES.items() for name, smiles in table.items()
    }
