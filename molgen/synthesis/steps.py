"""What is to be said about a step: what in it lowers the yield, and which bonds it makes."""

import re
from collections.abc import Iterable, Sequence

from rdkit import Chem, rdBase

from molgen.synthesis.matching import Seen
from molgen.synthesis.reaction import Reaction
from molgen.synthesis.reaction_files import groups
from molgen.synthesis.route import SynthesisRoute

CALLED = {  # what groups are called in `protect`, as regular expressions, if not by their own names
    "primary amine": "amine",
    "secondary amine": "amine",
    "aniline": "(?<!aliphatic )amine|aniline",
    "carboxylic acid": "acid",
}


def doubts(reaction: Reaction, reactants: Sequence[Chem.Mol], seen: Sequence[Seen] | None = None) -> list[tuple[str, int]]:
    """Groups beside the sites that react which often lower the yield.

    Parameters
    ----------
    seen
        What has been looked for in each reactant.

    Returns
    -------
    The name of each, and the place of the reactant that has it.
    """
    found = []
    looked = seen or [Seen() for _ in reactants]
    for place, (role, mol, each) in enumerate(zip(reaction.roles, reactants, looked, strict=True)):
        sites = role.sites(mol, each)
        for pattern in reaction.caution:
            matches = each.look(mol, pattern.text, pattern.matches)
            if any(all(set(site).isdisjoint(match) for site in sites) for match in matches):
                found.append((pattern.name.replace("_", " ") or pattern.text, place))
    return found


def protections(reaction: Reaction, names: Iterable[str]) -> list[str]:
    """How groups are usually protected in a reaction: what `protect` says of them, and of what molgen has no name for.

    Parameters
    ----------
    names
        Of the groups, as `doubts` names them.
    """
    doubted, known = list(names), [name.replace("_", " ") for name in groups()]
    parts = reaction.protect.split(", ") if doubted and reaction.protect else []
    return [part for part in parts if _names(part, doubted) or not _names(part, known)]


def _names(part: str, names: Sequence[str]) -> bool:
    """Whether a part of `protect` is about one of some groups."""
    called = "|".join(CALLED.get(name, re.escape(name)) for name in names)
    return re.search(rf"\b(?:{called})s?\b", part.partition(" as ")[0]) is not None


def pieces(reaction: Reaction, reactants: Sequence[Chem.Mol]) -> frozenset[str]:
    """Which part of the product each reactant becomes, as SMILES: equal for reactions that make the same bonds."""
    with rdBase.BlockLogs():
        outcomes = reaction.forward.RunReactants(tuple(reactants), 1)
    for (made,) in outcomes:
        parts: dict[int, list[int]] = {}
        for atom in made.GetAtoms():
            if atom.HasProp("react_idx"):
                parts.setdefault(atom.GetIntProp("react_idx"), []).append(atom.GetIdx())
        made.UpdatePropertyCache(strict=False)
        return frozenset(Chem.MolFragmentToSmiles(made, atoms, isomericSmiles=False) for atoms in parts.values())
    return frozenset()


def way(route: SynthesisRoute) -> frozenset[tuple[str, frozenset[str]]]:
    """What is made of which pieces in each step: routes that differ in blocks or reactions alone have it in common."""
    found = set()
    for step in route.reactions():
        assert step.reaction is not None
        found.add((step.smiles, pieces(step.reaction, [Chem.MolFromSmiles(part.smiles) for part in step.reactants])))
    return frozenset(found)


def provides(made: Chem.Mol, wanted: Chem.Mol) -> bool:
    """Whether `made` is `wanted`, or an isomer of it where it leaves stereo open."""
    flat = [Chem.MolToSmiles(mol, isomericSmiles=False) for mol in (made, wanted)]
    return flat[0] == flat[1] and made.HasSubstructMatch(wanted, useChirality=True)
