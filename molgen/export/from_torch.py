"""Networks as graphs of ONNX, by PyTorch's exporter."""

import copy
import logging
import warnings
from typing import Any

import onnx
import onnxscript  # noqa: F401 (PyTorch's exporter needs it)
import torch

from molgen.export.steps import TokenStep

EXAMPLE = {"n": 3, "before": 5}  # two different sizes, neither 0 nor 1, which PyTorch would take for fixed


def step_graph(step: TokenStep) -> onnx.ModelProto:
    """A step as a graph with inputs `tokens` and `step.memory`, and outputs `logits` and `NAME_after`."""
    step = copy.deepcopy(step).cpu().float().eval()
    axes: dict[str, Any] = {name: torch.export.Dim(name) for name in EXAMPLE}
    varying = [{i: axes[size] for i, size in enumerate(shape) if isinstance(size, str)} for shape in step.memory.values()]
    example = torch.ones(EXAMPLE["n"], dtype=torch.long), *step.start(**EXAMPLE).values()
    log = logging.getLogger("torch.onnx")
    level = log.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter about itself
        log.setLevel(logging.ERROR)
        try:
            program = torch.onnx.export(
                step,
                example,
                dynamo=True,
                dynamic_shapes={"tokens": {0: axes["n"]}, "memory": tuple(varying)},
                input_names=["tokens", *step.memory],
                output_names=["logits", *(f"{name}_after" for name in step.memory)],
                verbose=False,
            )
        finally:
            log.setLevel(level)
    assert program is not None
    return program.model_proto
