"""Proteins by name, sequence or file, and how alike they are."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import parasail
from Bio import SeqIO
from numpy.typing import NDArray

from molgen.errors import ConfigError, DataError, nearest

AMINO_ACIDS = "ACDEFGHIKLMNPQRSTVWY"
ALLOWED = set(AMINO_ACIDS) | set("BJOUXZ")
SHORTEST = 20
MOSTLY = 0.8  # a text with this share of amino acids is a sequence with errors, not an unknown name
GAP_OPEN, GAP_EXTEND = 11, 1
FASTA = (".fasta", ".fa", ".faa")


def read_fasta(path: Path) -> str:
    """The first sequence of a FASTA file.

    Raises
    ------
    DataError
        There is no such file, or no sequence in it.
    """
    try:
        record = next(SeqIO.parse(path, "fasta"), None)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise DataError(f"{path}: can't be read as FASTA ({getattr(error, 'strerror', None) or 'not FASTA'})") from error
    if record is None or not len(record.seq):
        raise DataError(f"{path}: no sequence in it; FASTA is a line '>name', then amino acids")
    return str(record.seq)


def resolve(target: str, known: Mapping[str, str]) -> tuple[str | None, str]:
    """Name and sequence of a target; the name is None where the sequence is given instead.

    Parameters
    ----------
    target
        A name, an amino-acid sequence, or the path of a FASTA file.
    known
        Names to sequences.

    Raises
    ------
    ConfigError
        An unknown name (the nearest ones are suggested), or letters that are no amino acids.
    DataError
        A FASTA file without a sequence.
    """
    text = target.strip()
    names = {name.upper(): name for name in known}
    if text.upper() in names:
        name = names[text.upper()]
        return name, known[name]
    if text.endswith(FASTA):
        text = read_fasta(Path(text))
    sequence = "".join(text.split()).upper()
    if len(sequence) < SHORTEST or sum(letter in ALLOWED for letter in sequence) < MOSTLY * len(sequence):
        if text != target.strip():
            raise DataError(f"{target}: its first sequence is not of amino acids, or of fewer than {SHORTEST}")
        raise ConfigError(
            f"target '{target}': no such target{nearest(text.upper(), names)}; name one of {len(names)} "
            f"(molgen data targets lists them), or give a sequence of {SHORTEST} amino acids or more, or a .fasta file"
        )
    foreign = sorted(set(sequence) - ALLOWED)
    if foreign:
        at = next(i for i, letter in enumerate(sequence) if letter in foreign)
        raise ConfigError(f"target: '{sequence[at]}' at position {at + 1} of the sequence is no amino acid")
    return None, sequence


def likeness(queries: Sequence[str], references: Sequence[str]) -> NDArray[np.float32]:
    """Smith-Waterman scores (BLOSUM62) [n, m] over the geometric mean of the sequences' scores with themselves: 1 = the same."""

    def profile(sequence: str) -> "parasail.Profile":
        return parasail.profile_create_16(sequence.replace("O", "K").replace("J", "L").replace("U", "C"), parasail.blosum62)

    def score(left: "parasail.Profile", right: str) -> int:
        return parasail.sw_striped_profile_16(left, right, GAP_OPEN, GAP_EXTEND).score

    own = {sequence: score(profile(sequence), sequence) for sequence in {*queries, *references}}
    rows = {}
    for query in dict.fromkeys(queries):
        left = profile(query)
        rows[query] = np.array(
            [score(left, reference) / np.sqrt(own[query] * own[reference]) for reference in references], np.float32
        )
    return np.stack([rows[query] for query in queries])
