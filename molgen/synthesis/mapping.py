"""Which atom of a product is which atom of a reactant."""

from collections.abc import Sequence

from rdkit import Chem, rdBase

from molgen.synthesis.reaction import tautomers
from molgen.synthesis.route import SynthesisRoute
from molgen.synthesis.templates import is_whole

MATCHES = 1000  # ways to lay a tautomer over another that are looked at
FROM, ATOM = "react_idx", "react_atom_idx"  # of an atom of RDKit's product: its reactant, and its place in this


def mapped(step: SynthesisRoute) -> tuple[list[Chem.Mol], Chem.Mol]:
    """The reactants and the product of the last reaction of a route, with atom map numbers.

    Every atom of the product that comes from a reactant has a number, counted from 1, which is that of the reactant's atom.
    Atoms that leave, or come from a reagent, have none; no atom has one if the reaction doesn't give the product.
    """
    assert step.reaction is not None
    reactants, product = [Chem.MolFromSmiles(part.smiles) for part in step.reactants], Chem.MolFromSmiles(step.smiles)
    with rdBase.BlockLogs():
        outcomes = [made for made in step.reaction.outcomes(reactants) if is_whole(made)]
    same = Chem.MolToSmiles(product)
    outcomes.sort(key=lambda made: Chem.MolToSmiles(made) != same)
    for made in outcomes:
        if (places := _places(made, product)) is None:
            continue
        for number, atom in enumerate((each for each in made.GetAtoms() if each.HasProp(ATOM)), 1):
            origin = reactants[atom.GetIntProp(FROM)].GetAtomWithIdx(atom.GetIntProp(ATOM))
            for each in (origin, product.GetAtomWithIdx(places[atom.GetIdx()])):
                each.SetAtomMapNum(number)
        break
    return reactants, product


def _places(made: Chem.Mol, wanted: Chem.Mol) -> Sequence[int] | None:
    """Where each atom of a molecule is in the same molecule, or in a tautomer or an isomer of it; None if it is another."""
    texts = [Chem.MolToSmiles(mol) for mol in (made, wanted)]
    if texts[0] == texts[1]:
        pairs = zip(*(mol.GetPropsAsDict(True, True)["_smilesAtomOutputOrder"] for mol in (made, wanted)), strict=True)
        return [there for _, there in sorted(pairs)]
    if made.GetNumAtoms() != wanted.GetNumAtoms() or tautomers(made) != tautomers(wanted):
        return None
    for mol in (made, wanted):
        Chem.AssignStereochemistry(mol, cleanIt=True, force=True)
    matches = _skeleton(wanted).GetSubstructMatches(_skeleton(made), uniquify=False, maxMatches=MATCHES)
    return min(matches, key=lambda match: _differences(made, wanted, match), default=None)


def _skeleton(mol: Chem.Mol) -> Chem.Mol:
    """The elements of a molecule, and what is bound to what."""
    plain = Chem.RWMol()
    for atom in mol.GetAtoms():
        plain.AddAtom(Chem.Atom(atom.GetAtomicNum()))
    for bond in mol.GetBonds():
        plain.AddBond(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), Chem.BondType.SINGLE)
    return plain.GetMol()


def _differences(made: Chem.Mol, wanted: Chem.Mol, match: Sequence[int]) -> int:
    """In how many bonds, hydrogens and stereocentres two tautomers differ, if laid over each other so."""
    ends = ((bond, match[bond.GetBeginAtomIdx()], match[bond.GetEndAtomIdx()]) for bond in made.GetBonds())
    bonds = sum(bond.GetBondType() != wanted.GetBondBetweenAtoms(*there).GetBondType() for bond, *there in ends)
    pairs = ((atom, wanted.GetAtomWithIdx(match[atom.GetIdx()])) for atom in made.GetAtoms())
    return bonds + sum(_told(here) != _told(there) for here, there in pairs)


def _told(atom: Chem.Atom) -> tuple[int, str]:
    return atom.GetTotalNumHs(), atom.GetProp("_CIPCode") if atom.HasProp("_CIPCode") else ""
