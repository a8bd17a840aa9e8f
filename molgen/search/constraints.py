"""What every proposed molecule must satisfy."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

from rdkit import Chem

from molgen.chem.fingerprints import Near, fingerprint
from molgen.chem.molecules import Molecules
from molgen.chem.smarts import Pattern, implies, patterns
from molgen.chem.standardize import STANDARD
from molgen.data.readers import given_smiles
from molgen.errors import ConfigError, MolgenError, check_between, nearest
from molgen.scoring.components.descriptor import DESCRIPTORS
from molgen.signatures import TO_THE_LETTER

OPEN = (-math.inf, math.inf)
SIGNED = {"esol", "formal_charge", "logp", "MolLogP"}
SHARES = {"fraction_sp3", "FractionCSP3", "qed"}
COUNTS = {name for name in DESCRIPTORS if name.islower() or name.startswith(("Num", "fr_"))} - SIGNED - SHARES
RANGES = dict.fromkeys(SHARES, (0.0, 1.0)) | dict.fromkeys(COUNTS | {"MolWt", "TPSA"}, (0.0, math.inf))  # of descriptors


@dataclass(frozen=True)
class Constraints:
    """Conditions that every proposed molecule satisfies.

    Attributes
    ----------
    must_contain, forbid
        One SMARTS, several, or a file of them: molecules match all of `must_contain` and none of `forbid`.
    windows
        Descriptor -> [lowest, highest]; null leaves an end open. Names are those of the component `descriptor`.
    lead
        Molecules to improve, as SMILES or a file: every proposal is similar to at least one of them; see `similarity`.
    similarity
        Lowest Tanimoto similarity (ECFP4) to a `lead`, 0 to 1.
    """

    must_contain: str | Sequence[str] = field(default=(), metadata=TO_THE_LETTER)
    forbid: str | Sequence[str] = field(default=(), metadata=TO_THE_LETTER)
    windows: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    lead: str | Sequence[str] = ()
    similarity: float = 0.4

    def __post_init__(self) -> None:
        for name, window in self.windows.items():
            if name not in DESCRIPTORS:
                raise ConfigError(f"search.constraints.windows: no descriptor '{name}'{nearest(name, DESCRIPTORS)}")
            if len(window) != 2:
                raise ConfigError(f"search.constraints.windows.{name}: must be [lowest, highest], not {list(window)}")
            lowest, highest = (limit if given is None else given for given, limit in zip(window, OPEN, strict=True))
            if not lowest <= highest:
                raise ConfigError(f"search.constraints.windows.{name}: nothing is between {lowest:g} and {highest:g}")
            least, most = RANGES.get(name, OPEN)
            if lowest > most or highest < least:
                raise ConfigError(f"search.constraints.windows.{name}: no molecule is in it: it is {least:g} to {most:g}")
        check_between("search.constraints", 0, 1, similarity=self.similarity)
        self._check_patterns()
        _ = self._near
        if self.similarity == 1 and self.leads and not any(self(Chem.MolFromSmiles(text)) for text in self.leads):
            raise ConfigError("search.constraints.similarity: 1 allows the leads alone, and the other constraints refuse these")

    def _check_patterns(self) -> None:
        """Refuse patterns that are both required and forbidden."""
        for wanted, unwanted in product(self._wanted, self._unwanted):
            if implies(wanted, unwanted):
                raise ConfigError(
                    f"search.constraints: no molecule contains {wanted.text} (must_contain) without {unwanted.text} (forbid)"
                )

    @cached_property
    def _wanted(self) -> tuple[Pattern, ...]:
        return _patterns(self.must_contain, "must_contain")

    @cached_property
    def _unwanted(self) -> tuple[Pattern, ...]:
        return _patterns(self.forbid, "forbid")

    @cached_property
    def _near(self) -> Near | None:
        return Near([fingerprint(Chem.MolFromSmiles(text), "ECFP4") for text in self.leads]) if self.leads else None

    @cached_property
    def leads(self) -> list[str]:
        """Canonical SMILES of `lead`, in standard form."""
        given = given_smiles(self.lead)
        molecules = Molecules(given, STANDARD)
        for text, problem in zip(given, molecules.problem, strict=True):
            if problem:
                raise ConfigError(f"search.constraints.lead: '{text}' is no molecule: {problem}")
        return [text for text in molecules.canonical if text is not None]

    @property
    def seeds(self) -> list[str]:
        """Molecules to breed from before any is scored: the leads, and required patterns that are molecules themselves."""
        cores = [Chem.MolFromSmiles(each.text) for each in self._wanted]
        return [*self.leads, *(Chem.MolToSmiles(mol) for mol in cores if mol is not None)]

    def __bool__(self) -> bool:
        return bool(self.must_contain or self.forbid or self.windows or self.lead)

    def __call__(self, mol: Chem.Mol) -> bool:
        """Whether the standard form of `mol` satisfies all conditions."""
        if not self:
            return True
        try:
            mol = STANDARD(mol).mol
        except ValueError:
            return False
        if not all(each(mol) for each in self._wanted) or any(each(mol) for each in self._unwanted):
            return False
        for name, (lowest, highest) in self.windows.items():
            value = DESCRIPTORS[name](mol)
            if (lowest is not None and value < lowest) or (highest is not None and value > highest):
                return False
        return self._near is None or self._near.similarity(fingerprint(mol, "ECFP4")) >= self.similarity


def _patterns(given: str | Sequence[str], where: str) -> tuple[Pattern, ...]:
    try:
        return patterns(given)
    except MolgenError as error:
        raise type(error)(f"search.constraints.{where}: {error}") from error
