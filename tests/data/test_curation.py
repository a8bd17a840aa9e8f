import numpy as np
import pandas as pd
import pytest

from molgen.chem.molecules import Molecules
from molgen.data.assay import Assay
from molgen.data.curation import curate
from molgen.data.dataset import Dataset, Endpoint, merge
from molgen.data.leakage import leakage
from molgen.errors import ConfigError, DataError

ALKANES = ["C" * n for n in range(1, 13)]


def table(**changes: list) -> pd.DataFrame:
    return pd.DataFrame({"smiles": ALKANES, "y": np.linspace(0, 1.1, 12)} | changes)


def test_the_report_counts_what_was_found() -> None:
    """Twelve alkanes, one more row each: a broken SMILES, a salt of ethanol, ethanol twice more, a stereoisomer."""
    rows = [*ALKANES, "x(", "CCO.[Na+].[Cl-]", "OCC", "C(O)C", "C[C@H](O)CC"]
    dataset, report = curate(pd.DataFrame({"smiles": rows, "y": np.linspace(0, 1.6, 17)}), Assay(labels=["y"]))
    assert (report.rows, report.unparsable, report.standardized, report.duplicates, report.conflicting) == (17, 1, 1, 2, 0)
    assert sum(report.changes.values()) >= 1
    assert report.molecules == len(dataset) == 14
    ethanol = dataset.molecules.smiles.index("CCO")
    assert dataset.labels[ethanol, 0] == pytest.approx(1.4)  # the median of 1.3, 1.4 and 1.5
    assert any("17 rows: 1 unreadable" in line for line in report.lines())


def test_contradictions_are_dropped_by_the_rule() -> None:
    rows = [*ALKANES, "CCO", "OCC", "CCN", "NCC", "NCC"]
    numbers = [*np.linspace(0, 1.1, 12), 0.0, 9.0, 1, 1, 1]
    dataset, report = curate(pd.DataFrame({"smiles": rows, "y": numbers}), Assay(labels=["y"]))
    assert "CCO" not in dataset.molecules.smiles
    assert "CCN" in dataset.molecules.smiles
    assert report.conflicting == 1
    classes = [0, 1] * 6 + [0, 1, 1, 1, 0]
    dataset, report = curate(pd.DataFrame({"smiles": rows, "y": classes}), Assay(labels=["y"]))
    assert dataset.endpoints[0].task == "classification"
    assert "CCO" not in dataset.molecules.smiles
    assert dataset.labels[dataset.molecules.smiles.index("CCN"), 0] == 1  # two of three


@pytest.mark.parametrize(
    ("changes", "labels", "hint"),
    [
        ({"y": ["low"] + [1] * 11}, ["y"], "'low' in row 1 is not a number"),
        ({"y": [1] * 12}, ["y"], "all labels are the same"),
        ({"y": [np.nan] * 12}, ["y"], "all labels are the same or missing"),
        ({}, ["Y1"], "no label column 'Y1'.*found: y"),
        ({"smiles": ["C"] * 12, "y": [1.0, 1.1] * 6}, ["y"], "labelled, valid, distinct molecules"),
        ({"y": list("abcdefghijkl")}, [], "no column of numbers"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused_in_a_line(changes: dict, labels: list, hint: str) -> None:
    with pytest.raises(DataError, match=hint) as caught:
        curate(table(**changes), Assay(labels=labels))
    assert "\n" not in str(caught.value)


def test_a_single_row_is_refused() -> None:
    with pytest.raises(DataError, match="nothing to learn"):
        curate(pd.DataFrame({"smiles": ["CCO"], "y": [1.0]}), Assay(labels=["y"]))


def test_imbalance_and_few_labels_are_warned_of() -> None:
    _, report = curate(
        pd.DataFrame({"smiles": [*ALKANES, *("N" + text for text in ALKANES)], "y": [1] + [0] * 23}), Assay(labels=["y"])
    )
    warnings = " ".join(report.warnings)
    assert "4.2% positive" in warnings
    assert "24 labels are few" in warnings


def test_leakage_counts_identical_molecules_and_stereoisomers() -> None:
    def part(smiles: list[str], labels: list[float]) -> Dataset:
        return Dataset(Molecules(smiles), np.array(labels)[:, None], (Endpoint("y"),))

    train = part(["C[C@H](N)C(=O)O", "c1ccccc1O", "CCCCCC"], [1, 2, 3])
    test = part(["C[C@@H](N)C(=O)O", "Oc1ccccc1", "O=S(C)(C)=O"], [10, 11, 12])
    found = leakage(train, test)
    assert found.identical == 1
    assert found.same_skeleton == 2
    assert found.similar == pytest.approx(2 / 3)
    assert found.shift["y"][0] == 1  # no overlap of the labels


def test_merged_sets_keep_every_label_where_it_belongs() -> None:
    first = Dataset(Molecules(["CCO", "CCN"]), np.array([[1.0], [2.0]]), (Endpoint("a"),))
    second = Dataset(Molecules(["CCN", "CCC"]), np.array([[3.0], [4.0]]), (Endpoint("b"),))
    merged = merge([first, second])
    assert merged.molecules.smiles == ("CCO", "CCN", "CCC")
    np.testing.assert_array_equal(merged.labels, [[1, np.nan], [2, 3], [np.nan, 4]])


@pytest.mark.parametrize("name", ["smiles", "Problem", "", " x", "a\nb", "IC50 <nM>", "$K_i$", "_x", "a" * 100])
def test_an_endpoint_has_a_name_that_tables_and_plots_can_hold(name: str) -> None:
    with pytest.raises(ConfigError, match=r"data\.labels: the name"):
        Endpoint(name)


def test_an_endpoint_is_not_called_like_the_results_of_another() -> None:
    assert Endpoint("CL (mL/min/kg)").name == "CL (mL/min/kg)"
    for other, hint in (("pIC50_std", "the column for the std of 'pIC50'"), ("pIC50", "is there twice")):
        with pytest.raises(ConfigError, match=hint):
            Dataset(Molecules(["C"]), np.ones((1, 2)), (Endpoint("pIC50"), Endpoint(other)))


def test_endpoints_know_between_what_their_labels_lie() -> None:
    labels = np.array([[float(i), np.nan] for i in range(101)])
    dataset = Dataset(Molecules(["C" * (i + 1) for i in range(101)]), labels, (Endpoint("a"), Endpoint("b")))
    assert [(endpoint.low, endpoint.high) for endpoint in dataset.ranged()] == [(5, 95), (None, None)]


def test_salts_of_metals_that_may_act_are_told() -> None:
    """Sodium does nothing of its own, zinc and silver may; phenylmercury stays whole."""
    rows = [*ALKANES, "CC(=O)[O-].[Na+]", "CCC(=O)[O-].[Ag+]", "CN(C)C(=S)S[Zn]SC(=S)N(C)C", "[Hg+]c1ccccc1.CC(=O)[O-]"]
    _, report = curate(pd.DataFrame({"smiles": rows, "y": np.linspace(0, 1.5, 16)}), Assay(labels=["y"]))
    (told,) = [text for text in report.warnings if "learnt without" in text]
    assert told.startswith("row 14 and 1 more: learnt without Ag, Zn")
    _, report = curate(pd.DataFrame({"smiles": rows[:13], "y": np.linspace(0, 1.2, 13)}), Assay(labels=["y"]))
    assert not [text for text in report.warnings if "learnt without" in text]
