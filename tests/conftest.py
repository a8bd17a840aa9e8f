"""Molecules and small models that many tests use."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from rdkit import Chem
from rdkit.Chem import AllChem

from molgen.chem.assembly import Assembly
from molgen.chem.molecules import Molecules
from molgen.chem.tokens import Vocabulary
from molgen.generators.shipped import load_generator
from molgen.generators.transformer import Transformer

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")  # values are the CPU's, and so is what tests compute themselves

pytest_plugins = ["tests.servers", "tests.strangers", "tests.wheels"]

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
CAFFEINE = "Cn1c(=O)c2c(ncn2C)n(C)c1=O"
UNUSUAL = (Path(__file__).parent / "unusual.smi").read_text().split()


def assembled(names: list[str]) -> Assembly:
    """What these steps make."""
    assembly = Assembly()
    for name in names:
        assembly.add(name)
    return assembly


@pytest.fixture(scope="session", autouse=True)
def scores_of_this_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache of dear scores that nobody else uses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOLGEN_CACHE", f"sqlite:///{tmp_path_factory.mktemp('cache')}/scores.sqlite")
        yield


@pytest.fixture(autouse=True)
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody but molgen, whatever a test trusts: `trust=` lasts as long as the process."""
    monkeypatch.setenv("MOLGEN_TRUST", "")


@pytest.fixture(scope="session")
def peptide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten amino acids as a PDB file without hydrogens, like a structure from a crystal."""
    chain = Chem.AddHs(Chem.MolFromSequence("GAFWDSKLEG"), addResidueInfo=True)
    AllChem.EmbedMolecule(chain, randomSeed=7)
    AllChem.MMFFOptimizeMolecule(chain)
    path = tmp_path_factory.mktemp("receptors") / "peptide.pdb"
    Chem.MolToPDBFile(Chem.RemoveHs(chain), str(path))
    return path


@pytest.fixture(scope="session")
def samples() -> list[str]:
    """Three hundred valid, distinct, drug-like molecules: canonical SMILES that the shipped prior wrote."""
    canonical = Molecules(load_generator("prior").sample(400, seed=7)).canonical
    return list(dict.fromkeys(text for text in canonical if text is not None))[:300]


@pytest.fixture(scope="session")
def tiny(samples: list[str]) -> Transformer:
    """An untrained transformer of a few thousand weights; don't train it."""
    generator = Transformer(width=32, layers=2, heads=2, max_length=80)
    generator.initialize(Vocabulary.from_smiles(samples))
    return generator


@pytest.fixture
def smi_file(tmp_path: Path, samples: list[str]) -> Path:
    """The samples as a .smi file."""
    path = tmp_path / "molecules.smi"
    path.write_text("\n".join(samples))
    return path
