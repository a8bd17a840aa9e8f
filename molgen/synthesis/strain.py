"""Rings that no reaction closes: bridged ones with a flat atom where the bridge begins, and detours around smaller rings."""

import itertools

from rdkit import Chem

BRIDGED = 8  # atoms of a ring, at most, in which such an atom is too strained (Bredt's rule)
FLAT = (Chem.BondType.DOUBLE, Chem.BondType.AROMATIC)
AMIDE = Chem.MolFromSmarts("[#7;X3]-[#6;X3]=[O,S]")


def flat_bridgeheads(mol: Chem.Mol) -> int:
    """How many bridgeheads of small bicyclic rings have a double bond, or are the nitrogen of an amide (Bredt's rule)."""
    rings = [set(ring) for ring in mol.GetRingInfo().AtomRings() if len(ring) <= BRIDGED]
    bridged = [(one, other) for one, other in itertools.combinations(rings, 2) if len(one & other) > 2]
    if not bridged:
        return 0
    amides = {(nitrogen, carbon) for nitrogen, carbon, _ in mol.GetSubstructMatches(AMIDE)}
    found = set()
    for one, other in bridged:
        shared = one & other
        for place in shared:
            atom = mol.GetAtomWithIdx(place)
            if atom.GetAtomicNum() not in (6, 7):
                continue
            around = {neighbour.GetIdx() for neighbour in atom.GetNeighbors()}
            if around & (one - shared) and around & (other - shared):
                double = any(bond.GetBondType() in FLAT for bond in atom.GetBonds())
                if double or any((place, carbon) in amides for carbon in around & (one | other)):
                    found.add(place)
    return len(found)


def closes(product: Chem.Mol, pattern: Chem.Mol) -> bool:
    """Whether the rings of a product's pattern are rings of the product: they may not be detours around smaller ones."""
    rings = [set(ring) for ring in product.GetRingInfo().AtomRings()]
    wanted = pattern.GetRingInfo().AtomRings()
    matches = product.GetSubstructMatches(pattern, maxMatches=50)
    return not matches or any(all({match[i] for i in ring} in rings for ring in wanted) for match in matches)
