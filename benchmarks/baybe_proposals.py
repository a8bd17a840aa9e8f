"""BayBE's proposals, one batch per line of standard input; run by benchmarks/baybe.py in BayBE's own environment.

The first line is `{"smiles": [...], "encoding": "MORDRED", "seed": 0}`: the candidates. It is answered by what it took to set
up the search space, and by how many numbers describe a molecule. Each further line, `{"rows": [...], "values": [...], "number":
24}`, has all that has been measured so far, by rows of the candidates. It is answered by the rows of a batch. Higher is better.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import pandas as pd
from baybe import Campaign, Settings
from baybe.objectives import SingleTargetObjective
from baybe.parameters import SubstanceParameter
from baybe.searchspace import SearchSpace
from baybe.targets import NumericalTarget


def timed(task: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What a task gives, and the seconds on the clock and of the processor that it took."""
    wall, processor = time.perf_counter(), time.process_time()
    result = task()
    return result, {"seconds": time.perf_counter() - wall, "processor": time.process_time() - processor}


def campaign_of(smiles: list[str], encoding: str) -> Campaign:
    """A campaign with the default recommender, which proposes nothing that has been measured."""
    molecule = SubstanceParameter("molecule", {str(row): text for row, text in enumerate(smiles)}, encoding=encoding)
    objective = SingleTargetObjective(NumericalTarget("value"))
    return Campaign(SearchSpace.from_product([molecule]), objective, allow_recommending_already_measured=False)


def table(rows: list[int], values: list[float]) -> pd.DataFrame:
    """Measurements as BayBE reads them."""
    return pd.DataFrame({"molecule": [str(row) for row in rows], "value": values})


def propose(campaign: Campaign, asked: dict[str, Any]) -> list[int]:
    """Rows of a batch; measurements that the campaign hasn't seen are added first."""
    seen = len(campaign.measurements)
    campaign.add_measurements(table(asked["rows"][seen:], asked["values"][seen:]))
    return [int(row) for row in campaign.recommend(asked["number"])["molecule"]]


def main() -> None:
    """Answer lines until there are no more."""
    answers, sys.stdout = sys.stdout, sys.stderr  # what a library prints is no answer
    start = json.loads(sys.stdin.readline())
    Settings(random_seed=start["seed"], cache_directory=None).activate()
    campaign, took = timed(lambda: campaign_of(start["smiles"], start["encoding"]))
    print(json.dumps({"numbers": len(campaign.searchspace.comp_rep_columns), **took}), file=answers, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        rows, took = timed(lambda asked=asked: propose(campaign, asked))
        print(json.dumps({"rows": rows, **took}), file=answers, flush=True)


if __name__ == "__main__":
    main()
