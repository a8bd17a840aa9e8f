"""mol_ga's genetic algorithm, which asks for scores by lines; run by benchmarks/beyond.py in mol_ga's own environment.

The first line of standard input is `{"smiles": [...], "seed": 0, "offspring": 5}`: the molecules to begin from. Then each line of
output is `{"smiles": [...]}`, and is answered by `{"scores": [...]}`, until whoever asks has enough.
"""

import json
import random
import sys

from mol_ga import default_ga

GENERATIONS = 10**6  # it is stopped before


def main() -> None:
    """Search until nobody answers."""
    answers, sys.stdout = sys.stdout, sys.stderr  # what a library prints is no question
    start = json.loads(sys.stdin.readline())

    def scores(smiles: list[str]) -> list[float]:
        print(json.dumps({"smiles": smiles}), file=answers, flush=True)
        line = sys.stdin.readline()
        if not line:
            raise SystemExit
        return json.loads(line)["scores"]  # type: ignore[no-any-return]

    rng = random.Random(start["seed"])
    default_ga(start["smiles"], scores, max_generations=GENERATIONS, offspring_size=start["offspring"], rng=rng)


if __name__ == "__main__":
    main()
