"""Where tensors live, in which precision, and how the C library hands out their memory."""

import contextlib
import ctypes
import functools
import os
from typing import Any

import torch

KERNELS = "400"  # compiled ones that oneDNN keeps: its 1,024 are gigabytes where every batch has another shape
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
    """Tell glibc to keep freed memory, for fresh pages for every tensor halve the speed of training, and oneDNN to keep less.

    Holds for the whole process, so it is called where networks are trained or sampled, and never by an import. Where the C
    library has no `mallopt` (macOS), that part does nothing; where oneDNN has run already, it keeps its own limit.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", KERNELS)
    with contextlib.suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_MMAP_MAX, 0)
        mallopt(M_TRIM_THRESHOLD, 1 << 30)
        mallopt(M_TOP_PAD, 64 << 20)
