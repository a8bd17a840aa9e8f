"""Where tensors live, in which precision, and how the C library hands out their memory."""

import contextlib
import ctypes
import functools
import os
from typing import Any

import torch

# oneDNN keeps compiled kernels of the last 1,024 shapes, which is gigabytes where every batch has another shape.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "400")

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4


def default_device() -> torch.device:
    """CUDA when there is one (to each of torchrun's processes its own), else the CPU."""
    return torch.device(f"cuda:{os.environ.get('LOCAL_RANK', 0)}" if torch.cuda.is_available() else "cpu")


@functools.cache
def fast_bf16(device_type: str) -> bool:
    """Whether the device multiplies bfloat16 matrices in hardware."""
    if device_type == "cuda":
        return torch.cuda.is_bf16_supported()
    capability = torch.backends.cpu.get_cpu_capability()
    return capability.startswith("AVX512") and torch.cpu._is_avx512_bf16_supported()


def autocast(device: torch.device) -> contextlib.AbstractContextManager[Any]:
    """bfloat16 autocast where it is fast, else full precision."""
    return torch.autocast(device.type, torch.bfloat16, enabled=fast_bf16(device.type))


@functools.cache
def keep_freed_memory() -> None:
    """Tell glibc to keep freed memory: fresh pages for every tensor halve the speed of training.

    Does nothing where the C library has no `mallopt`.
    """
    with contextlib.suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_MAX, 0)
        mallopt(M_TRIM_THRESHOLD, 1 << 30)
        mallopt(M_TOP_PAD, 64 << 20)
