"""Check every route of a campaign with nothing but RDKit: this file shares no code with molgen.

    python -m benchmarks.check_routes runs/mine building_blocks_sigma.smi.gz
    python -m benchmarks.check_routes runs/mine blocks.csv --reactions own.yaml --steps 3

The database and the reactions' YAML are read as they are. A route is right if every block or a tautomer of it is in the stock,
every reaction gives its product and, up to tautomers, no other, and the last product is the molecule that was scored, its ion, or
a tautomer of it.
Molecules of `campaign.start` are given, not made, and are counted apart.
"""

import csv
import gzip
import json
import sqlite3
import sys
from collections import Counter
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import click
import yaml
from rdkit import Chem, RDLogger
from rdkit.Chem.MolStandardize import rdMolStandardize
from rdkit.Chem.rdChemReactions import ChemicalReaction, ReactionFromSmarts
from rdkit.Chem.rdMolDescriptors import CalcMolFormula
from rdkit.Chem.rdMolHash import HashFunction, MolHash

OWN = Path(__file__).parents[1] / "molgen" / "synthesis" / "reactions"
GIVEN = ("start",)  # operators of molecules that the user gave
TAUTOMERS = rdMolStandardize.TautomerEnumerator()
TAUTOMERS.SetRemoveSp3Stereo(False)
TAUTOMERS.SetRemoveBondStereo(False)


class WrongRouteError(Exception):
    """What is wrong with a route."""


def read_reactions(paths: list[Path]) -> dict[str, ChemicalReaction]:
    """Reactions by name."""
    found = {}
    for path in paths:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
        patterns = entries.pop("patterns", {})
        for name, entry in entries.items():
            if isinstance(entry, dict):
                found[name] = ReactionFromSmarts(in_full(entry["reaction"], patterns))
                found[name].Initialize()
    return found


def in_full(smarts: str, patterns: dict[str, str]) -> str:
    """SMARTS in which the parts that the file has named stand in full."""
    for name, text in reversed(patterns.items()):  # each may refer to those above it
        smarts = smarts.replace(f"{{{name}}}", text)
    return smarts


def parent(mol: Chem.Mol) -> Chem.Mol:
    """The largest piece without charges that a proton takes away."""
    return rdMolStandardize.Uncharger().uncharge(rdMolStandardize.LargestFragmentChooser().choose(mol))


def alike(mol: Chem.Mol) -> str:
    """What the tautomers of a molecule have in common."""
    return str(MolHash(mol, HashFunction.HetAtomTautomer))


def same(mol: Chem.Mol, other: Chem.Mol) -> bool:
    """Whether two molecules are the same, or tautomers."""
    return alike(mol) == alike(other) or standard(mol) == standard(other)


def standard(mol: Chem.Mol) -> str:
    """The SMILES of RDKit's standard tautomer; stereo stays as it is."""
    return str(Chem.MolToSmiles(TAUTOMERS.Canonicalize(mol)))


class Stock:
    """What can be bought.

    Parameters
    ----------
    smiles
        Canonical.
    """

    def __init__(self, smiles: set[str]) -> None:
        self._smiles = smiles

    def __contains__(self, mol: Chem.Mol) -> bool:
        if Chem.MolToSmiles(mol) in self._smiles:
            return True
        like = self._by_formula.get(CalcMolFormula(mol), ())
        return bool(like) and standard(mol) in {standard(Chem.MolFromSmiles(text)) for text in like}

    @cached_property
    def _by_formula(self) -> dict[str, list[str]]:
        """Needed for tautomers only, of which there are few: molecules are read once more."""
        found: dict[str, list[str]] = {}
        for text in self._smiles:
            found.setdefault(CalcMolFormula(Chem.MolFromSmiles(text)), []).append(text)
        return found


