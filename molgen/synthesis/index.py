"""Which block of a stock fits which reaction: worked out once, and kept in the user's cache."""

import functools
import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.processes import processors
from molgen.synthesis.catalogue import (
    Catalogue,
    Progress,
    Words,
    in_pieces,
    keep,
    kept,
    logged,
    packed_fingerprint,
    read_catalogue,
)
from molgen.synthesis.fitting import FittingRoles
from molgen.synthesis.matching import Seen
from molgen.synthesis.reaction import Reaction
from molgen.synthesis.role import Role
from molgen.synthesis.sizes import sizes_of
from molgen.synthesis.stock import BuildingBlock

TOGETHER = 2000  # blocks that a process looks at before it reports
Fitting = tuple[NDArray[np.int32], Words]  # rows, and hashes of their normal forms by which they are sorted


class Index:
    """A stock and the reactions that its blocks fit.

    Parameters
    ----------
    catalogue
        The stock.
    fitting
        Per role the rows that fit, and hashes of their normal forms, by which both are sorted.
    """

    def __init__(self, catalogue: Catalogue, fitting: dict[Role, Fitting]) -> None:
        self.catalogue = catalogue
        self._fitting = fitting
        self._bits = np.bitwise_count(catalogue.fingerprints).sum(1, dtype=np.int32)
        self.fitting = functools.cache(self._rows)
        self._sizes = functools.cache(self._sizes_of)

    def __len__(self) -> int:
        return len(self.catalogue)

    def block(self, row: int) -> BuildingBlock:
        """The block at `row`."""
        return self.catalogue.block(row)

    def _rows(self, role: Role) -> NDArray[np.int32]:
        """Rows of the blocks that fit `role`, each once."""
        return np.unique(self._fitting[role][0])

    def alike(self, role: Role, mol: Chem.Mol, seen: Seen | None = None) -> NDArray[np.int32]:
        """Rows of the blocks that are `mol` for `role`, leaving groups and stereo aside.

        Parameters
        ----------
        seen
            What has been looked for in `mol`.
        """
        rows, forms = self._fitting[role]
        found = [np.zeros(0, np.int32)]
        for form in role.normal_forms(mol, seen):
            wanted = _hashed(form)
            begin, end = np.searchsorted(forms, [wanted, wanted + np.uint64(1)])
            found.append(rows[begin:end])
        return np.unique(np.concatenate(found))

    def may_hold(self, role: Role, size: int) -> bool:
        """Whether a block of a size fits `role`; see `size_of`."""
        sizes = self._sizes(role)
        return sizes is None or size in sizes

    def _sizes_of(self, role: Role) -> frozenset[int] | None:
        """Sizes of the normal forms of the blocks that fit `role`; None if they may differ from those of the blocks."""
        return frozenset(self._all_sizes[self.fitting(role)].tolist()) if role.keeps_size else None

    @functools.cached_property
    def _all_sizes(self) -> NDArray[np.int64]:
        return sizes_of(self.catalogue.smiles)

    def holds(self, role: Role, form: str) -> bool:
        """Whether a block that fits `role` has a normal form; see `Role.normal_forms`."""
        forms, wanted = self._fitting[role][1], _hashed(form)
        place = int(np.searchsorted(forms, wanted))
        return place < len(forms) and forms[place] == wanted

    def sold(self, mol: Chem.Mol) -> NDArray[np.int32]:
        """Rows of the blocks with the fingerprint of `mol`: those that are `mol`, stereo aside, are among them."""
        return np.flatnonzero((self.catalogue.fingerprints == packed_fingerprint(mol)).all(1)).astype(np.int32)

    def nearest(self, role: Role, mol: Chem.Mol, number: int) -> NDArray[np.int32]:
        """Rows of the blocks that fit `role`, the most similar to `mol` first (Tanimoto on Morgan fingerprints)."""
        rows = self.fitting(role)
        if not len(rows):
            return rows
        wanted = packed_fingerprint(mol)
        both = np.bitwise_count(self.catalogue.fingerprints[rows] & wanted).sum(1, dtype=np.int32)
        return _highest(rows, both / np.maximum(self._bits[rows] + np.bitwise_count(wanted).sum() - both, 1), number)

    def completing(self, role: Role, rest: Words, mol: Chem.Mol, number: int) -> NDArray[np.int32]:
        """Rows of the blocks that fit `role` and make a molecule most like `mol` together with what else is in it.

        Parameters
        ----------
        rest : [BITS / 64]
            Fingerprint of what else is in it.
        """
        rows = self.fitting(role)
        if not len(rows):
            return rows
        wanted, prints = packed_fingerprint(mol), self.catalogue.fingerprints[rows]
        gained = np.bitwise_count(prints & (wanted & ~rest)).sum(1, dtype=np.int32)
        strange = self._bits[rows] - np.bitwise_count(prints & (wanted | rest)).sum(1, dtype=np.int32)
        both, either = np.bitwise_count(rest & wanted).sum(), np.bitwise_count(rest | wanted).sum()
        return _highest(rows, (both + gained) / np.maximum(either + strange, 1), number)


