"""Routes to molecules by a one-step model in Syntheseus (Maziarz et al., Faraday Discuss. 256, 568, 2025)."""

import functools

from rdkit import Chem
from syntheseus import BackwardReactionModel, Molecule
from syntheseus.search.algorithms.best_first.retro_star import RetroStarSearch
from syntheseus.search.analysis.route_extraction import iter_routes_cost_order
from syntheseus.search.graph.and_or import AndNode
from syntheseus.search.mol_inventory import BaseMolInventory
from syntheseus.search.node_evaluation.common import ConstantNodeEvaluator

from molgen.chem.inventory import Inventory


class Stock(BaseMolInventory):
    """Adapts `inventory` to Syntheseus; answers are cached, since many reactions share reactants."""

    def __init__(self, inventory: Inventory) -> None:
        self.provides = functools.lru_cache(100_000)(lambda smiles: inventory.provides(Chem.MolFromSmiles(smiles)))

    def is_purchasable(self, mol: Molecule) -> bool:
        """Whether `mol` is in stock."""
        return self.provides(mol.smiles)


class Routes:
    """Searches for routes from purchasable molecules by Retro* (Chen et al., ICML 2020).

    Parameters
    ----------
    model
        Predicts one step back.
    inventory
        The purchasable molecules.
    iterations, depth
        Most molecules expanded, and most consecutive reactions.
    """

    def __init__(self, model: BackwardReactionModel, inventory: Inventory, iterations: int, depth: int) -> None:
        self.search = RetroStarSearch(
            reaction_model=model,
            mol_inventory=Stock(inventory),
            and_node_cost_fn=ConstantNodeEvaluator(1.0),
            value_function=ConstantNodeEvaluator(0.0),
            limit_iterations=iterations,
            max_expansion_depth=2 * depth,  # levels of the graph, in which a reaction and what it is made of are one each
            stop_on_first_solution=True,
        )

    def steps(self, smiles: str) -> int | None:
        """Number of reactions in the shortest route found; 0 for purchasable molecules, None if no route is found."""
        target = Molecule(smiles)
        if self.search.mol_inventory.is_purchasable(target):
            return 0
        self.search.reset()
        graph, _ = self.search.run_from_mol(target)
        for node in graph.nodes():
            node.data["route_cost"] = 1.0 if isinstance(node, AndNode) else 0.0
        route = next(iter(iter_routes_cost_order(graph, max_routes=1)), None)
        return None if route is None else sum(isinstance(node, AndNode) for node in route)
