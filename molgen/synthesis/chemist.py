"""One step back, one step forward, and a look into the catalogue; all of it is remembered."""

import functools
import logging
import pathlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from rdkit import Chem, rdBase

from molgen.synthesis.catalogue import Progress, logged, packed_fingerprint
from molgen.synthesis.clock import Clock
from molgen.synthesis.index import Index, read_index
from molgen.synthesis.matching import Screen, Seen
from molgen.synthesis.reaction import Reaction
from molgen.synthesis.reaction_files import known_reactions, own_reactions
from molgen.synthesis.role import Role
from molgen.synthesis.route import Path, SynthesisRoute, parts
from molgen.synthesis.sizes import size_of
from molgen.synthesis.steps import doubts, provides
from molgen.synthesis.stock import BuildingBlock, cheapest_first, stock_file
from molgen.synthesis.tautomers import azole_tautomers
from molgen.synthesis.templates import HELD, REMEMBERED, is_whole, mol_of, rewritten

LOOKED = 2_000  # molecules of which it is remembered what has been looked for in them
ACID = "[nH]"  # in the SMILES of an azole that has tautomers
STEREO = frozenset("@/\\")  # in a SMILES
ALL = 2  # the reactants of a reaction
CHEMISTS = 2  # that are remembered
LOG = logging.getLogger(__name__)


