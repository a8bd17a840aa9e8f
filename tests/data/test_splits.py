"""Splits and folds of what projects have: a series on one scaffold, acyclic molecules, one large group among small ones."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from rdkit.Chem import Crippen

from molgen.chem.molecules import Molecules
from molgen.chem.scaffolds import murcko
from molgen.cli.commands import main
from molgen.data.chronology import ORDERED
from molgen.data.splits import SPLITS, grouped_folds, split
from molgen.errors import DataError

BY_MOLECULES = tuple(kind for kind in SPLITS if kind not in ORDERED)  # the others go by a column of a table
SUBSTITUENTS = ("F", "Cl", "Br", "C", "CC", "OC", "N", "C#N", "C(F)(F)F", "OCC", "S(C)(=O)=O")
SERIES = [f"O=C(Nc1ccc({a})cc1)c1cc({b})cnc1" for a in SUBSTITUENTS for b in SUBSTITUENTS][:120]
OTHERS = [
    "c1ccccc1CCO", "c1ccsc1C", "C1CCCCC1N", "c1ccc2ccccc2c1", "c1cc[nH]c1", "C1CCNCC1", "C1COCCN1",
    "c1ccncc1O", "c1cnoc1C", "C1CC1C(=O)O", "c1nc[nH]n1", "C1CCC1O", "c1ccoc1CO", "C1CCCCCC1",
    "c1cnccn1", "c1ccc2[nH]ccc2c1", "c1ccc2occc2c1", "C1CCSC1", "C1CNCCN1C", "c1nncn1C",
]  # fmt: skip
ACYCLIC = [f"{'C' * n}{end}" for n in range(1, 41) for end in ("O", "N", "Cl")]


def part_sizes(smiles: list[str], kind: str, test: float = 0.2) -> tuple[int, int]:
    train, held_out = split(Molecules(smiles), kind, test, seed=0)
    assert sorted([*train, *held_out]) == list(range(len(smiles)))
    return len(train), len(held_out)


def test_one_scaffold_cannot_be_split_by_scaffolds_and_the_error_names_what_can() -> None:
    with pytest.raises(DataError, match=r"leave 120 to train on and 0 to test .* choose split=butina or split=random"):
        part_sizes(SERIES, "scaffold")
    for kind in set(BY_MOLECULES) - {"scaffold"}:
        assert part_sizes(SERIES, kind) == (96, 24)


def test_the_largest_scaffold_trains_though_it_is_larger_than_the_training_part() -> None:
    train, held_out = split(Molecules(OTHERS + SERIES), "scaffold", 0.2, seed=0)
    assert (train >= 20).all()
    assert len(train) == 120
    assert len(held_out) == 20
    with pytest.raises(DataError, match=r"leave 120 to train on and 3 to test on where test=0\.2 asks for 25"):
        part_sizes(SERIES + OTHERS[:3], "scaffold")


def test_two_halves_are_no_split_of_a_fifth() -> None:
    halves = SERIES[:60] + [text.replace("cnc1", "ccc1") for text in SERIES[:60]]
    with pytest.raises(DataError, match="leave 60 to train on and 60 to test on"):
        part_sizes(halves, "scaffold")
    assert part_sizes(halves, "scaffold", test=0.5) == (60, 60)


def test_large_scaffolds_train_and_small_ones_test(samples: list[str]) -> None:
    molecules = Molecules(samples)
    parts = split(molecules, "scaffold", 0.2, seed=0)
    train, held_out = (pd.Series([murcko(molecules.mols[i]) for i in rows]).loc[lambda names: names != ""] for rows in parts)
    assert not set(train) & set(held_out)
    assert held_out.value_counts().max() <= train.value_counts().max()
    assert not np.array_equal(parts[1], split(molecules, "scaffold", 0.2, seed=1)[1])


@pytest.mark.parametrize("kind", BY_MOLECULES)
def test_acyclic_molecules_are_split_too(kind: str) -> None:
    train, held_out = part_sizes(ACYCLIC, kind)
    assert 60 < train < 110
    assert 12 <= held_out <= 48


def test_stereoisomers_without_rings_stay_together() -> None:
    smiles = [f"{'C' * n}[C@{sign}H](F)Cl" for n in range(1, 25) for sign in ("", "@")]
    train, held_out = split(Molecules(smiles), "scaffold", 0.2, seed=0)
    assert not {i // 2 for i in train} & {i // 2 for i in held_out}


@pytest.mark.parametrize(
    ("smiles", "kind"),
    [(SERIES, "butina"), (SERIES + OTHERS, "butina"), (ACYCLIC, "scaffold"), (["C" * n for n in range(20, 40)], "scaffold")],
)
def test_folds_are_of_scaffolds_where_these_can_be_spread(smiles: list[str], kind: str) -> None:
    found, folds = grouped_folds(Molecules(smiles), 5, seed=0)
    assert found == kind
    assert sorted(np.concatenate([test for _, test in folds])) == list(range(len(smiles)))
    assert all(len(train) >= len(test) > 0 for train, test in folds)


def test_folds_of_molecules_all_alike_are_random() -> None:
    """Benzamides with a methyl and a chain: one scaffold, one cluster."""
    alike = [f"O=C(Nc1ccccc1)c1ccccc1{'C' * n}" for n in range(6, 26)]
    found, folds = grouped_folds(Molecules(alike), 5, seed=0)
    assert found == "random"
    assert [len(test) for _, test in folds] == [4] * 5


def test_a_series_trains_from_its_file(tmp_path: Path) -> None:
    """The usual project: 60 analogues of one scaffold, their potency in nM over five decades, some beyond what was tested."""
    smiles = SERIES[:60]
    logp = Molecules(smiles).map(Crippen.MolLogP)
    potency = 10 ** (9 - np.interp(logp, (logp.min(), logp.max()), (3.5, 9)))
    cells = [">100000" if value > 1e5 else f"{value:.3f}" for value in potency]
    pd.DataFrame({"no": range(60), "smiles": smiles, "IC50 (nM)": cells}).to_csv(tmp_path / "series.csv", index=False)
    small = ["predictor.trees.n_estimators=20", "predictor.folds=3", "folds=2", f"folder={tmp_path / 'mine'}"]
    command = ["train", "predictor=boosted", f"data={tmp_path / 'series.csv'}", *small]
    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 1
    assert "choose split=butina or split=random" in refused.output
    trained = CliRunner().invoke(main, [*command, "split=random", "data.censored=bound"])
    assert trained.exit_code == 0, trained.output
    for line in (
        "not taken: no (an identifier)",
        "IC50 (nM): learnt as pIC50 in -log10(mol/L)",
        "bounds kept as bounds, for predictors that learn from them (boosted, graph_network)",
        "split=random: 48 molecules to train on, 12 to test on",
        "scaffolds can't be spread over 2 folds",
        "pIC50: held-out random mae",
    ):
        assert line in trained.output
