"""Routes in files: what to order, and reactions that electronic laboratory notebooks read."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from rdkit import Chem
from rdkit.Chem.rdChemReactions import ChemicalReaction, ReactionToRxnBlock
from rdkit.Chem.rdDepictor import Compute2DCoords

from molgen.data.tables.formulas import guard
from molgen.errors import check_above, check_between
from molgen.synthesis.mapping import mapped
from molgen.synthesis.route import SynthesisRoute, block_of
from molgen.synthesis.trees import Tree

ORDER = ["route", "block", "sold as", "id", "supplier lead time", "price", "amount mmol", "amount mg", "used in"]
WIDTH = 80  # characters in a line of an RDfile or RXN file
CHIRAL = "_MolFileChiralFlag"  # with it a stereocentre is as drawn, without it its mirror image is meant as well


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
        check_above("", scale=self.mmol)
        check_between("", 0.01, 1.0, **{"yield": self.yield_})

    def order(self, routes: Sequence[Tree]) -> pd.DataFrame:
        """What has to be bought for each route, an equivalent per step: a row per block, with columns `ORDER`."""
        rows = []
        for number, route in enumerate(routes, 1):
            needed: dict[str, Tree] = {}
            amounts: dict[str, float] = {}
            used: dict[str, list[str]] = {}
            for mmol, leaf, name in self._charged(route, self.mmol, ""):
                smiles = leaf["smiles"]
                needed.setdefault(smiles, leaf)
                amounts[smiles] = amounts.get(smiles, 0.0) + mmol
                used.setdefault(smiles, []).append(name)
            for smiles, leaf in needed.items():
                told = [leaf.get("form", ""), leaf["id"], leaf.get("lead_time", ""), leaf.get("price")]
                mg = amounts[smiles] * block_of(leaf).weight
                steps = ", ".join(filter(None, dict.fromkeys(used[smiles])))
                rows.append([number, smiles, *told, round(amounts[smiles], 4), round(mg, 2), steps])
        return pd.DataFrame(rows, columns=ORDER)

    def order_of_batch(self, routes: Mapping[str, Tree]) -> pd.DataFrame:
        """What has to be bought for compounds that are made together: a row per block, with the sum of its amounts.

        Parameters
        ----------
        routes
            By the identifiers of the compounds, which the column `for` names; the other columns are those of `ORDER`.
        """
        table = self.order(list(routes.values()))
        names = list(routes)
        table["for"] = [names[number - 1] for number in table["route"]]
        joined = dict.fromkeys(("sold as", "id", "supplier lead time", "price"), "first") | {
            "amount mmol": lambda own: round(own.sum(), 4),
            "amount mg": lambda own: round(own.sum(), 2),
            "used in": lambda own: ", ".join(dict.fromkeys(part for text in own for part in text.split(", ") if part)),
            "for": ", ".join,
        }
        return table.groupby("block", sort=False).agg(joined).reset_index()

    def _charged(self, route: Tree, mmol: float, name: str) -> Iterable[tuple[float, Tree, str]]:
        """Amounts of the blocks of a route that gives `mmol`, and the reactions that they are used in."""
        if "reaction" not in route:
            yield mmol, route, name
        for part in route.get("reactants", ()):
            yield from self._charged(part, mmol / self.yield_, route["reaction"])


def order_csv(order: pd.DataFrame) -> str:
    """What to order (see `Scale`), as CSV that spreadsheets open without taking a cell for a formula."""
    return guard(order).to_csv(index=False, lineterminator="\n")


def as_json(routes: Sequence[SynthesisRoute]) -> str:
    """All routes; `route_of` reads each of them."""
    return json.dumps([route.to_dict() for route in routes], indent=1) + "\n"


def rxn(step: SynthesisRoute) -> str:
    """A step as an MDL RXN file (V2000), its molecules drawn, with atom-atom mapping; see `mapped`."""
    made = ChemicalReaction()
    reactants, product = mapped(step)
    for mol in reactants:
        made.AddReactantTemplate(_flat(mol))
    made.AddProductTemplate(_flat(product))
    lines = ReactionToRxnBlock(made).splitlines()
    lines[1] = step.name[:WIDTH]
    return "\n".join(lines) + "\n"


def rdf(routes: Sequence[SynthesisRoute], when: datetime | None = None) -> str:
    """All steps of all routes as an MDL RDfile: in each record the reaction, and as data what is known of it.

    Parameters
    ----------
    when
        The date that it bears; by default now.
    """
    found = ["$RDFILE 1", f"$DATM    {when or datetime.now():%m/%d/%y %H:%M}"]
    number = 0
    for place, route in enumerate(routes, 1):
        for step_number, step in enumerate(route.reactions(), 1):
            assert step.reaction is not None
            number += 1
            found += [f"$RFMT $RIREG {number}", rxn(step).rstrip("\n")]
            data = {"ROUTE": place, "STEP": step_number, "NAME": step.name, "CONDITIONS": step.reaction.conditions}
            for i, part in enumerate(step.reactants, 1):
                data[f"REACTANT({i}):ID"] = part.block.id if part.block is not None else ""
            for name, text in data.items():
                found += [f"$DTYPE RXN:{name}", *_datum(str(text))] if text else []
    return "\n".join(found) + "\n"


def _datum(text: str) -> list[str]:
    """A value as lines of an RDfile: of at most `WIDTH` characters, and a + after these where a line goes on in the next."""
    whole = f"$DATUM {' '.join(text.split())}"
    parts = [whole[i : i + WIDTH] for i in range(0, len(whole), WIDTH)]
    return [*(f"{part}+" for part in parts[:-1]), parts[-1]]


def _flat(mol: Chem.Mol) -> Chem.Mol:
    """A molecule with coordinates in the plane, its aromatic bonds as single and double ones; its stereocentres are absolute."""
    Compute2DCoords(mol)
    Chem.Kekulize(mol, clearAromaticFlags=True)
    Chem.WedgeMolBonds(mol, mol.GetConformer())
    if any(atom.GetChiralTag() != Chem.ChiralType.CHI_UNSPECIFIED for atom in mol.GetAtoms()):
        mol.SetIntProp(CHIRAL, 1)
    return mol
