"""Routes in files: what to order, and reactions that electronic laboratory notebooks read."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd
from rdkit import Chem
from rdkit.Chem.Descriptors import MolWt
from rdkit.Chem.rdChemReactions import ChemicalReaction, ReactionToRxnBlock
from rdkit.Chem.rdDepictor import Compute2DCoords

from molgen.data.tables.formulas import guard
from molgen.errors import check_above, check_between
from molgen.synthesis.route import SynthesisRoute

ORDER = ["route", "block", "id", "supplier lead time", "price", "amount mmol", "amount mg", "used in"]


@dataclass(frozen=True)
class Scale:
    """How much of a product is wanted.

    Attributes
    ----------
    mmol
        Of the product.
    yield_
        Of every step, 0 to 1: what is assumed, since none is predicted.
    """

    mmol: float = 0.1
    yield_: float = 0.7

    def __post_init__(self) -> None:
        check_above("route", scale=self.mmol)
        check_between("route", 0.01, 1.0, **{"yield": self.yield_})

    def order(self, routes: Sequence[SynthesisRoute]) -> pd.DataFrame:
        """What has to be bought for each route, an equivalent per step: a row per block, with columns `ORDER`."""
        rows = []
        for number, route in enumerate(routes, 1):
            needed: dict[str, list[SynthesisRoute]] = {}
            amounts: dict[str, float] = {}
            used: dict[str, list[str]] = {}
            for mmol, leaf, name in self._charged(route, self.mmol, ""):
                needed.setdefault(leaf.smiles, []).append(leaf)
                amounts[leaf.smiles] = amounts.get(leaf.smiles, 0.0) + mmol
                used.setdefault(leaf.smiles, []).append(name)
            for smiles, leaves in needed.items():
                block = leaves[0].block
                assert block is not None
                price = None if math.isnan(block.price) else block.price
                mg = amounts[smiles] * MolWt(Chem.MolFromSmiles(smiles))
                steps = ", ".join(filter(None, dict.fromkeys(used[smiles])))
                rows.append([number, smiles, block.id, block.lead_time, price, round(amounts[smiles], 4), round(mg, 2), steps])
        return pd.DataFrame(rows, columns=ORDER)

    def _charged(self, route: SynthesisRoute, mmol: float, name: str) -> Iterable[tuple[float, SynthesisRoute, str]]:
        """Amounts of the blocks of a route that gives `mmol`, and the reactions that they are used in."""
        if route.reaction is None:
            yield mmol, route, name
        for part in route.reactants:
            yield from self._charged(part, mmol / self.yield_, route.name)


def order_csv(routes: Sequence[SynthesisRoute], scale: Scale) -> str:
    """What to order, as CSV that spreadsheets open without taking a cell for a formula."""
    return guard(scale.order(routes)).to_csv(index=False, lineterminator="\n")


def as_json(routes: Sequence[SynthesisRoute]) -> str:
    """All routes; `route_of` reads each of them."""
    return json.dumps([route.to_dict() for route in routes], indent=1) + "\n"


def rxn(step: SynthesisRoute) -> str:
    """A step as an MDL RXN file (V2000), its molecules drawn."""
    made = ChemicalReaction()
    for part in step.reactants:
        made.AddReactantTemplate(_flat(part.smiles))
    made.AddProductTemplate(_flat(step.smiles))
    lines = ReactionToRxnBlock(made).splitlines()
    lines[1] = step.name[:80]
    return "\n".join(lines) + "\n"


def rdf(routes: Sequence[SynthesisRoute]) -> str:
    """All steps of all routes as an MDL RDfile: in each record the reaction, and as data what is known of it."""
    found = ["$RDFILE 1", "$DATM"]
    number = 0
    for place, route in enumerate(routes, 1):
        for step_number, step in enumerate(route.reactions(), 1):
            assert step.reaction is not None
            number += 1
            found += [f"$RFMT $RIREG {number}", rxn(step).rstrip("\n")]
            data = {"ROUTE": place, "STEP": step_number, "NAME": step.name, "CONDITIONS": step.reaction.conditions}
            for i, part in enumerate(step.reactants, 1):
                data[f"REACTANT({i}):ID"] = part.block.id if part.block is not None else ""
            found += [f"$DTYPE RXN:{name}\n$DATUM {text}" for name, text in data.items() if text]
    return "\n".join(found) + "\n"


def _flat(smiles: str) -> Chem.Mol:
    """A molecule with coordinates in the plane, its aromatic bonds as single and double ones."""
    mol = Chem.MolFromSmiles(smiles)
    Compute2DCoords(mol)
    Chem.Kekulize(mol, clearAromaticFlags=True)
    Chem.WedgeMolBonds(mol, mol.GetConformer())
    return mol
