"""Figures of a set of generated molecules."""

from collections.abc import Collection, Sequence

from molgen.chem.molecules import Molecules


def sample_quality(samples: Sequence[str], known: Collection[str]) -> dict[str, float]:
    """Validity, uniqueness (of the valid) and novelty (of the unique), as in GuacaMol.

    Parameters
    ----------
    samples
        SMILES [n].
    known
        Canonical SMILES of the training set.
    """
    canonical = [text for text in Molecules(samples).canonical if text is not None]
    unique = set(canonical)
    return {
        "validity": len(canonical) / max(1, len(samples)),
        "uniqueness": len(unique) / max(1, len(canonical)),
        "novelty": sum(text not in known for text in unique) / max(1, len(unique)),
    }