class Chemist:
    """Reactions and a stock, with what has been worked out with them.

    Parameters
    ----------
    reactions, index
        What can be done, and what can be bought.

    Attributes
    ----------
    clock
        Limits the time of whatever is asked; see `Clock.within`.
    """

    def __init__(self, reactions: Sequence[Reaction], index: Index) -> None:
        self.reactions, self.index = tuple(reactions), index
        self.by_name = {reaction.name: reaction for reaction in self.reactions}
        self._screen = Screen([reaction.after for reaction in self.reactions])
        self.clock = Clock()
        self.mol = mol_of
        self.seen = functools.lru_cache(LOOKED)(lambda smiles: Seen())
        self.candidates = functools.lru_cache(HELD)(self._candidates)
        self.disconnections = functools.lru_cache(HELD)(self._disconnections)
        self.product = functools.lru_cache(REMEMBERED)(self._product)
        self.bought = functools.lru_cache(HELD)(self._bought)
        self.forms = functools.lru_cache(HELD)(self._forms)
        self.like = functools.lru_cache(HELD)(self._like)

    def _candidates(self, smiles: str, missing: int = ALL) -> list[tuple[Reaction, tuple[str, ...]]]:
        """Reactions that may give a molecule or a tautomer of it, and their reactants; whether they do isn't known yet.

        Parameters
        ----------
        missing
            At most so many of the reactants can't be bought.
        """
        found: dict[tuple[Reaction, tuple[str, ...]], None] = {}
        with rdBase.BlockLogs():
            for form in self.forms(smiles):
                mol, seen = self.mol(form), self.seen(form)
                size = size_of(mol)
                for reaction in (self.reactions[place] for place in self._screen(mol)):
                    if (missing or self._may_be_sold(reaction, size)) and seen.outlined(mol, reaction.pattern):
                        for made in reaction.reversed(mol):
                            self.clock.check()
                            if (texts := self._reactants(reaction, made, missing)) is not None:
                                found[reaction, texts] = None
        return list(found)

    def _forms(self, smiles: str) -> list[str]:
        """A molecule and its tautomers in which a hydrogen of an azole is elsewhere."""
        return [smiles, *(azole_tautomers(self.mol(smiles)) if ACID in smiles else [])]

    def _may_be_sold(self, reaction: Reaction, size: int) -> bool:
        """Whether a block may be the only reactant of a reaction that gives a molecule of a size; see `size_of`."""
        return reaction.shrinks is None or self.index.may_hold(reaction.roles[0], size + reaction.shrinks)

    def _reactants(self, reaction: Reaction, made: Sequence[Chem.Mol], missing: int) -> tuple[str, ...] | None:
        """SMILES of what `Reaction.reversed` gives; None if one is invalid or doesn't fit, or more than `missing` aren't sold."""
        likely = [self.index.may_hold(role, size_of(part)) for role, part in zip(reaction.roles, made, strict=True)]
        if likely.count(False) > missing:
            return None
        texts = {}
        for place in sorted(range(len(made)), key=lambda i: made[i].GetNumAtoms()):  # what takes least time first
            part, role = made[place], reaction.roles[place]
            if not is_whole(part):
                return None
            text = Chem.MolToSmiles(part)
            stereo = not STEREO.isdisjoint(text)
            form = Chem.MolToSmiles(part, isomericSmiles=False) if stereo and likely[place] else text
            sold = likely[place] and any(self.index.holds(role, each) for each in self.forms(form))
            missing -= not sold
            if missing < 0:
                return None
            if stereo:
                text = rewritten(text) or ""
            if not text or not (sold or self.fits(role, text)):
                return None
            texts[place] = text
        return tuple(texts[place] for place in range(len(made)))

    def _disconnections(self, smiles: str) -> list[tuple[Reaction, tuple[str, ...]]]:
        """Reactions that give a molecule and nothing else, and their reactants."""
        return [each for each in self.candidates(smiles, ALL) if self.gives(*each, smiles)]

    def gives(self, reaction: Reaction, reactants: tuple[str, ...], smiles: str) -> bool:
        """Whether a reaction gives a molecule and nothing else."""
        made = self.product(reaction, reactants)
        return made is not None and (made == smiles or reaction.makes(self.mol(made), self.mol(smiles)))

    def doubts(self, reaction: Reaction, reactants: tuple[str, ...]) -> list[tuple[str, int]]:
        """See `molgen.synthesis.steps.doubts`."""
        return doubts(reaction, list(map(self.mol, reactants)), list(map(self.seen, reactants)))

    def fits(self, role: Role, smiles: str) -> bool:
        """Whether a SMILES is a molecule, and a reactant."""
        mol = self.mol(smiles)
        return mol is not None and role.fits(mol, self.seen(smiles))

    def _product(self, reaction: Reaction, reactants: tuple[str, ...]) -> str | None:
        """What a reaction gives; None if it gives nothing, or several products."""
        self.clock.check()
        return reaction.run(list(map(self.mol, reactants)), list(map(self.seen, reactants)))

    def _bought(self, role: Role, smiles: str) -> list[SynthesisRoute]:
        """Blocks that are `smiles` or a tautomer for a role, leaving groups aside; those with the same stereo first."""
        rows = {row for form in self.forms(smiles) for row in self.index.alike(role, self.mol(form), self.seen(form)).tolist()}
        blocks, stereo = list(map(self.index.block, rows)), _stereo(smiles)

        def rank(block: BuildingBlock) -> tuple[Any, ...]:
            return _stereo(block.smiles) != stereo, *cheapest_first(block.price), len(block.smiles), block.smiles

        blocks.sort(key=rank)
        return [SynthesisRoute(block.smiles, block) for block in blocks]

    def _like(self, role: Role, smiles: str, number: int) -> list[SynthesisRoute]:
        """The most similar blocks for a role."""
        blocks = [self.index.block(row) for row in self.index.nearest(role, self.mol(smiles), number).tolist()]
        return [SynthesisRoute(block.smiles, block) for block in blocks]

    def sold(self, smiles: str) -> list[SynthesisRoute]:
        """Blocks that are a molecule, a tautomer of it, or an isomer where it leaves stereo open; the cheapest first."""
        forms = list(map(self.mol, self.forms(smiles)))
        blocks = [
            block
            for form in forms
            for block in map(self.index.block, self.index.sold(form).tolist())
            if provides(self.mol(block.smiles), form)
        ]
        blocks.sort(key=lambda block: (block.smiles != smiles, *cheapest_first(block.price), block.smiles))
        return [SynthesisRoute(block.smiles, block) for block in blocks]

    def completing(self, role: Role, block: str, product: str, wanted: str, number: int) -> list[SynthesisRoute]:
        """Blocks that, in the place of `block`, may bring `product` nearer to `wanted`."""
        rest = packed_fingerprint(self.mol(product)) & ~packed_fingerprint(self.mol(block))
        blocks = [self.index.block(row) for row in self.index.completing(role, rest, self.mol(wanted), number).tolist()]
        return [SynthesisRoute(each.smiles, each) for each in blocks]

    def made(self, reaction: Reaction, reactants: Sequence[SynthesisRoute], wanted: str = "") -> SynthesisRoute | None:
        """The route by one more reaction; None if it doesn't give one product, or one that has been made or bought on the way.

        A product that is a tautomer of `wanted` is written as this is.
        """
        smiles = self.product(reaction, tuple(route.smiles for route in reactants))
        if smiles is None or any(part.smiles == smiles for route in reactants for _, part in parts(route)):
            return None
        same = wanted and reaction.makes(self.mol(smiles), self.mol(wanted))
        return SynthesisRoute(wanted if same else smiles, None, reaction, tuple(reactants))

    def exchanged(self, route: SynthesisRoute, path: Path, other: SynthesisRoute) -> SynthesisRoute | None:
        """`route` with another one at the end of a path; None if the reactions after it don't take it."""
        if not path:
            return other
        assert route.reaction is not None
        reactants = list(route.reactants)
        part = self.exchanged(reactants[path[0]], path[1:], other)
        if part is None:
            return None
        reactants[path[0]] = part
        return self.made(route.reaction, reactants)


