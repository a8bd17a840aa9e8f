"""How the molecules of one set resemble those of another: the metrics of MOSES and GuacaMol."""

import functools
from collections import Counter
from collections.abc import Sequence

import fcd
import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import BRICS, Descriptors
from rdkit.Chem.Scaffolds import MurckoScaffold
from scipy.stats import entropy, gaussian_kde, wasserstein_distance

from molgen.chem.alerts import alerts
from molgen.chem.druglikeness import qed
from molgen.chem.molecules import Molecules
from molgen.chem.similarity import bit_matrix, nearest_neighbours, tanimoto_matrix
from molgen.chem.synthesis import sa_score

Array = NDArray[np.float64]

PROPERTIES = {"logP": Descriptors.MolLogP, "QED": qed, "SA": sa_score, "weight": Descriptors.MolWt, "TPSA": Descriptors.TPSA}
ALERTS = ("PAINS", "BRENK")
# GuacaMol's descriptors: of the first the density is estimated, the second are counted in ten bins.
CONTINUOUS = ("BertzCT", "MolLogP", "MolWt", "TPSA")
COUNTED = ("NumHAcceptors", "NumHDonors", "NumRotatableBonds", "NumAliphaticRings", "NumAromaticRings")
BLOCK = 2000


class Population:
    """The valid molecules of a set, with what the comparisons need of them, computed when first asked for."""

    def __init__(self, smiles: Sequence[str]) -> None:
        self.smiles = [text for text in Molecules(smiles).canonical if text is not None]

    def __len__(self) -> int:
        return len(self.smiles)

    @functools.cached_property
    def mols(self) -> list[Chem.Mol]:
        """The molecules."""
        return [Chem.MolFromSmiles(text) for text in self.smiles]

    @functools.cached_property
    def bits(self) -> NDArray[np.uint8]:
        """ECFP4 [n, 1024], as in MOSES."""
        return bit_matrix(self.mols, "ECFP4 1024")

    @functools.cached_property
    def fragments(self) -> Counter[str]:
        """How often each BRICS fragment occurs."""
        return Counter(text for mol in self.mols for text in Chem.MolToSmiles(BRICS.BreakBRICSBonds(mol)).split("."))

    @functools.cached_property
    def scaffolds(self) -> Counter[str]:
        """How often each Murcko scaffold with two rings or more occurs."""
        found = [MurckoScaffold.GetScaffoldForMol(mol) for mol in self.mols]
        return Counter(Chem.MolToSmiles(mol) for mol in found if mol.GetRingInfo().NumRings() >= 2)

    @functools.cached_property
    def properties(self) -> dict[str, Array]:
        """Values [n] of each of `PROPERTIES`."""
        return {name: np.array([function(mol) for mol in self.mols]) for name, function in PROPERTIES.items()}

    @functools.cached_property
    def chemnet(self) -> tuple[Array, Array]:
        """Mean and covariance of ChemNet's activations."""
        activations = fcd.get_predictions(fcd.load_ref_model(), self.smiles, n_jobs=0)
        return activations.mean(0), np.cov(activations.T)

    @functools.cached_property
    def flat(self) -> "Population":
        """The distinct molecules without stereochemistry, as GuacaMol has them."""
        return Population(sorted({Chem.MolToSmiles(mol, isomericSmiles=False) for mol in self.mols}))

    @functools.cached_property
    def descriptors(self) -> dict[str, Array]:
        """Values [n] of GuacaMol's descriptors, nan as 0."""
        functions = {name: getattr(Descriptors, name) for name in CONTINUOUS + COUNTED}
        return {name: np.nan_to_num([function(mol) for mol in self.mols]) for name, function in functions.items()}

    @functools.cached_property
    def closest(self) -> Array:
        """Similarity [n] of each molecule to the nearest other one (ECFP4, 4,096 bits)."""
        bits = bit_matrix(self.mols, "ECFP4 4096")
        best = np.zeros(len(bits))
        for start in range(0, len(bits), BLOCK):
            similarity = tanimoto_matrix(bits[start : start + BLOCK], bits)
            rows = np.arange(len(similarity))
            similarity[rows, start + rows] = 0
            best[start : start + BLOCK] = similarity.max(1)
        return best


def internal_diversity(population: Population) -> float:
    """Mean Tanimoto distance of all pairs, a molecule with itself among them (Benhenda, arXiv:1708.08227)."""
    bits = population.bits
    means = [tanimoto_matrix(bits[i : i + BLOCK], bits).mean(1) for i in range(0, len(bits), BLOCK)]
    return 1 - float(np.concatenate(means).mean())


def nearest_similarity(made: Population, reference: Population) -> float:
    """Mean Tanimoto similarity to the nearest molecule of the reference (SNN)."""
    return float(nearest_neighbours(made.bits, reference.bits)[0].mean())


def count_similarity(made: Counter[str], reference: Counter[str]) -> float:
    """Cosine of the angle between two vectors of counts."""
    shared = sum(count * reference[key] for key, count in made.items())
    lengths = [sum(count**2 for count in counts.values()) ** 0.5 for counts in (made, reference)]
    return shared / (lengths[0] * lengths[1]) if all(lengths) else 0.0


def chemnet_distance(made: Population, reference: Population) -> float:
    """Frechet ChemNet distance (Preuer et al., J. Chem. Inf. Model. 58, 1736, 2018), by the package of its authors."""
    (mean, covariance), (other_mean, other_covariance) = made.chemnet, reference.chemnet
    return float(fcd.calculate_frechet_distance(mean, covariance, other_mean, other_covariance))


def divergence_score(made: Population, reference: Population) -> float:
    """GuacaMol's KL score: the mean of exp(-KL divergence) over descriptors and internal similarity, 1 = the same."""
    left, right = reference.flat, made.flat
    divergences = [_continuous(left.descriptors[name], right.descriptors[name]) for name in CONTINUOUS]
    divergences += [_counted(left.descriptors[name], right.descriptors[name]) for name in COUNTED]
    divergences.append(_continuous(left.closest, right.closest))
    return float(np.exp(-np.array(divergences)).mean())


def _continuous(reference: Array, made: Array) -> float:
    both = np.concatenate([reference, made])
    at = np.linspace(both.min(), both.max(), 1000)
    return float(entropy(gaussian_kde(reference)(at) + 1e-10, gaussian_kde(made)(at) + 1e-10))


def _counted(reference: Array, made: Array) -> float:
    first, edges = np.histogram(reference, bins=10, density=True)
    second, _ = np.histogram(made, bins=edges, density=True)
    return float(entropy(first + 1e-10, second + 1e-10))


def good_share(population: Population) -> float:
    """The share with QED >= 0.6 and SA score <= 4, GenMol's quality."""
    values = population.properties
    return float(((values["QED"] >= 0.6) & (values["SA"] <= 4)).mean())


def passing_share(population: Population) -> float:
    """The share without an alert of `ALERTS`."""
    return float(np.mean([not any(alerts(mol, name) for name in ALERTS) for mol in population.mols]))


def compare(made: Population, reference: Population) -> dict[str, float]:
    """All figures of a set of molecules beside a reference; of properties their Wasserstein distance in the property's unit."""
    figures = {
        "FCD": chemnet_distance(made, reference),
        "SNN": nearest_similarity(made, reference),
        "fragments": count_similarity(made.fragments, reference.fragments),
        "scaffolds": count_similarity(made.scaffolds, reference.scaffolds),
        "KL score": divergence_score(made, reference),
    }
    distances = {
        name: float(wasserstein_distance(values, reference.properties[name])) for name, values in made.properties.items()
    }
    return figures | distances
