"""A molecule without its charges, and with those of one of its forms."""

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from molgen.chem.charges import BESIDE_METAL, moved, tautomer
from molgen.predictors.pka.sites import Site


@functools.cache
def _ions() -> Chem.Mol:
    # a charge that a proton made or took, not a nitro group's, an N-oxide's, a quaternary nitrogen's or beside a metal
    return Chem.MolFromSmarts(f"[$([+1!h0;!$(*~[-1,-2,-3])]),$([O,S,Se,N,n,C,c;-1;!$(*~[+1,+2,+3])]);!$({BESIDE_METAL})]")


def neutral_form(mol: Chem.Mol) -> Chem.Mol:
    """`mol` with every proton that it has lost or gained given back, amides and amidines in one drawing; atoms keep order."""
    mol = moved(mol)
    charged = [i for (i,) in mol.GetSubstructMatches(_ions(), maxMatches=1000)]
    return tautomer(_shifted(mol, [(i, -mol.GetAtomWithIdx(i).GetFormalCharge()) for i in charged]) if charged else mol)


def charged(mol: Chem.Mol, sites: Sequence[Site], state: NDArray[np.int8]) -> Chem.Mol:
    """The form of a neutral molecule in which the groups have a proton (1) or none (0), [n]."""
    changes, enolates = [], []
    for site, proton in zip(sites, state.tolist(), strict=True):
        if site.type.kind == "base" and proton:
            changes.append((site.atom, 1))
        elif site.type.kind == "acid" and not proton and mol.GetAtomWithIdx(site.atom).GetTotalNumHs():
            changes.append((site.atom, -1))
            if mol.GetAtomWithIdx(site.atom).GetSymbol() == "C":
                enolates.append(site.match[:3])
    return _shifted(mol, changes, enolates)


def _shifted(mol: Chem.Mol, changes: list[tuple[int, int]], enolates: Sequence[tuple[int, ...]] = ()) -> Chem.Mol:
    """`mol` with protons put on or taken off atoms, and the charges with them; a carbanion's to the oxygen of its carbonyl."""
    if not changes:
        return Chem.Mol(mol)
    found = Chem.RWMol(mol)
    for i, protons in changes:
        atom = found.GetAtomWithIdx(i)
        hydrogens = atom.GetTotalNumHs() + protons
        atom.SetFormalCharge(atom.GetFormalCharge() + protons)
        atom.SetNoImplicit(True)
        atom.SetNumExplicitHs(hydrogens)
    for carbon, carbonyl, oxygen in enolates:
        found.GetAtomWithIdx(carbon).SetFormalCharge(0)
        found.GetBondBetweenAtoms(carbon, carbonyl).SetBondType(Chem.BondType.DOUBLE)
        found.GetBondBetweenAtoms(carbonyl, oxygen).SetBondType(Chem.BondType.SINGLE)
        found.GetAtomWithIdx(oxygen).SetFormalCharge(-1)
    Chem.SanitizeMol(found)
    for i, _ in changes:
        for bond in found.GetAtomWithIdx(i).GetBonds():
            if bond.GetStereo() != Chem.BondStereo.STEREONONE:
                Chem.AssignStereochemistry(found, cleanIt=True, force=True)
                break
    return found.GetMol()
