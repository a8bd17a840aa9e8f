"""What every proposed molecule must satisfy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from rdkit import Chem

from molgen.chem.fingerprints import fingerprint, tanimoto
from molgen.chem.molecules import parse
from molgen.data.readers import is_table, read_smiles
from molgen.errors import ConfigError, nearest
from molgen.scoring.components.descriptor import DESCRIPTORS


@dataclass(frozen=True)
class Constraints:
    """Molecules outside are never proposed.

    Attributes
    ----------
    must_contain, forbid
        A SMARTS or several: all of the first, none of the others.
    windows
        Descriptor -> [lowest, highest]; null is open. Names are those of `Descriptor`.
    lead
        A file or SMILES, to be improved: molecules keep a Tanimoto similarity (ECFP4) of `similarity` to one of these at least.
    """

    must_contain: str | Sequence[str] = ()
    forbid: str | Sequence[str] = ()
    windows: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    lead: str | Sequence[str] = ()
    similarity: float = 0.4

    def __post_init__(self) -> None:
        for name, window in self.windows.items():
            if name not in DESCRIPTORS:
                raise ConfigError(f"search.constraints.windows: no descriptor '{name}'{nearest(name, DESCRIPTORS)}")
            if len(window) != 2:
                raise ConfigError(f"search.constraints.windows.{name}: must be [lowest, highest], not {list(window)}")
        _ = self._wanted, self._unwanted, self._leads

    @cached_property
    def _wanted(self) -> list[Chem.Mol]:
        return [_pattern(text, "must_contain") for text in _listed(self.must_contain)]

    @cached_property
    def _unwanted(self) -> list[Chem.Mol]:
        return [_pattern(text, "forbid") for text in _listed(self.forbid)]

    @cached_property
    def _leads(self) -> list[Any]:
        return [fingerprint(Chem.MolFromSmiles(text), "ECFP4") for text in self.leads]

    @cached_property
    def leads(self) -> list[str]:
        """Canonical SMILES of `lead`."""
        is_file = isinstance(self.lead, str) and (is_table(self.lead) or Path(self.lead).is_file())
        given = read_smiles(str(self.lead)) if is_file else _listed(self.lead)
        parsed = [parse(text) for text in given]
        for text, (mol, reason) in zip(given, parsed, strict=True):
            if mol is None:
                raise ConfigError(f"search.constraints.lead: '{text}' is no molecule ({reason})")
        return [Chem.MolToSmiles(mol) for mol, _ in parsed]

    @property
    def seeds(self) -> list[str]:
        """Molecules to breed from before any is scored: leads, and what molecules must contain where it is a molecule itself."""
        cores = [Chem.MolFromSmiles(text) for text in _listed(self.must_contain)]
        return [*self.leads, *(Chem.MolToSmiles(mol) for mol in cores if mol is not None)]

    def __bool__(self) -> bool:
        return bool(self.must_contain or self.forbid or self.windows or self.lead)

    def __call__(self, mol: Chem.Mol) -> bool:
        """Whether `mol` satisfies all."""
        if not all(mol.HasSubstructMatch(pattern) for pattern in self._wanted):
            return False
        if any(mol.HasSubstructMatch(pattern) for pattern in self._unwanted):
            return False
        for name, (lowest, highest) in self.windows.items():
            value = DESCRIPTORS[name](mol)
            if (lowest is not None and value < lowest) or (highest is not None and value > highest):
                return False
        return not self._leads or max(tanimoto(fingerprint(mol, "ECFP4"), self._leads)) >= self.similarity


def _listed(given: str | Sequence[str]) -> list[str]:
    return [given] * bool(given) if isinstance(given, str) else list(given)


def _pattern(smarts: str, where: str) -> Chem.Mol:
    pattern = Chem.MolFromSmarts(smarts)
    if pattern is None:
        raise ConfigError(f"search.constraints.{where}: '{smarts}' is no SMARTS")
    return pattern
