#!/usr/bin/env bash
# syntheseus 0.9.0: `max_expansion_depth` counts levels of the search graph, not reactions.
#
# An AND/OR graph has a level of molecules and a level of reactions by turns, so a search with max_expansion_depth=5 finds routes
# of three reactions at most. Nothing in the argument's name or documentation says so.
#
# Seen: an alkane that is taken apart by one carbon a reaction, methane for sale; longest route by depth:
#   max_expansion_depth 1 2 3 4 5 6 -> 1 1 2 2 3 3 reactions
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q syntheseus==0.9.0 rdkit==2026.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

from syntheseus import BackwardReactionModel, Bag, Molecule, SingleProductReaction
from syntheseus.search.algorithms.best_first.retro_star import RetroStarSearch
from syntheseus.search.mol_inventory import SmilesListInventory
from syntheseus.search.node_evaluation.common import ConstantNodeEvaluator


class Shortening(BackwardReactionModel):
    def _get_reactions(self, inputs, num_results):
        return [
            [SingleProductReaction(reactants=Bag([Molecule(each.smiles[1:])]), product=each)] if len(each.smiles) > 1 else []
            for each in inputs
        ]


def solved(reactions, depth):
    search = RetroStarSearch(
        reaction_model=Shortening(use_cache=True),
        mol_inventory=SmilesListInventory(["C"]),
        and_node_cost_fn=ConstantNodeEvaluator(1.0),
        value_function=ConstantNodeEvaluator(0.0),
        limit_iterations=100,
        max_expansion_depth=depth,
    )
    graph, _ = search.run_from_mol(Molecule("C" * (reactions + 1)))
    return graph.root_node.has_solution


print("syntheseus", version("syntheseus"))
longest = {depth: max(n for n in range(1, 10) if solved(n, depth)) for depth in range(1, 7)}
for depth, reactions in longest.items():
    print(f"max_expansion_depth={depth}: routes of {reactions} reactions at most")
sys.exit(list(longest.values()) != [1, 1, 2, 2, 3, 3])
PYTHON
