"""The form of a molecule in water of a pH."""

import functools
import hashlib
from typing import cast

from rdkit import Chem

from molgen.learn.shipped import WEIGHTS
from molgen.predictors.pka.forms import charged
from molgen.predictors.pka.measured import Compound
from molgen.predictors.pka.predictor import Pka
from molgen.predictors.shipped import load_predictor

PROTOCOL = 1


def main_form(mol: Chem.Mol, ph: float) -> Chem.Mol:
    """The main form of `mol` at this pH, with explicit charges: the same atoms in the same order, the same stereo.

    The number of protons that most of the substance has at this pH, by its macroscopic pKa, and of the ways to place them
    the most populated.

    Parameters
    ----------
    mol
        The parent, drawn neutral or in any of its ionic forms; explicit hydrogens become implicit.
    """
    compound = Compound.of(mol)
    titration = compound.titration(pka_model().intrinsic(compound))
    return charged(compound.mol, compound.environment.sites, titration.at(ph))


@functools.cache
def pka_model() -> Pka:
    """The predictor of pKa that ships."""
    return cast(Pka, load_predictor("pka"))


@functools.cache
def version() -> str:
    """A text that changes when any molecule's form may change: for the identity of what is computed from forms."""
    weights = hashlib.sha256((WEIGHTS / "pka.safetensors").read_bytes()).hexdigest()
    return f"pka-{PROTOCOL}-{weights[:12]}"


VERSION = version()
