"""How a molecule is charged in water, which descriptors of its neutral form don't say.

By the pKa of its groups (`molgen.predictors.pka`), each group by itself. Distribution between blood and tissue, passage through
membranes and binding to plasma proteins depend on it as much as on lipophilicity (Smith, Allerton, Kalgutkar, van de Waterbeemd
and Walker, Pharmacokinetics and Metabolism in Drug Design, 3rd ed. 2012).
"""

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.predictors.pka.measured import Compound
from molgen.predictors.protonation import pka_model

PH = np.array([2.0, 4.0, 5.5, 6.5, 7.4, 9.0])  # from the stomach to the bowel, with blood between
WATER = 0.0, 14.0  # pKa of the base, and of the acid, of a molecule that has none
LEAST = -6.0  # log10 of the smallest share that counts as one
ION = -4.0  # logP of an ion against that of the neutral form, about
NAMES = (
    "strongest acid",
    "strongest base",
    *(f"{what} at pH {ph:g}" for what in ("charge", "positive charge", "negative charge", "neutral share", "logD") for ph in PH),
)
Array = NDArray[np.float64]


def ionisation(mol: Chem.Mol, logp: float) -> NDArray[np.float32]:
    """What `NAMES` says of `mol` [32]; nan where no pKa can be worked out.

    Charges are means over all forms; the neutral share, which all groups have lost or kept their protons for, is a logarithm to
    base ten, and logD follows from it and from `logp`.
    """
    try:
        compound = Compound.of(mol)
        steps = compound.titration(pka_model().intrinsic(compound)).steps
    except (RuntimeError, ValueError):
        return np.full(len(NAMES), np.nan, np.float32)
    pka, base = np.array([value for _, value in steps]), compound.base[[group for group, _ in steps]]
    acids, bases = pka[~base], pka[base]
    permanent = Chem.GetFormalCharge(compound.mol)
    positive, lost = _charged(bases[None] - PH[:, None])
    negative, kept = _charged(PH[:, None] - acids[None])
    neutral = np.maximum(lost + kept, LEAST) if permanent == 0 else np.full(len(PH), LEAST)
    ends = acids.min(initial=WATER[1]), bases.max(initial=WATER[0])
    logd = logp + np.maximum(neutral, ION)
    return np.concatenate([ends, permanent + positive - negative, positive, negative, neutral, logd]).astype(np.float32)


def _charged(excess: Array) -> tuple[Array, Array]:
    """Of groups whose pKa lies so far [p, n] on the charged side: the charge [p], and log10 of the share without any [p]."""
    uncharged = -np.logaddexp(0, np.log(10) * excess) / np.log(10)
    return (1 - 10**uncharged).sum(1), uncharged.sum(1)
