"""Arrays and texts as compressed tensors, so that a model is one safetensors file and no pickle."""

import zlib
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def pack_bytes(content: bytes) -> Tensor:
    """Bytes as a tensor."""
    return torch.frombuffer(bytearray(content), dtype=torch.uint8)


def unpack_bytes(tensor: Tensor) -> bytes:
    """What `pack_bytes` was given."""
    return tensor.numpy().tobytes()


def pack_columns(array: NDArray) -> Tensor:
    """A matrix, compressed column by column."""
    return pack_bytes(zlib.compress(np.ascontiguousarray(array.T).tobytes(), 9))


def pack_lines(lines: Sequence[str]) -> Tensor:
    """Texts without line breaks, compressed."""
    return pack_bytes(zlib.compress("\n".join(lines).encode(), 9))
