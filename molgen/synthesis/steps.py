"""What is to be said about a step: what in it lowers the yield, and which bonds it makes."""

from collections.abc import Sequence

from rdkit import Chem, rdBase

from molgen.synthesis.matching import Seen
from molgen.synthesis.reaction import Reaction
from molgen.synthesis.route import SynthesisRoute


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
