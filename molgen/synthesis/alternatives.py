"""Other ways to do a step of a route."""

from itertools import islice
from itertools import product as every_combination

from molgen.synthesis.chemist import Chemist
from molgen.synthesis.role import Role
from molgen.synthesis.route import SynthesisRoute
from molgen.synthesis.steps import pieces
from molgen.synthesis.stock import cheapest_first

SAME = 4  # blocks that are the same reactant
TRIED = 16  # sets of reactants per reaction


def alternatives(chemist: Chemist, step: SynthesisRoute) -> list[SynthesisRoute]:
    """Routes to the product of `step` by other blocks or other reactions that make the same bonds.

    What is made before the step is used as it is.

    Parameters
    ----------
    step
        A route whose last reaction is to be replaced; see `SynthesisRoute.reactions`.

    Returns
    -------
    Those with the same reaction first, then the cheapest.
    """
    assert step.reaction is not None
    mol, own = chemist.mol, tuple(part.smiles for part in step.reactants)
    bonds = pieces(step.reaction, [mol(text) for text in own])
    found = {}
    for reaction, texts in chemist.disconnections(step.smiles):
        if pieces(reaction, [mol(text) for text in texts]) != bonds:
            continue
        options = [_options(chemist, role, text, step) for role, text in zip(reaction.roles, texts, strict=True)]
        for chosen in islice(every_combination(*options), TRIED):
            route = chemist.made(reaction, chosen, step.smiles)
            same = reaction == step.reaction and own == tuple(part.smiles for part in chosen)
            if route is not None and route.smiles == step.smiles and not same:
                found[str(route)] = route
    return sorted(found.values(), key=lambda route: (route.name != step.name, *cheapest_first(route.price), route.name))


def _options(chemist: Chemist, role: Role, smiles: str, step: SynthesisRoute) -> list[SynthesisRoute]:
    """What may be a reactant: what the step itself makes it of, else blocks."""
    made = [
        part for part in step.reactants if part.block is None and (part.smiles == smiles or _alike(chemist, role, part, smiles))
    ]
    return made or chemist.bought(role, smiles)[:SAME]


def _alike(chemist: Chemist, role: Role, part: SynthesisRoute, smiles: str) -> bool:
    """Whether a reactant that is made is `smiles` for a role, leaving groups aside."""
    made = chemist.mol(part.smiles)
    return role.fits(made) and not set(role.normal_forms(made)).isdisjoint(role.normal_forms(chemist.mol(smiles)))
