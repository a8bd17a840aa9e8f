"""What every proposed molecule must satisfy."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import Any, Literal

from rdkit import Chem

from molgen.chem.fingerprints import Near, fingerprint, tanimoto
from molgen.chem.molecules import Molecules
from molgen.chem.rings import known_ring_systems, ring_systems
from molgen.chem.smarts import Pattern, implies, patterns
from molgen.chem.standardize import STANDARD
from molgen.data.readers import given_smiles
from molgen.errors import ConfigError, MolgenError, check_between, nearest
from molgen.scoring.components.descriptor import DESCRIPTORS
from molgen.scoring.scorer import Scorer
from molgen.signatures import TO_THE_LETTER

OPEN = (-math.inf, math.inf)
LOGP = {"logp", "MolLogP"}
HIGH_LOGP = 5.0  # of Lipinski's rule of five (Adv. Drug Deliv. Rev. 23, 3, 1997)
COMMON = 10  # molecules of ZINC250k that a ring system occurs in, where there is a lead and nothing else is said
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
        Molecules to improve, as SMILES or a file: every proposal is similar to them; see `similarity`.
    similarity
        Lowest Tanimoto similarity (ECFP4, on counts) to a `lead`, 0 to 1.
    similar_to
        With several leads, `any` or `all`: whether a proposal must be similar to at least one of them, or to each.
    ring_frequency
        Number of molecules of ZINC250k in which every ring system of a proposal, with its exocyclic double bonds, must occur,
        unless a lead or `must_contain` has it; 0 allows any ring system. null: 10 if there is a lead, else 0.
    logp_rise
        How far logP (Crippen) may rise above that of the most lipophilic lead, up to 5 at most; null sets no limit. A window of
        logp, or an objective with a logP of its own, takes its place.
    """

    must_contain: str | Sequence[str] = field(default=(), metadata=TO_THE_LETTER)
    forbid: str | Sequence[str] = field(default=(), metadata=TO_THE_LETTER)
    windows: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    lead: str | Sequence[str] = ()
    similarity: float = 0.4
    similar_to: Literal["any", "all"] = "any"
    ring_frequency: int | None = None
    logp_rise: float | None = 2.0

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
        check_between("search.constraints", 0, ring_frequency=self.ring_frequency or 0, logp_rise=self.logp_rise or 0)
        if self.similar_to not in ("any", "all"):
            raise ConfigError(f"search.constraints.similar_to: must be any or all, not {self.similar_to!r}")
        self._check_patterns()
        _ = self._near, self._known_systems
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
    def _prints(self) -> list[Any]:
        return [fingerprint(Chem.MolFromSmiles(text), "ECFP4") for text in self.leads]

    @cached_property
    def _near(self) -> Near | None:
        return Near(self._prints) if self.leads else None

    @cached_property
    def _known_systems(self) -> frozenset[str] | None:
        """The ring systems that molecules may have; None: any."""
        least = self.least_ring_frequency
        if not least:
            return None
        own = (system for text in self.seeds for system in ring_systems(Chem.MolFromSmiles(text)))
        return frozenset(own).union(system for system, times in known_ring_systems().items() if times >= least)

    @property
    def least_ring_frequency(self) -> int:
        """In how many molecules of ZINC250k a ring system occurs at least; 0: it needn't."""
        return (COMMON if self.lead else 0) if self.ring_frequency is None else self.ring_frequency

    @cached_property
    def highest_logp(self) -> float | None:
        """The highest logP of a lead and the rise that it may take, but at most 5, or the lead's own; None: any."""
        if self.logp_rise is None or not self.leads or LOGP & self.windows.keys():
            return None
        highest = max(DESCRIPTORS["logp"](Chem.MolFromSmiles(text)) for text in self.leads)
        return max(highest, min(highest + self.logp_rise, HIGH_LOGP))

    def under(self, objective: Scorer) -> "Constraints":
        """These constraints where `objective` is optimised: one that has a logP of its own says itself how far it may rise."""
        return replace(self, logp_rise=None) if LOGP & objective.descriptors() else self

    def unasked(self) -> str:
        """What holds though nobody has set it, in a line for who starts a campaign; empty where there is nothing."""
        said = []
        if self.ring_frequency is None and self.least_ring_frequency:
            said.append(
                f"ring systems are a lead's own or those of {COMMON} molecules of ZINC250k at least "
                "(search.constraints.ring_frequency=0: any)"
            )
        if self.highest_logp is not None:
            said.append(f"logP is at most {self.highest_logp:.1f} (search.constraints.logp_rise=null: any)")
        return "; ".join(said)

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
        return bool(self.must_contain or self.forbid or self.windows or self.lead or self.ring_frequency)

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
        return self._similar(mol) and self._polar_enough(mol) and self._common(mol)

    def allowed(self, smiles: Iterable[str]) -> list[str]:
        """Those of valid SMILES that satisfy all conditions."""
        return [text for text in smiles if self(Chem.MolFromSmiles(text))] if self else list(smiles)

    def _similar(self, mol: Chem.Mol) -> bool:
        if self._near is None:
            return True
        asked = fingerprint(mol, "ECFP4")
        found = self._near.similarity(asked) if self.similar_to == "any" else tanimoto(asked, self._prints).min()
        return bool(found >= self.similarity)

    def _polar_enough(self, mol: Chem.Mol) -> bool:
        return self.highest_logp is None or DESCRIPTORS["logp"](mol) <= self.highest_logp

    def _common(self, mol: Chem.Mol) -> bool:
        return self._known_systems is None or self._known_systems.issuperset(ring_systems(mol))


def _patterns(given: str | Sequence[str], where: str) -> tuple[Pattern, ...]:
    try:
        return patterns(given)
    except MolgenError as error:
        raise type(error)(f"search.constraints.{where}: {error}") from error