def _highest(rows: NDArray[np.int32], scores: NDArray[np.floating[Any]], number: int) -> NDArray[np.int32]:
    """The rows with the highest scores, the highest first, and of equals the first."""
    number = min(number, len(rows))
    least = -np.partition(-scores, number - 1)[number - 1]
    best = np.flatnonzero(scores >= least)
    return rows[best[np.argsort(-scores[best], kind="stable")]][:number]


def read_index(
    stock: str,
    reactions: Sequence[Reaction],
    progress: Progress = logged,
    processes: int | None = None,
    column: str | None = None,
) -> Index:
    """The index of a stock: read from the user's cache, or made and kept there; only what is new is worked out.

    Parameters
    ----------
    stock
        See `stock_file`.
    reactions
        Those that its blocks may fit.
    progress
        See `read_catalogue`.
    processes
        By default one per processor.
    column
        Of the SMILES, if it can't be guessed.

    Raises
    ------
    DataError
        There is no such stock, or it has no block.
    """
    processes = processes or processors()
    catalogue = read_catalogue(stock, processes, progress, column)
    roles = list(dict.fromkeys(role for reaction in reactions for role in reaction.roles))
    known = {role: kept(_place(catalogue, role)) for role in roles}
    fitting: dict[Role, Fitting] = {
        role: (arrays["rows"].astype(np.int32), arrays["forms"].astype(np.uint64)) for role, arrays in known.items() if arrays
    }
    if new := [role for role in roles if role not in fitting]:
        with progress(f"indexing {len(catalogue):,} blocks of {stock} for {len(new)} reactants") as advance:
            for role, found in zip(new, _indexed(catalogue.smiles, new, processes, advance), strict=True):
                fitting[role] = found
                keep(_place(catalogue, role), {"rows": found[0], "forms": found[1]})
    return Index(catalogue, fitting)


def _place(catalogue: Catalogue, role: Role) -> Path:
    """Where what fits a role is kept."""
    key = "\n".join([role.smarts, *(other.text for other in role.without)])
    return catalogue.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npz"


def _indexed(smiles: Sequence[str], roles: Sequence[Role], processes: int, advance: Callable[[int], None]) -> Iterable[Fitting]:
    """What fits each role."""
    parts: list[list[Fitting]] = [[] for _ in roles]
    jobs = ((start, smiles[start : start + TOGETHER], roles) for start in range(0, len(smiles), TOGETHER))
    for job, found in in_pieces(_fits, jobs, processes):
        for part, each in zip(parts, found, strict=True):
            part.append(each)
        advance(len(job[1]))
    for part in parts:
        rows, forms = (np.concatenate([pair[i] for pair in part]) for i in range(2))
        order = np.argsort(forms, kind="stable")
        yield rows[order].astype(np.int32), forms[order].astype(np.uint64)


def _fits(job: tuple[int, Sequence[str], Sequence[Role]]) -> list[Fitting]:
    start, smiles, roles = job
    pairs: dict[Role, list[tuple[int, np.uint64]]] = {role: [] for role in roles}
    fitting = _fitting_roles(tuple(roles))
    for row, text in enumerate(smiles, start):
        mol, seen = Chem.MolFromSmiles(text), Seen()
        for role in fitting(mol, seen):
            pairs[role] += [(row, _hashed(form)) for form in role.normal_forms(mol, seen)]
    found = pairs.values()
    return [(np.array([row for row, _ in each], np.int32), np.array([form for _, form in each], np.uint64)) for each in found]


_fitting_roles = functools.lru_cache(1)(FittingRoles)  # once in a process: it learns which kinds of atoms there are


def _hashed(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7).digest(), "little"))
