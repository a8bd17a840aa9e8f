"""How fast the shipped priors write molecules, beside REINVENT 4's network shape.

    python -m benchmarks.sampling

The yardstick is the inner loop of REINVENT 4: a 3 x 512 LSTM in float32, 128 SMILES side by side, every one
carried to the length of the longest. Its weights are random, so it is run for the lengths that the prior's
own samples have.
"""

import time

import torch
from torch import nn

from benchmarks.results import save, show
from molgen.chem.molecules import Molecules
from molgen.generators.shipped import load_generator

WRITERS = "recurrent", "transformer"  # the shipped language models, the prior last
N = 10_000
YARDSTICK_BATCH = 128


class Reinvent(nn.Module):
    """The shape of REINVENT 4's prior: embedding 256, three LSTM layers of 512."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(tokens, 256)
        self.stack = nn.LSTM(256, 512, 3, batch_first=True)
        self.head = nn.Linear(512, tokens)

    @torch.no_grad()
    def write(self, n: int, steps: int) -> None:
        """`steps` tokens for each of `n` sequences."""
        tokens, state = torch.ones(n, dtype=torch.long), None
        for _ in range(steps):
            output, state = self.stack(self.embedding(tokens)[:, None], state)
            tokens = torch.multinomial(self.head(output[:, 0]).softmax(-1), 1)[:, 0]


def measure(name: str) -> tuple[dict[str, float | str], list[int]]:
    """Figures of a shipped prior, and the lengths in tokens of what it wrote."""
    generator = load_generator(name)
    generator.sample(1000, seed=0)
    start = time.perf_counter()
    smiles = generator.sample(N, seed=1)
    written = time.perf_counter() - start
    canonical = [text for text in Molecules(smiles).canonical if text]
    checked = time.perf_counter() - start
    lengths = [len(generator.vocabulary.encode(text)) for text in smiles if generator.vocabulary.knows(text)]
    good = len(set(canonical))
    row = {"model": name, "SMILES/s": N / written, "valid": len(canonical) / N, "unique": good / len(canonical)}
    return row | {"valid unique/s": good / written, "valid unique/s, parsing included": good / checked}, lengths


def yardstick(lengths: list[int], tokens: int) -> float:
    """SMILES/s of REINVENT's shape at the same lengths."""
    network = Reinvent(tokens).eval()
    network.write(YARDSTICK_BATCH, 20)
    batches = [lengths[i : i + YARDSTICK_BATCH] for i in range(0, 10 * YARDSTICK_BATCH, YARDSTICK_BATCH)]
    start = time.perf_counter()
    for batch in batches:
        network.write(len(batch), max(batch))
    return sum(map(len, batches)) / (time.perf_counter() - start)


def main() -> None:
    """Measure, print, save."""
    rows = []
    for name in WRITERS:
        row, lengths = measure(name)
        rows.append(row)
    rate = yardstick(lengths, 64)
    rows.append({"model": "REINVENT 4's shape", "SMILES/s": rate, "valid": "", "unique": ""})
    for row in rows:
        row["times the yardstick"] = float(row["SMILES/s"]) / rate
    show(
        f"Sampling {N:,} SMILES at temperature 1, {torch.get_num_threads()} threads",
        [dict.fromkeys(rows[0], "") | row for row in rows],
    )
    save("sampling", rows)


if __name__ == "__main__":
    main()
