"""One step back, one step forward, and a look into the catalogue; all of it is remembered."""

import functools
import logging
import pathlib
from collections.abc import Sequence

from rdkit import Chem

from molgen.errors import DataError
from molgen.synthesis.catalogue import Progress, logged, packed_fingerprint
from molgen.synthesis.index import Index, read_index
from molgen.synthesis.reaction import Reaction, same_molecule
from molgen.synthesis.reaction_files import own_reactions, read_reactions
from molgen.synthesis.role import Role
from molgen.synthesis.route import Path, SynthesisRoute
from molgen.synthesis.steps import provides

REMEMBERED = 200_000  # results that are short texts
HELD = 20_000  # molecules, and lists of blocks
LOG = logging.getLogger(__name__)


class Chemist:
    """Reactions and a stock, with what has been worked out with them.

    Parameters
    ----------
    reactions, index
        What can be done, and what can be bought.
    """

    def __init__(self, reactions: Sequence[Reaction], index: Index) -> None:
        self.reactions, self.index = tuple(reactions), index
        self.by_name = {reaction.name: reaction for reaction in self.reactions}
        self.mol = functools.lru_cache(HELD)(Chem.MolFromSmiles)
        self.disconnections = functools.lru_cache(HELD)(self._disconnections)
        self.product = functools.lru_cache(REMEMBERED)(self._product)
        self.bought = functools.lru_cache(HELD)(self._bought)
        self.like = functools.lru_cache(HELD)(self._like)

    def _disconnections(self, smiles: str) -> list[tuple[Reaction, tuple[str, ...]]]:
        """Reactions that give a molecule, and their reactants."""
        mol = self.mol(smiles)
        return [
            (reaction, tuple(Chem.MolToSmiles(part) for part in parts))
            for reaction in self.reactions
            for parts in reaction.precursors(mol)
        ]

    def _product(self, reaction: Reaction, reactants: tuple[str, ...]) -> str | None:
        """What a reaction gives; None if it gives nothing, or several products."""
        made = reaction.run([self.mol(text) for text in reactants])
        return None if made is None else Chem.MolToSmiles(made)

    def _bought(self, role: Role, smiles: str) -> list[SynthesisRoute]:
        """Blocks that are `smiles` for a role, leaving groups aside: with the same stereo first, then the cheapest."""
        blocks = [self.index.block(row) for row in self.index.alike(role, self.mol(smiles)).tolist()]
        stereo = _stereo(smiles)
        blocks.sort(key=lambda block: (_stereo(block.smiles) != stereo, not block.price >= 0, block.price, len(block.smiles)))
        return [SynthesisRoute(block.smiles, block) for block in blocks]

    def _like(self, role: Role, smiles: str, number: int) -> list[SynthesisRoute]:
        """The most similar blocks for a role."""
        blocks = [self.index.block(row) for row in self.index.nearest(role, self.mol(smiles), number).tolist()]
        return [SynthesisRoute(block.smiles, block) for block in blocks]

    def sold(self, smiles: str) -> list[SynthesisRoute]:
        """Blocks that are a molecule, or an isomer of it where it leaves stereo open; the cheapest first."""
        wanted = self.mol(smiles)
        blocks = [self.index.block(row) for row in self.index.sold(wanted).tolist()]
        blocks = [block for block in blocks if provides(self.mol(block.smiles), wanted)]
        blocks.sort(key=lambda block: (block.smiles != smiles, not block.price >= 0, block.price))
        return [SynthesisRoute(block.smiles, block) for block in blocks]

    def completing(self, role: Role, block: str, product: str, wanted: str, number: int) -> list[SynthesisRoute]:
        """Blocks that, in the place of `block`, may bring `product` nearer to `wanted`."""
        rest = packed_fingerprint(self.mol(product)) & ~packed_fingerprint(self.mol(block))
        blocks = [self.index.block(row) for row in self.index.completing(role, rest, self.mol(wanted), number).tolist()]
        return [SynthesisRoute(each.smiles, each) for each in blocks]

    def made(self, reaction: Reaction, reactants: Sequence[SynthesisRoute], wanted: str = "") -> SynthesisRoute | None:
        """The route by one more reaction; None if it doesn't give one product.

        A product that is a tautomer of `wanted` is written as this is.
        """
        smiles = self.product(reaction, tuple(route.smiles for route in reactants))
        if smiles is None:
            return None
        same = wanted and same_molecule(self.mol(smiles), self.mol(wanted))
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


@functools.lru_cache(maxsize=2)
def chemist_of(stock: str, reactions: str | None = None, progress: Progress = logged, column: str | None = None) -> Chemist:
    """A chemist with a stock and molgen's own reactions, those of a file, or both.

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
    own = own_reactions()
    added = () if reactions is None else read_reactions(pathlib.Path(reactions))
    if double := {each.name for each in own} & {each.name for each in added}:
        raise DataError(f"{reactions}: {sorted(double)[0]} is a reaction of molgen's own; give it another name")
    index = read_index(stock, (*own, *added), progress, column=column)
    for reaction in added:
        for place, role in enumerate(reaction.roles, 1):
            if not len(index.fitting(role)):
                which = f"reactant {place} of {reaction.name}, {role.smarts}"
                LOG.warning("%s: no block of %s fits %s: it has to be made first", reactions, stock, which)
    return Chemist((*own, *added), index)
