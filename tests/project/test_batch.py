import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from molgen.data.readers import Table
from molgen.errors import DataError
from molgen.project.batch import Batch, Estimates
from molgen.project.nearest import KnownCompounds
from molgen.project.picking import Picking

ANISOLE, CHLORIDE, ALANINE = "COc1ccccc1", "Clc1ccccc1", "C[C@H](N)C(=O)O"


def known(**columns: list[object]) -> KnownCompounds:
    return KnownCompounds.of_table(Table.of(pd.DataFrame(columns)), "known.csv")


def test_a_batch_says_what_is_expected_of_each_molecule() -> None:
    value = np.array([7.123, 6.5])
    potency = Estimates(
        "potency", "pIC50", value, np.array([0.42, 0.5]), value - 0.7, value + 0.7, np.array(["", "logP 9"], object)
    )
    neighbours = known(smiles=[ANISOLE, "CCCCCCCC"], name=["a", "b"], pIC50=["6.1", "4.0"]).nearest([CHLORIDE, "NS(=O)(=O)C1CC1"])
    batch = Batch(
        "t", ("t-1", "t-2"), (CHLORIDE, "NS(=O)(=O)C1CC1"), (potency,), chance=np.array([0.5, 0.25]),
        purposes=("improve", "learn"), neighbours=neighbours, facts=pd.DataFrame({"potency": ["x", "y"]}),
    )  # fmt: skip
    frame = batch.to_pandas()
    assert list(frame) == [
        "id", "smiles", "chance", "purpose", "potency", "potency_error", "potency_low", "potency_high", "potency_in_domain",
        "potency_outside", "nearest", "nearest_smiles", "nearest_pIC50", "nearest_similarity", "nearest_change", "potency_2",
    ]  # fmt: skip
    assert frame["potency"].tolist() == value.tolist()
    assert frame["potency_in_domain"].tolist() == [True, False]
    assert frame["potency_outside"].tolist() == ["", "logP 9"]
    assert frame.attrs["units"] == {"potency": "pIC50"}
    assert frame["nearest_pIC50"].tolist() == [6.1, 6.1]
    assert frame["nearest_change"].tolist() == ["[*]OC -> [*]Cl", ""]
    assert potency.decimals == 2  # two digits of an error of 0.4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ids": ("a", "a")}, "a is there twice"),
        ({"smiles": ("C",)}, "batch.smiles: has 1 rows for 2 molecules"),
        ({"purposes": ("improve", "hope")}, "no 'hope'"),
    ],
)
def test_a_batch_that_contradicts_itself_is_refused(change: dict[str, tuple[str, ...]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Batch(**({"title": "t", "ids": ("a", "b"), "smiles": ("C", "CC")} | change))


def test_known_compounds_hold_salts_and_stereoisomers_of_theirs() -> None:
    compounds = known(smiles=[f"{ALANINE}.Cl", "not a molecule", ANISOLE])
    assert compounds.notes == ("known.csv: row 2: not a SMILES: syntax error; left out",)
    asked = [ALANINE, "C[C@@H](N)C(=O)O", "CC(N)C(=O)O", "CC(N)C(=O)OC", ANISOLE]
    assert [compounds.hold(Chem.MolFromSmiles(text)) for text in asked] == [True, True, True, False, True]


def test_bounds_stay_bounds_and_repeated_measurements_stay_together() -> None:
    columns = {"smiles": [ANISOLE, ANISOLE, CHLORIDE], "IC50": ["10000", "8000", "5"], "IC50 relation": [">", "=", ""]}
    compounds = known(**columns, units=["nM", "nM", "uM"])
    assert [dict(each) for each in compounds.measured] == [{"IC50": ">10000 nM; 8000 nM"}, {"IC50": "5 uM"}]
    negative = known(smiles=[ANISOLE, CHLORIDE], pIC50=["4", "5.5"], **{"IC50 relation": [">", ""]})
    assert [dict(each) for each in negative.measured] == [{"pIC50": "<4"}, {"pIC50": "5.5"}]  # the bound of a logarithm turns


def test_picking_keeps_to_its_limits() -> None:
    ranked = ["CCCCCCCO", "CCCCCCCCO", "c1ccccc1O", "Cc1ccccc1", "c1ccncc1N", "C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O", "CCN(C)C=O"]
    picked = Picking(n=10, diverse=0.6, per_scaffold=1)(ranked, [known(smiles=["c1ccncc1N"])])
    assert [ranked[i] for i in picked.rows] == ["CCCCCCCO", "c1ccccc1O", "C[C@H](N)C(=O)O", "CCN(C)C=O"]
    assert dict(picked.left_out) == {
        "too similar to one of these": 2,  # an alcohol with a carbon more, and an enantiomer
        "of a scaffold of which there are enough": 1,
        "in known.csv": 1,
    }
    twins = Picking(n=10, diverse=1)(["C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O", "C[C@H](N)C(=O)O.Cl"], [])
    assert twins.rows == (0,)
    assert len(Picking(n=2)(ranked, []).rows) == 2


def test_the_low_end_of_an_interval_of_logarithms_is_never_printed_as_zero() -> None:
    value, factor = np.array([8.7, 0.31, 222.4]), np.array([15.0, 40.0, 20.0])
    low, high = value / factor, value * factor
    clearance = Estimates("clearance", "uL/min/mg", value, (high - low) / 3.29, low, high)
    batch = Batch("t", ("t-1", "t-2", "t-3"), (CHLORIDE, "CCO", "CCN"), (clearance,))
    columns = {column.heading: column for column in batch.columns()}
    assert columns["clearance low (uL/min/mg)"].decimals == 4  # 0.58, 0.0078, 11
    assert columns["clearance high (uL/min/mg)"].decimals == 0
    assert [clearance.text(each) for each in (0.058, 8.7, 1305.2)] == ["0.058", "8.7", "1305"]
    percent = Estimates("inhibition", "%", value + 50, np.full(3, 9.1), value + 35, value + 65)
    assert percent.text(0.04) == "0.0"
