#!/usr/bin/env bash
# rdkit 2026.9.1: a reaction that was written as an RXN block and read back makes an indole without the hydrogen of its nitrogen.
#
# The acetylation of 5-aminoindole, each molecule drawn, every atom that stays mapped. The indole isn't touched, and its NH is in
# the drawings. Read with ReactionFromRxnBlock and sanitized (SanitizeRxn, with the default parameters or with those for ChemDraw's
# files), the reaction runs, but its product can't be kekulized: the product's template has an aromatic nitrogen without a hydrogen,
# and the hydrogens of the reactant's atom aren't taken over. The same reaction of aniline gives acetanilide. Setting the hydrogens
# and NoImplicit of aromatic nitrogens in the product's template, as the block draws them, mends it.
#
# Seen: aniline -> CC(=O)Nc1ccccc1; 5-aminoindole -> Can't kekulize mol
# Exit status: 0 as described, 1 if it behaves otherwise.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q rdkit==2026.9.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from rdkit import Chem, RDLogger, rdBase
from rdkit.Chem import rdChemReactions as Reactions
from rdkit.Chem.rdDepictor import Compute2DCoords

RDLogger.DisableLog("rdApp.*")
ACID = "[CH3:1][C:2](=[O:3])O"
ANILINE = "[NH2:4][c:5]1[cH:6][cH:7][cH:8][cH:9][cH:10]1"
ACETANILIDE = "[CH3:1][C:2](=[O:3])[NH:4][c:5]1[cH:6][cH:7][cH:8][cH:9][cH:10]1"
INDOLE = "[NH2:4][c:5]1[cH:6][cH:7][c:8]2[nH:9][cH:10][cH:11][c:12]2[cH:13]1"
ACETYLATED = "[CH3:1][C:2](=[O:3])[NH:4][c:5]1[cH:6][cH:7][c:8]2[nH:9][cH:10][cH:11][c:12]2[cH:13]1"


def drawn(smiles: str) -> Chem.Mol:
    mol = Chem.MolFromSmiles(smiles)
    Compute2DCoords(mol)
    Chem.Kekulize(mol, clearAromaticFlags=True)
    return mol


def outcome(amine: str, amide: str, parameters: object) -> str:
    reaction = Reactions.ChemicalReaction()
    for smiles in (ACID, amine):
        reaction.AddReactantTemplate(drawn(smiles))
    reaction.AddProductTemplate(drawn(amide))
    read = Reactions.ReactionFromRxnBlock(Reactions.ReactionToRxnBlock(reaction))
    Reactions.SanitizeRxn(read, params=parameters)
    mols = [Chem.MolFromSmiles(smiles) for smiles in (ACID, amine)]
    for mol in mols:
        for atom in mol.GetAtoms():
            atom.SetAtomMapNum(0)
    made = read.RunReactants(mols)[0][0]
    try:
        Chem.SanitizeMol(made)
    except Chem.KekulizeException as error:
        return str(error)
    return Chem.MolToSmiles(made)


print("rdkit", rdBase.rdkitVersion)
as_described = True
for parameters in (Reactions.GetDefaultAdjustParams(), Reactions.GetChemDrawRxnAdjustParams()):
    aniline, indole = (outcome(*pair, parameters) for pair in ((ANILINE, ACETANILIDE), (INDOLE, ACETYLATED)))
    print(f"aniline -> {aniline}; 5-aminoindole -> {indole}")
    as_described &= aniline == "CC(=O)Nc1ccccc1" and indole.startswith("Can't kekulize mol")
sys.exit(not as_described)
PYTHON
