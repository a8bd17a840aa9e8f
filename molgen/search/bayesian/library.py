"""The library of a prior: molecules that it writes once, whatever is searched for, kept in the user's cache."""

import contextlib
import fcntl
import gzip
import hashlib
import logging
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pooch
import rdkit

from molgen.chem.molecules import Molecules
from molgen.files import write_atomically
from molgen.generators.base import Generator
from molgen.learn.checkpoint import pack
from molgen.learn.shipped import WEIGHTS
from molgen.own_code import target_of

SHIPPED = WEIGHTS / "library.smi.gz"  # of the shipped prior, made by scripts/make_library.py
WORTH_KEEPING = 1000  # molecules; fewer are soon written again
SEED = 0  # of libraries that are kept
LOG = logging.getLogger(__name__)


def library_of(prior: Generator, size: int, seed: int) -> list[str]:
    """Distinct canonical SMILES written by a prior.

    From 1,000 molecules on, the library of a prior is written once: it ships, or is kept in the user's cache, for all searches,
    islands and processes. Its order depends on the seed; a smaller library is written with this seed.

    Parameters
    ----------
    prior
        A trained generator. Another class, other weights or other settings have another library.
    size
        Number of SMILES to write; invalid ones and repetitions are left out.
    seed
        The same seed gives the same SMILES in the same order.
    """
    if size < WORTH_KEEPING:
        return written_by(prior, size, seed)
    kept = _kept(prior, size)
    return [kept[i] for i in np.random.default_rng(seed).permutation(len(kept))]


def written_by(prior: Generator, size: int, seed: int) -> list[str]:
    """Distinct canonical SMILES among `size` that a prior writes."""
    return list(dict.fromkeys(text for text in Molecules(prior.sample(size, seed=seed)).canonical if text is not None))


def library_key(prior: Generator, size: int) -> str:
    """What tells libraries apart: a digest of all that there is to the prior, of the size and of the seed."""
    tensors, about = prior.to_saved()
    return hashlib.sha256(pack(tensors | {"_about": [target_of(type(prior)), about, size, SEED]})).hexdigest()


def write_library(path: Path, key: str, smiles: Sequence[str]) -> None:
    """Write a library, below its key and the version of RDKit whose canonical SMILES these are.

    Raises
    ------
    OSError
        The file can't be written.
    """
    lines = "\n".join([f"{key} {rdkit.__version__}", *smiles])
    write_atomically(path, gzip.compress(lines.encode(), mtime=0), sync=False)


def read_library(path: Path, key: str) -> list[str] | None:
    """The library in a file; None if there is none, it is another one, or it can't be read."""
    with contextlib.suppress(OSError, EOFError, ValueError, zlib.error):
        head, *smiles = gzip.decompress(path.read_bytes()).decode().splitlines()
        found, version = head.split()
        if found == key:
            return smiles if version == rdkit.__version__ else [text for text in Molecules(smiles).canonical if text is not None]
    return None


def _kept(prior: Generator, size: int) -> list[str]:
    """The library of a prior: the one that ships, or from the user's cache, or newly written into this."""
    key = library_key(prior, size)
    path = Path(pooch.os_cache("molgen")) / "libraries" / f"{key[:24]}.smi.gz"
    if (found := read_library(SHIPPED, key) or read_library(path, key)) is not None:
        return found
    with _alone(path.with_suffix(".lock")):
        if (found := read_library(path, key)) is not None:
            return found
        LOG.warning("the prior writes a library of %s molecules, once: it will be kept in %s", f"{size:,}", path.parent)
        found = written_by(prior, size, SEED)
        try:
            write_library(path, key, found)
        except OSError as error:
            LOG.warning("%s can't be kept (%s): every search will write its library", path, error.strerror)
    return found


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other process holds the lock at `path`; where it can't be had, go on without it."""
    with contextlib.ExitStack() as block:
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            fcntl.flock(block.enter_context(path.open("w")), fcntl.LOCK_EX)
        yield
