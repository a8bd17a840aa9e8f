"""Graphs of ONNX, run by ONNX Runtime on processors."""

import gzip
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from molgen.learn.shipped import WEIGHTS

Array = NDArray[np.float64]
Tokens = NDArray[np.int64]
TYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64}
ERRORS = 3  # of ONNX Runtime's levels: no warnings


def session(model: onnx.ModelProto | bytes, threads: int = 0) -> onnxruntime.InferenceSession:
    """A graph ready to run, by so many threads; 0 for one a core."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = ERRORS, threads
    content = model if isinstance(model, bytes) else model.SerializeToString()
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def real_molecules(n: int) -> list[str]:
    """So many SMILES, evenly spaced in the shipped library, which the shipped prior wrote."""
    lines = gzip.decompress((WEIGHTS / "library.smi.gz").read_bytes()).decode().splitlines()[1:]
    return [lines[i] for i in np.linspace(0, len(lines) - 1, n).astype(int)]


class StepRunner:
    """An exported generator, run one token at a time."""

    def __init__(self, model: onnx.ModelProto | bytes, threads: int = 0) -> None:
        self.session = session(model, threads)

    def start(self, n: int) -> dict[str, NDArray[Any]]:
        """The memory of n sequences that begin."""
        sizes = {"n": n, "before": 0}
        inputs = [value for value in self.session.get_inputs() if value.name != "tokens"]
        return {value.name: np.zeros([sizes.get(size, size) for size in value.shape], TYPES[value.type]) for value in inputs}

    def keep(self, memory: dict[str, NDArray[Any]], rows: NDArray[np.integer]) -> dict[str, NDArray[Any]]:
        """The memory of the sequences at `rows`."""
        axes = {value.name: value.shape.index("n") for value in self.session.get_inputs()}
        return {name: values.take(rows, axes[name]) for name, values in memory.items()}

    def step(self, tokens: Tokens, memory: dict[str, NDArray[Any]]) -> tuple[NDArray[np.float32], dict[str, NDArray[Any]]]:
        """Logits [n, vocabulary] after one more token [n] of each sequence, and the memory after it."""
        logits, *after = self.session.run(None, {"tokens": tokens, **memory})
        return logits, dict(zip(memory, after, strict=True))

    def logits(self, tokens: Tokens) -> NDArray[np.float32]:
        """Logits [n, t, vocabulary] after every prefix of tokens [n, t]."""
        memory, found = self.start(len(tokens)), []
        for column in tokens.T:
            logits, memory = self.step(column, memory)
            found.append(logits)
        return np.stack(found, axis=1)
