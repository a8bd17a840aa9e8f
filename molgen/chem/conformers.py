"""Molecules in three dimensions: charged as in water, every centre decided, embedded."""

from rdkit import Chem
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers
from rdkit.Chem.EnumerateStereoisomers import EnumerateStereoisomers, GetStereoisomerCount, StereoEnumerationOptions

MAX_STEPS = 1000  # of minimisation
ATTEMPTS = 20  # at embedding, with each of:
FALLBACKS: tuple[dict[str, bool], ...] = (
    {},
    {"useRandomCoords": True},
    {"useBasicKnowledge": False, "useExpTorsionAnglePrefs": False},  # for rings that can't be as flat as ETKDG expects
)


def protonated(smiles: str, ph: float) -> str:
    """The main form of a molecule at this pH, by the pKa rules of Dimorphite-DL (Ropp et al., J. Cheminf. 11, 14, 2019)."""
    from dimorphite_dl import protonate_smiles

    return protonate_smiles(smiles, ph_min=ph, ph_max=ph, precision=0.0, max_variants=1)[0]


def isomers(mol: Chem.Mol, n: int) -> list[Chem.Mol]:
    """At most `n` stereoisomers that `mol` may be and that can exist; itself where nothing is unspecified."""
    options = StereoEnumerationOptions(maxIsomers=n, onlyUnassigned=True, unique=True, rand=0)
    if GetStereoisomerCount(mol, options) == 1:
        return [mol]
    options.tryEmbedding = True  # a bridgehead has one configuration only
    return list(EnumerateStereoisomers(mol, options)) or [mol]


def embedded(mol: Chem.Mol, n: int = 1, seed: int = 0) -> Chem.Mol:
    """`mol` with hydrogens and `n` conformers by ETKDGv3, minimised by MMFF94s (UFF for atoms that it doesn't know).

    Raises
    ------
    ValueError
        The molecule can't be embedded.
    """
    solid = Chem.AddHs(mol)
    parameters = rdDistGeom.ETKDGv3()
    parameters.randomSeed = seed
    parameters.maxIterations = ATTEMPTS
    for change in FALLBACKS:
        for name, value in change.items():
            setattr(parameters, name, value)
        if rdDistGeom.EmbedMultipleConfs(solid, n, parameters):
            break
    else:
        raise ValueError("can't be embedded in three dimensions")
    if rdForceFieldHelpers.MMFFHasAllMoleculeParams(solid):
        rdForceFieldHelpers.MMFFOptimizeMoleculeConfs(solid, maxIters=MAX_STEPS, mmffVariant="MMFF94s")
    elif rdForceFieldHelpers.UFFHasAllMoleculeParams(solid):
        rdForceFieldHelpers.UFFOptimizeMoleculeConfs(solid, maxIters=MAX_STEPS)
    return solid
