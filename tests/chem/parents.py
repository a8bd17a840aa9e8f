"""What tests of edits begin with, and what they ask of a child."""

from rdkit import Chem

from molgen.search.bayesian.models.features import describe

PARENTS = (
    "CC(=O)Oc1ccccc1C(=O)O",
    "Cn1c(=O)c2c(ncn2C)n(C)c1=O",
    "CC(C)Cc1ccc(C(C)C(=O)O)cc1",
    "COc1cc(N(C)CCN(C)C)c(NC(=O)C=C)cc1Nc1nccc(n1)-c1cn(C)c2ccccc12",
    "C[N+](C)(C)CC(=O)[O-]",
    "C1CC1",
    "CCO",
)


def is_molecule(mol: Chem.Mol) -> bool:
    """Whether its SMILES is canonical, and read again makes a molecule that surrogates see alike."""
    smiles = Chem.MolToSmiles(mol)
    read = Chem.MolFromSmiles(smiles)
    seen, again = describe(mol), describe(read)
    alike = set(seen.columns) == set(again.columns) and (seen.composition == again.composition).all()
    return alike and Chem.MolToSmiles(read) == smiles and "." not in smiles