def _stereo(smiles: str) -> tuple[int, int]:
    """How much stereo a SMILES tells."""
    return smiles.count("@"), smiles.count("/") + smiles.count("\\")


class _Stamp(NamedTuple):
    """What of a file changes when it is written; zeros where there is none."""

    path: pathlib.Path
    modified: int
    size: int

    @classmethod
    def of(cls, path: pathlib.Path) -> "_Stamp":
        try:
            found = path.stat()
        except OSError:
            return cls(path, 0, 0)
        return cls(path, found.st_mtime_ns, found.st_size)


_known: dict[tuple[object, ...], tuple[list[_Stamp], Chemist]] = {}  # the last used is the last


def chemist_of(stock: str, reactions: str | None = None, progress: Progress = logged, column: str | None = None) -> Chemist:
    """A chemist with a stock and molgen's own reactions, those of a file, or both.

    The last `CHEMISTS` are remembered, as long as their files stay as they are.

    Parameters
    ----------
    stock
        See `stock_file`.
    reactions
        A YAML file of reactions that are added to molgen's own.
    progress
        Shows how far the stock has been read and indexed, where it has no index yet; see `read_catalogue`.
    column
        Of the SMILES in its file, if it can't be guessed.

    Raises
    ------
    DataError
        The stock or the file can't be used.
    """
    key = stock, reactions, column
    stamps, chemist = _known.pop(key, ([], None))
    if chemist is None or any(_Stamp.of(each.path) != each for each in stamps):
        files = [stock_file(stock)[0], *([] if reactions is None else [pathlib.Path(reactions)])]
        stamps, chemist = list(map(_Stamp.of, files)), _chemist(stock, reactions, progress, column)
    _known[key] = stamps, chemist
    while len(_known) > CHEMISTS:
        del _known[next(iter(_known))]
    return chemist


def _chemist(stock: str, reactions: str | None, progress: Progress, column: str | None) -> Chemist:
    known = known_reactions(reactions)
    index = read_index(stock, known, progress, column=column)
    for reaction in known[len(own_reactions()) :]:
        for place, role in enumerate(reaction.roles, 1):
            if not len(index.fitting(role)):
                which = f"reactant {place} of {reaction.name}, {role.smarts}"
                LOG.warning("%s: no block of %s fits %s: it has to be made first", reactions, stock, which)
    return Chemist(known, index)
