"""Tautomers of azoles, of which reactions and catalogues write one and chemists another."""

from itertools import product

from rdkit import Chem, rdBase

FIVE = 5  # atoms of an azole's ring
NITROGEN = 7


def azole_tautomers(mol: Chem.Mol) -> list[str]:
    """Canonical SMILES of the molecules in which a hydrogen of an azole is on another nitrogen of its ring.

    A hydrogen of each azole moves at most once, and those of several azoles one after another: the others of such a molecule are
    tautomers of its tautomers.
    """
    found: dict[str, None] = {}
    with rdBase.BlockLogs():
        for ring in mol.GetRingInfo().AtomRings():
            nitrogens = [i for i in ring if mol.GetAtomWithIdx(i).GetAtomicNum() == NITROGEN] if len(ring) == FIVE else []
            acids = [i for i in nitrogens if _gives_hydrogen(mol.GetAtomWithIdx(i))]
            free = [i for i in nitrogens if _takes_hydrogen(mol.GetAtomWithIdx(i))]
            for given, taken in product(acids, free):
                made = Chem.RWMol(mol)
                made.GetAtomWithIdx(given).SetNumExplicitHs(0)
                made.GetAtomWithIdx(taken).SetNumExplicitHs(1)
                if not Chem.SanitizeMol(made, catchErrors=True):
                    found[Chem.MolToSmiles(made)] = None
    found.pop(Chem.MolToSmiles(mol), None)
    return list(found)


def _gives_hydrogen(atom: Chem.Atom) -> bool:
    return bool(atom.GetIsAromatic() and atom.GetTotalNumHs() == 1)


def _takes_hydrogen(atom: Chem.Atom) -> bool:
    plain = atom.GetIsAromatic() and atom.GetDegree() == 2 and not atom.GetFormalCharge()
    return bool(plain and not atom.GetTotalNumHs())
