"""What the columns of an assay table mean: public tables, repeated measurements, classes.

Right values are worked out by hand, or stand in tests/cases.
"""

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from molgen.data.assay import classes
from molgen.errors import DataError
from tests.conftest import ASPIRIN
from tests.data.assays import CASES, MOLECULES, curated, read, table


class TestPublicTables:
    def test_chembl_value_in_nm(self) -> None:
        dataset, report, said = curated(read("chembl.csv", "Smiles", sep=";"), labels=["Standard Value"])
        assert len(dataset) == 15
        assert dataset.endpoints[0].unit == "nM"
        assert dataset.labels[0, 0] == 1076.0
        assert report.endpoints["Standard Value"]["lower bounds"] == 5
        assert "Standard Value: 5 bounds left out; data.censored=exact" in said

    def test_chembl_pvalue_and_logarithm_of_the_value_agree(self) -> None:
        frame = read("chembl.csv", "Smiles", sep=";")
        given_, _, _ = curated(frame, labels=["pChEMBL Value"])
        taken, _, said = curated(frame, labels=["Standard Value"], log=True)
        assert taken.endpoints[0].name == "pIC50"
        assert (taken.endpoints[0].unit, given_.endpoints[0].unit) == ("-log10(mol/L)", "-log10(mol/L)")
        np.testing.assert_allclose(taken.labels, given_.labels, atol=0.0051)
        assert taken.molecules.smiles == given_.molecules.smiles
        assert "learnt as pIC50 in -log10(mol/L)" in said

    @pytest.mark.parametrize("label", ["pChEMBL Value", "Standard Value"])
    def test_a_chembl_bound_is_carried_turned_round(self, label: str) -> None:
        """CHEMBL100: IC50 > 2386.1 nM, so its pIC50 is below 5.622."""
        dataset, _, _ = curated(read("chembl.csv", "Smiles", sep=";"), labels=[label], log=True, censored="bound")
        assert len(dataset) == 20
        assert np.isnan(dataset.labels[0, 0])
        assert dataset.relations[0, 0] == -1
        assert dataset.bounds[0, 0] == pytest.approx(5.6223, abs=1e-4)
        assert (dataset.relations != 0).sum() == np.isnan(dataset.labels).sum() == 5
        part = dataset.take([0, 1])
        np.testing.assert_array_equal(part.relations, [[-1], [0]])

    def test_chembl_without_named_labels(self) -> None:
        _, report, said = curated(read("chembl.csv", "Smiles", sep=";"))
        assert list(report.endpoints) == ["pChEMBL Value"]
        assert report.not_taken["Standard Value"] == "the same as pChEMBL Value"
        assert "data.labels=[...]" in said

    def test_bindingdb(self) -> None:
        frame = read("bindingdb.tsv", "Ligand SMILES", sep="\t")
        dataset, report, _ = curated(frame, labels=["IC50 (nM)"])
        assert len(dataset) == 16
        assert dataset.labels[0, 0] == 830.48
        assert report.endpoints["IC50 (nM)"]["lower bounds"] == 4
        with pytest.raises(DataError, match="all 7 values are bounds"):
            curated(frame, labels=["Ki (nM)"])
        assert curated(frame)[1].not_taken["Kd (nM)"] == "empty"

    def test_pubchem(self) -> None:
        frame = read("pubchem.csv", "PUBCHEM_EXT_DATASOURCE_SMILES").iloc[3:]
        frame.attrs["units"] = {"IC50": "MICROMOLAR"}
        dataset, report, _ = curated(frame)
        assert list(report.endpoints) == ["PUBCHEM_ACTIVITY_OUTCOME", "IC50"]
        np.testing.assert_array_equal(dataset.labels[:3], [[0, 0.01], [1, 0.943], [1, 29.54]])
        assert dataset.endpoints[1].unit == "uM"
        logarithms, _, _ = curated(frame, labels=["IC50"], log=True)
        assert logarithms.labels[0, 0] == pytest.approx(8.0)  # 0.010 uM

    def test_tags_of_an_sdf(self) -> None:
        mols = list(Chem.SDMolSupplier(str(CASES / "numtag.sdf")))
        rows = [{"smiles": Chem.MolToSmiles(mol), "name": mol.GetProp("_Name")} | mol.GetPropsAsDict() for mol in mols]
        dataset, report, _ = curated(pd.DataFrame(rows).astype(str))
        assert list(report.endpoints) == ["pIC50", "Active"]
        assert dataset.labels[0].tolist() == [5.4, 0]

    def test_words_for_classes_trailing_commas_and_micro_signs(self) -> None:
        assert curated(read("lab.csv"), labels=["Active"])[0].labels.sum() == 6
        assert curated(read("trailrow.csv"), labels=["pIC50"])[0].labels[:, 0].tolist() == [
            pytest.approx(5 + i / 10) for i in range(20)
        ]
        dataset, _, _ = curated(read("latin1.csv", encoding="latin-1"))
        assert dataset.endpoints[0].unit == "uM"
        assert dataset.labels[0, 0] == 7.44


