"""Generators as files of ONNX."""

from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from molgen.chem.tokens import BOS, EOS, PAD
from molgen.errors import ConfigError, DataError
from molgen.export.equality import largest_difference
from molgen.export.exported_model import ExportedModel, Origin, with_facts
from molgen.export.from_torch import step_graph
from molgen.export.quantising import MOST, rounded_to_int8
from molgen.export.running import StepRunner, Tokens, real_molecules
from molgen.export.steps import RecurrentStep, TokenStep, TransformerStep
from molgen.generators.autoregressive import AutoregressiveGenerator
from molgen.generators.base import Generator
from molgen.generators.recurrent import RecurrentNetwork
from molgen.generators.transformer import TransformerNetwork
from molgen.progress import progress

STEPS: dict[type, type[TokenStep]] = {TransformerNetwork: TransformerStep, RecurrentNetwork: RecurrentStep}
PRECISIONS = ("float32", "int8")
CHECKED, MEASURED, BATCH = 100, 1000, 250  # molecules


def export_generator(generator: Generator, origin: Origin = Origin(), precision: str = "float32") -> ExportedModel:
    """A graph that goes from a token and the memory of a sequence to the next token's logits, compared on real molecules.

    Parameters
    ----------
    origin
        Where the generator comes from.
    precision
        `float32`, or `int8` for matrices of eight bits.

    Raises
    ------
    ConfigError
        Generators of this kind can't be exported, the graph differs from the generator, or int8 changes the likelihood too much.
    DataError
        The generator can write none of the molecules that it is compared with.
    """
    if precision not in PRECISIONS:
        raise ConfigError(f"precision={precision}: must be one of {', '.join(PRECISIONS)}")
    if not isinstance(generator, AutoregressiveGenerator) or type(generator.network) not in STEPS:
        raise ConfigError(f"generator: {type(generator).__name__} can't be exported; transformer and recurrent can")
    step, whole = STEPS[type(generator.network)](generator.network), precision != "int8"
    with progress("exporting", "steps", 2 if whole else 3) as advance:
        advance.doing("writing the graph")
        graph = step_graph(step)
        advance()
        advance.doing("comparing it with the generator")
        notes = [_compared(generator, graph)]
        advance()
        if not whole:
            advance.doing("rounding to eight bits, and measuring what that costs")
            graph, note = _rounded(generator, graph)
            notes.append(note)
            advance()
    shapes = {name: list(shape) for name, shape in step.memory.items()}
    facts: dict[str, Any] = {"tokens": list(generator.vocabulary.tokens), "bos": BOS, "eos": EOS, "pad": PAD}
    facts |= {"max_length": generator.max_length, "memory": shapes, "precision": precision}
    about = f"a token and {', '.join(shapes)} -> logits of {len(generator.vocabulary)} tokens, and the same after it"
    return ExportedModel(with_facts(graph, generator, origin, facts), [about, *notes])


def _compared(generator: AutoregressiveGenerator, graph: onnx.ModelProto) -> str:
    """How a graph's logits compare with those of the generator."""
    tokens = written_tokens(generator, CHECKED)
    with torch.no_grad():
        ours = generator.network(torch.from_numpy(tokens).to(generator.device)).float().cpu().numpy()
    real = tokens != PAD
    difference = largest_difference(ours[real], StepRunner(graph).logits(tokens)[real], "generator")
    return f"equal to molgen for {len(tokens):,} molecules: the largest difference is {difference:.1e} standard deviations"


def _rounded(generator: AutoregressiveGenerator, exact: onnx.ModelProto) -> tuple[onnx.ModelProto, str]:
    """The graph in eight bits, and what that costs.

    Raises
    ------
    ConfigError
        It changes the likelihood by 1 % or more.
    """
    rounded, tokens = rounded_to_int8(exact), written_tokens(generator, MEASURED)
    before, after = (-log_likelihoods(StepRunner(model), tokens).mean() for model in (exact, rounded))
    cost = after / before - 1
    told = f"int8: {after:.2f} nats for a molecule, after {before:.2f} in float32, over {len(tokens):,} molecules: {cost:+.2%}"
    if not abs(cost) < MOST:
        raise ConfigError(f"precision={told}, not less than {MOST:.0%}; nothing is written. Leave precision out")
    return rounded, told


def written_tokens(generator: AutoregressiveGenerator, n: int) -> Tokens:
    """Tokens [n, t] of real molecules, begun, ended and padded; fewer where the generator doesn't know all tokens.

    Raises
    ------
    DataError
        It can write none of them.
    """
    vocabulary = generator.vocabulary
    known = [text for text in real_molecules(n) if vocabulary.knows(text)]
    written = [text for text in known if len(vocabulary.encode(text)) <= generator.max_length + 2]
    if not written:
        raise DataError("generator: it can write none of the molecules of the shipped library, on which exports are checked")
    return generator.encode(written).numpy()


def log_likelihoods(runner: StepRunner, tokens: Tokens) -> NDArray[np.float64]:
    """Log-probability [n] of each row of tokens [n, t], in nats."""
    found = []
    for start in range(0, len(tokens), BATCH):
        part = tokens[start : start + BATCH]
        logits, targets = torch.from_numpy(runner.logits(part[:, :-1])), torch.from_numpy(part[:, 1:])
        losses = torch.nn.functional.cross_entropy(logits.transpose(1, 2), targets, ignore_index=PAD, reduction="none")
        found.append(-losses.double().sum(1).numpy())
    return np.concatenate(found)