def read_stock(path: Path) -> Stock:
    """What can be bought, as listed and as a free base or acid."""
    text = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()
    rows = list(csv.reader(text.splitlines())) if ".csv" in path.name else [line.split() for line in text.splitlines()]
    header = [cell.lower() for cell in rows[0]]
    column = header.index("smiles") if "smiles" in header else 0
    found = set()
    for row in rows:
        mol = Chem.MolFromSmiles(row[column]) if len(row) > column else None
        if mol is not None:
            found.add(Chem.MolToSmiles(mol))
            if any(mark in row[column] for mark in ".+-"):
                found.add(Chem.MolToSmiles(parent(mol)))
    return Stock(found)


@cache
def products(reaction: ChemicalReaction, reactants: tuple[str, ...]) -> frozenset[str]:
    """The distinct products, tautomers counted once."""
    found = set()
    for outcome in reaction.RunReactants([Chem.MolFromSmiles(text) for text in reactants]):
        for atom in outcome[0].GetAtoms():
            if atom.HasProp("old_mapno") and not atom.GetIsAromatic():
                atom.SetNumExplicitHs(0)
                atom.SetNoImplicit(False)
        try:
            Chem.SanitizeMol(outcome[0])
        except ValueError:
            continue
        smiles = Chem.MolToSmiles(outcome[0])
        mol = None if "." in smiles else Chem.MolFromSmiles(smiles)
        if mol is not None:
            found.add(alike(mol))
    return frozenset(found)


def check(route: dict[str, Any], reactions: dict[str, ChemicalReaction], stock: Stock) -> int:
    """The number of reactions of a route that is right; raises WrongRouteError."""
    mol = Chem.MolFromSmiles(route["smiles"])
    if mol is None:
        raise WrongRouteError(f"no SMILES: {route['smiles']}")
    if "reaction" not in route:
        if mol not in stock:
            raise WrongRouteError(f"not in the stock: {route['smiles']}")
        return 0
    steps = 1 + sum(check(part, reactions, stock) for part in route["reactants"])
    if route["reaction"] not in reactions:
        raise WrongRouteError(f"no reaction '{route['reaction']}'")
    made = products(reactions[route["reaction"]], tuple(part["smiles"] for part in route["reactants"]))
    if made != {alike(mol)}:
        reactants = ".".join(part["smiles"] for part in route["reactants"])
        raise WrongRouteError(f"{route['reaction']} of {reactants} gives {sorted(made) or 'nothing'}, not {route['smiles']}")
    return steps


@click.command()
@click.argument("folder", type=Path)
@click.argument("stock", type=Path)
@click.option("--reactions", type=Path, help="The team's own, beside molgen's.")
@click.option("--steps", default=4, show_default=True, help="Most reactions that a route may have.")
def main(folder: Path, stock: Path, reactions: Path | None, steps: int) -> None:
    """Check the routes of the campaign in FOLDER, of blocks in the file STOCK."""
    RDLogger.DisableLog("rdApp.*")
    known = read_reactions([*sorted(OWN.glob("*.yaml")), *([reactions] if reactions else [])])
    sold = read_stock(stock)
    query = "select smiles, operator, route from molecules left join routes on routes.molecule = molecules.id"
    rows = sqlite3.connect(f"file:{folder / 'campaign.sqlite'}?mode=ro", uri=True).execute(query).fetchall()
    right, given, lengths = 0, 0, Counter[int]()
    for smiles, operator, text in rows:
        if text is None and operator in GIVEN:
            given += 1
            continue
        try:
            if text is None:
                raise WrongRouteError("no route")
            route = json.loads(text)
            length = check(route, known, sold)
            if not same(*(parent(Chem.MolFromSmiles(each)) for each in (route["smiles"], smiles))):
                raise WrongRouteError(f"the route is one to {route['smiles']}")
            if not 1 <= length <= steps:
                raise WrongRouteError(f"{length} steps")
            lengths[length] += 1
            right += 1
        except WrongRouteError as error:
            print(f"{smiles}: {error}")
    made = len(rows) - given
    print(f"{right} of {made} routes are right ({given} molecules were given); steps: {dict(sorted(lengths.items()))}")
    sys.exit(right < made)


if __name__ == "__main__":
    main()