class TestReplicates:
    def frame(self, *rows: str) -> pd.DataFrame:
        """Aspirin measured as `rows` say, and ten others from 1 to 10."""
        values = [*rows, *map(str, range(1, 11))]
        return pd.DataFrame({"smiles": [ASPIRIN] * len(rows) + MOLECULES[1:11], "y": values})

    @pytest.mark.parametrize(
        ("rows", "label"),
        [
            (("5", "6", "5.2"), 5.2),
            (("1", "9"), None),  # further apart than a standard deviation of all
            (("5", ">3"), 5),
            (("5", "<3", "<9"), 5),  # within that
            (("5", ">100"), None),
        ],
    )
    def test_measurements(self, rows: tuple[str, ...], label: float | None) -> None:
        dataset, report, _ = curated(self.frame(*rows), labels=["y"])
        assert (ASPIRIN in dataset.molecules.smiles) == (label is not None)
        assert report.conflicting == (label is None)
        if label is not None:
            assert dataset.labels[dataset.molecules.smiles.index(ASPIRIN), 0] == label

    @pytest.mark.parametrize(
        ("rows", "relation", "bound"), [((">5", ">8"), 1, 8), (("<5", "<8"), -1, 5), ((">3", "<8"), 0, None)]
    )
    def test_bounds_alone(self, rows: tuple[str, ...], relation: int, bound: float | None) -> None:
        dataset, report, _ = curated(self.frame(*rows), labels=["y"], censored="bound")
        assert (ASPIRIN in dataset.molecules.smiles) == (bound is not None)
        assert report.conflicting == (bound is None)
        if bound is not None:
            place = dataset.molecules.smiles.index(ASPIRIN)
            assert (dataset.relations[place, 0], dataset.bounds[place, 0]) == (relation, bound)

    def test_their_spread_is_reported(self) -> None:
        """5 and 6 have a standard deviation of 0.7071."""
        _, report, said = curated(self.frame("5", "6"), labels=["y"])
        assert report.endpoints["y"]["std of repeats"] == 0.7071
        assert "repeated 1, std of repeats 0.7071" in said

    def test_logarithms_have_a_median_of_their_own(self) -> None:
        """Of 100 and 200 nM: 141.4 nM, pIC50 6.8495, not the 6.8239 of 150 nM."""
        smiles = [MOLECULES[0], *MOLECULES[:12]]
        values = ["100", "200", *(str(10.0 ** (i / 2)) for i in range(11))]
        dataset, _, _ = curated(pd.DataFrame({"smiles": smiles, "IC50 (nM)": values}))
        assert dataset.labels[0, 0] == pytest.approx(6.8495, abs=1e-4)


class TestClasses:
    def test_words(self) -> None:
        found = classes(
            ["Active", "inactive", "Inconclusive", "YES", "no", "non-toxic", True, False, 1, 0.0, None, "Hit", "+", "-"]
        )
        np.testing.assert_array_equal(found, [1, 0, np.nan, 1, 0, 0, 1, 0, 1, 0, np.nan, 1, 1, 0])

    def test_the_first_unknown_word_is_named(self) -> None:
        with pytest.raises(DataError, match="column 'label': 'maybe' in row 2 is no word for a class"):
            classes(["yes", "maybe", "perhaps"])
        with pytest.raises(DataError, match="column 'y': 'high' in row 1 is no word for a class"):
            curated(table(y=["high", "low"] * 6), labels=["y"])
