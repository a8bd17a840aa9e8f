"""Exported models beside PyTorch and LightGBM: how fast, and what eight bits cost.

python -m benchmarks.onnx_speed                     1,000 molecules, one thread each, in seconds of a processor
python -m benchmarks.onnx_speed --molecules 100
"""

import time
from collections.abc import Callable
from typing import Any

import click
import numpy as np
import torch
from threadpoolctl import threadpool_limits

from benchmarks.results import save, show
from molgen import load_generator, load_predictor
from molgen.chem.tokens import EOS
from molgen.export.exported_generator import export_generator, log_likelihoods, written_tokens
from molgen.export.exported_predictor import export_predictor
from molgen.export.running import StepRunner, real_molecules, session
from molgen.generators.autoregressive import AutoregressiveGenerator
from molgen.metrics.distribution import sample_quality
from molgen.predictors.base import as_molecules
from molgen.predictors.boosted import Boosted
from molgen.predictors.features import feature_matrix

ROUNDS = 3
NOTHING, BEGIN = 0, 1  # tokens that are never drawn: padding, and the beginning


def fastest(**work: Callable[[], Any]) -> dict[str, float]:
    """The least seconds of a processor of each, of rounds in which all take turns."""
    seconds = dict.fromkeys(work, np.inf)
    for _ in range(ROUNDS):
        for name, run in work.items():
            start = time.process_time()
            run()
            seconds[name] = min(seconds[name], time.process_time() - start)
    return seconds


def sampled(runner: StepRunner, generator: AutoregressiveGenerator, n: int, seed: int) -> list[str]:
    """SMILES that an exported generator writes, as `AutoregressiveGenerator.sample` does."""
    rng = np.random.default_rng(seed)
    rows, alive, memory = np.full((n, generator.max_length + 2), EOS), np.arange(n), runner.start(n)
    rows[:, 0] = BEGIN
    for t in range(generator.max_length + 1):
        logits, memory = runner.step(rows[alive, t], memory)
        logits[:, [NOTHING, BEGIN]] = -np.inf
        odds = np.exp(logits - logits.max(1, keepdims=True)).cumsum(1)
        drawn = (odds < rng.random((len(odds), 1)) * odds[:, -1:]).sum(1)
        drawn[rows[alive, t] == EOS] = EOS
        rows[alive, t + 1] = drawn
        going = np.flatnonzero(drawn != EOS)
        if not len(going):
            break
        if len(going) < 0.75 * len(alive):
            alive, memory = alive[going], runner.keep(memory, going)
    return [generator.vocabulary.decode(row) for row in rows[:, 1:].tolist()]


def predictor_rows(n: int) -> list[dict[str, Any]]:
    """The shipped ADMET endpoints."""
    predictor = load_predictor("admet")
    assert isinstance(predictor, Boosted)
    molecules = as_molecules(real_molecules(n))
    x = feature_matrix(molecules)[:, : predictor.training.scaling.size]
    for model in predictor.models:
        model.booster.booster.params["num_threads"] = 1
    running = session(export_predictor(predictor).content, 1)
    seconds = fastest(molgen=lambda: predictor.predict(molecules), onnx=lambda: running.run(None, {"features": x}))
    return [{"what": "22 ADMET endpoints, features known"} | ratios(seconds)]


def generator_rows(name: str, n: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A shipped generator: the speed of its steps and samples, and how good they are."""
    generator = load_generator(name)
    assert isinstance(generator, AutoregressiveGenerator)
    exported = {kind: StepRunner(export_generator(generator, precision=precision).content, 1)
                for kind, precision in (("onnx", "float32"), ("int8", "int8"))}  # fmt: skip
    tokens = written_tokens(generator, n)

    def steps() -> None:
        with torch.no_grad():
            state = generator.network.start(len(tokens), torch.float32)
            for column in torch.from_numpy(tokens).T:
                generator.network.step(column, state)

    runs = {kind: lambda runner=runner: runner.logits(tokens) for kind, runner in exported.items()}
    speeds = [{"what": f"{name}: {tokens.shape[1]} steps"} | ratios(fastest(molgen=steps, **runs))]
    samples: dict[str, list[str]] = {}

    def sampling(kind: str) -> Callable[[], None]:
        if kind == "molgen":
            return lambda: samples.update(molgen=generator.sample(n, seed=0))
        return lambda: samples.update({kind: sampled(exported[kind], generator, n, 0)})

    seconds = fastest(**{kind: sampling(kind) for kind in ("molgen", *exported)})
    speeds.append({"what": f"{name}: {n:,} samples"} | ratios(seconds))
    nats = {kind: -float(log_likelihoods(runner, tokens).mean()) for kind, runner in exported.items()}
    quality = [{"what": name, "by": kind, "valid %": 100 * sample_quality(smiles, ())["validity"]}
               | ({"nats for a molecule": nats[kind]} if kind in nats else {}) for kind, smiles in samples.items()]  # fmt: skip
    return speeds, quality


def ratios(seconds: dict[str, float]) -> dict[str, float]:
    """Seconds, and how many times as fast as molgen the others are."""
    found = {"molgen s": seconds["molgen"]}
    for name in [name for name in seconds if name != "molgen"]:
        found |= {f"{name} s": seconds[name], f"{name}: times as fast": seconds["molgen"] / seconds[name]}
    return found


@click.command()
@click.option("--molecules", default=1000)
def main(molecules: int) -> None:
    """Measure, print, save."""
    torch.set_num_threads(1)
    with threadpool_limits(1):
        speeds, quality = predictor_rows(molecules), []
        for name in ("transformer", "recurrent"):
            faster, good = generator_rows(name, molecules)
            speeds, quality = speeds + faster, quality + good
    show(f"Seconds for {molecules:,} molecules, one thread each", speeds)
    show("What eight bits cost", quality)
    save("onnx_speed", {"molecules": molecules, "speed": speeds, "quality": quality})


if __name__ == "__main__":
    main()
