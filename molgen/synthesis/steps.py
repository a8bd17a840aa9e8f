"""What is to be said about a step: what in it lowers the yield, and which bonds it makes."""

import re
from collections.abc import Iterable, Sequence

from rdkit import Chem, rdBase

from molgen.synthesis.matching import Seen
from molgen.synthesis.reaction import MIXTURE, Reaction, tautomers
from molgen.synthesis.reaction_files import groups
from molgen.synthesis.route import SynthesisRoute
from molgen.synthesis.tautomers import azole_tautomers

NITROGEN = 7
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


def isomers_formed(reaction: Reaction, reactants: Sequence[Chem.Mol]) -> list[str]:
    """What isomers form beside the product, in words; none if there are none that the reaction is known to give.

    An azole of which each tautomer gives another product reacts at several nitrogens. Which of them mostly does isn't known.
    """
    if (made := reaction.run(reactants)) is None:
        return []
    product, found = Chem.MolFromSmiles(made), []
    for place, mol in enumerate(reactants):
        forms = map(Chem.MolFromSmiles, azole_tautomers(mol))
        others = [reaction.run([*reactants[:place], form, *reactants[place + 1 :]]) for form in forms]
        if any(text is not None and tautomers(Chem.MolFromSmiles(text)) != tautomers(product) for text in others):
            found.append(f"regioisomers form, as another nitrogen of the azole in {Chem.MolToSmiles(mol)} may react")
    if reaction.geometry == MIXTURE and _open_bonds(product) > sum(map(_open_bonds, reactants)):
        found.append("a mixture of E and Z isomers forms")
    return found


def _open_bonds(mol: Chem.Mol) -> int:
    """The number of double bonds that could be E or Z, and don't say which."""
    stereo = Chem.FindPotentialStereo(mol)
    bonds = [each for each in stereo if each.type == Chem.StereoType.Bond_Double]
    return sum(each.specified == Chem.StereoSpecified.Unspecified for each in bonds)


def pieces(reaction: Reaction, reactants: Sequence[Chem.Mol]) -> frozenset[str]:
    """Which part of the product each reactant becomes, as SMILES: equal for reactions that make the same bonds.

    Which nitrogen of an azole bears the hydrogen isn't told.
    """
    with rdBase.BlockLogs():
        outcomes = reaction.forward.RunReactants(tuple(reactants), 1)
    for (made,) in outcomes:
        parts: dict[int, list[int]] = {}
        for atom in made.GetAtoms():
            if atom.GetIsAromatic() and atom.GetAtomicNum() == NITROGEN:
                atom.SetNumExplicitHs(0)
            if atom.HasProp("react_idx"):
                parts.setdefault(atom.GetIntProp("react_idx"), []).append(atom.GetIdx())
        made.UpdatePropertyCache(strict=False)
        return frozenset(Chem.MolFragmentToSmiles(made, atoms, isomericSmiles=False) for atoms in parts.values())
    return frozenset()


def way(route: SynthesisRoute) -> frozenset[tuple[str, frozenset[str]]]:
    """What is made of which pieces in each step: routes that differ in blocks, reactions or tautomers alone have it in common."""
    found = set()
    for step in route.reactions():
        assert step.reaction is not None
        found.add(
            (
                tautomers(Chem.MolFromSmiles(step.smiles)),
                pieces(step.reaction, [Chem.MolFromSmiles(part.smiles) for part in step.reactants]),
            )
        )
    return frozenset(found)


def provides(made: Chem.Mol, wanted: Chem.Mol) -> bool:
    """Whether `made` is `wanted`, or an isomer of it where it leaves stereo open."""
    flat = [Chem.MolToSmiles(mol, isomericSmiles=False) for mol in (made, wanted)]
    return flat[0] == flat[1] and made.HasSubstructMatch(wanted, useChirality=True)
