"""What the columns of an assay table mean. Right values are worked out by hand, or stand in tests/cases."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from molgen.data.assay import Assay, classes
from molgen.data.catalog import Molfile
from molgen.data.cells import read_numbers
from molgen.data.columns import endpoint_columns
from molgen.data.curation import curate, read_dataset
from molgen.data.dataset import Dataset
from molgen.data.quality import QualityReport
from molgen.data.units import limits, parse_unit, split_name
from molgen.errors import ConfigError, DataError
from tests.conftest import ASPIRIN

CASES = Path(__file__).parents[1] / "cases" / "files"
MOLECULES = pd.read_csv(CASES / "lab.csv")["SMILES"].tolist()  # twenty, all different; the first is aspirin


def read(name: str, column: str = "SMILES", **settings: Any) -> pd.DataFrame:
    """A table as text to the letter, as every text format comes in."""
    settings = {"dtype": str, "keep_default_na": False, "index_col": False} | settings
    return pd.read_csv(CASES / name, **settings).rename(columns={column: "smiles"})


def table(**columns: list) -> pd.DataFrame:
    """The first of `MOLECULES` with measured columns."""
    rows = len(next(iter(columns.values())))
    return pd.DataFrame({"smiles": MOLECULES[:rows]} | columns)


def curated(frame: pd.DataFrame, **settings: Any) -> tuple[Dataset, QualityReport, str]:
    dataset, report = curate(frame, Assay(**settings))
    return dataset, report, "\n".join(report.lines())


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


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "value", "relation"),
        [
            (" 830.48", 830.48, 0), (">10000", 10000, 1), ("<0.5", 0.5, -1), ("~ 5", 5, 0), (">= 3", 3, 1), ("≤7", 7, -1),
            (">>100", 100, 1), ("&gt;5", 5, 1), ("'>'5", None, 0), ("1e-9", 1e-9, 0), ("1,234.5", 1234.5, 0),
            ("1 234.5", 1234.5, 0),
            ("5.4 ± 0.2", 5.4, 0), ("5.4 (+/- 0.2)", 5.4, 0), ("−5", -5, 0), ("1.5 x 10^-6", 1.5e-6, 0), ("1.5×10⁻⁶", 1.5e-6, 0),
            ("n.d.", np.nan, 0), ("NA", np.nan, 0), ("-", np.nan, 0), ("not active", np.nan, 0), ("Inconclusive", np.nan, 0),
            ("", np.nan, 0), ("5-10", None, 0), ("5.4 (n=3)", None, 0), ("5 apples", None, 0), ("1.2.3.4", None, 0),
        ],
    )  # fmt: skip
    def test_a_cell(self, text: str, value: float | None, relation: int) -> None:
        if value is None:
            with pytest.raises(DataError, match=r"column 'y'.*is not a number"):
                read_numbers([text], "y")
        else:
            found = read_numbers([text], "y")
            np.testing.assert_equal(found.value, [value])
            assert found.relations.tolist() == [relation]

    def test_the_column_decides_what_a_comma_is(self) -> None:
        assert read_numbers(["7,44", "6,1", "1.234,5"], "y").value.tolist() == [7.44, 6.1, 1234.5]
        assert read_numbers(["1,234", "0.5"], "y").value.tolist() == [1234, 0.5]
        doubtful = read_numbers(["1,234", "2,345"], "y")
        assert doubtful.value.tolist() == [1234, 2345]
        assert "'1,234' was read as 1234" in doubtful.notes[0]
        with pytest.raises(DataError, match=r"decimal points \('6.5'\) and decimal commas \('7,44'\)"):
            read_numbers(["7,44", "6.5"], "y")

    @given(st.lists(st.floats(-1e12, 1e12), min_size=1), st.sampled_from(["", ">", "<", "<= ", "~"]))
    def test_what_is_written_is_read(self, values: list[float], symbol: str) -> None:
        found = read_numbers([f"{symbol}{value!r}" for value in values], "y")
        np.testing.assert_array_equal(found.value, values)

    @given(st.lists(st.floats(-1e6, 1e6).map(lambda x: f"{x:.2f}"), min_size=1))
    def test_decimal_commas_say_what_points_say(self, texts: list[str]) -> None:
        commas = read_numbers([text.replace(".", ",") for text in texts], "y")
        np.testing.assert_array_equal(commas.value, read_numbers(texts, "y").value)

    def test_an_error_names_column_row_and_value(self) -> None:
        with pytest.raises(DataError, match=r"column 'y': 'soluble\?' in row 3 is not a number \(1 such rows\)"):
            read_numbers(["1", "2", "soluble?"], "y")


class TestUnits:
    @pytest.mark.parametrize(
        ("name", "stem", "unit"),
        [
            ("IC50 (nM)", "IC50", "nM"), ("EC50 (µM)", "EC50", "uM"), ("IC50_uM", "IC50", "uM"), ("Ki nM", "Ki", "nM"),
            ("Solubility (mg/mL)", "Solubility", "mg/mL"), ("ic50_nm", "ic50", "nM"), ("IC50 [nM] CDK2", "IC50 CDK2", "nM"),
            ("IC50 (mean, nM)", "IC50", "nM"), ("Inhibition (%)", "Inhibition", "%"), ("distance (mm)", "distance (mm)", None),
            ("% inhibition at 10 uM", "% inhibition at 10 uM", "%"), ("inhibition_10_uM", "inhibition_10_uM", None),
            ("IC50..nM.", "IC50", "nM"), ("IC50nM", "IC50", "nM"), ("value (mean)", "value (mean)", None),
            ("Standard Value", "Standard Value", None),
        ],
    )  # fmt: skip
    def test_a_name_holds_one(self, name: str, stem: str, unit: str | None) -> None:
        found = split_name(name)
        assert (found[0], found[1].text if found[1] else None) == (stem, unit)

    @pytest.mark.parametrize(
        ("text", "unit"),
        [("MICROMOLAR", "uM"), ("umol/L", "uM"), ("ug.mL-1", "ug/mL"), ("-log M", "-log10(mol/L)"), ("percent", "%"), ("m", "m")],
    )
    def test_spellings(self, text: str, unit: str) -> None:
        found = parse_unit(text)
        assert found is not None
        assert found.text == unit

    def test_a_mass_becomes_moles_by_the_molecular_weight(self) -> None:
        """Aspirin, 180.16 g/mol: 18.016 ug/mL are 100 uM, pIC50 4."""
        values = ["18.016", *(str(20 + i) for i in range(11))]
        dataset, _, _ = curated(table(**{"IC50 (ug/mL)": values}), log=True)
        assert dataset.labels[0, 0] == pytest.approx(4.0, abs=1e-4)

    def test_mixed_units_become_one_and_others_are_left_out_and_said(self) -> None:
        """Aspirin measured in mg/L beside uM and nM; the commonest molar unit is nM."""
        values = ["18.016", "1", "5.0", "3", "2", *map(str, range(10, 20))]
        units = ["mg/L", "uM", "-log M", "%", "", *["nM"] * 10]
        dataset, _, said = curated(table(IC50=values, IC50_units=units), labels=["IC50"])
        np.testing.assert_allclose(dataset.labels[:4, 0], [1e5, 1e3, 1e4, 10], rtol=1e-4)
        assert len(dataset) == 13
        assert "IC50: 1 in mg/L, 1 in uM, 1 in -log10(mol/L) converted to nM" in said
        assert "1 values in % left out" in said
        assert "1 values without a unit left out" in said

    def test_a_unit_in_the_name_goes_before_the_one_that_is_named(self) -> None:
        dataset, _, said = curated(table(**{"Ki (nM)": [str(i + 1) for i in range(12)]}), unit="uM", log=True)
        assert dataset.labels[0, 0] == 9
        assert "Ki (nM): its name says the unit, and data.unit=uM is not for it" in said

    def test_units_behind_the_numbers(self) -> None:
        values = ["10 nM", "0.5 uM", *(f"{i} nM" for i in range(1, 11))]
        assert curated(table(IC50=values), labels=["IC50"])[0].labels[:2, 0].tolist() == pytest.approx([10, 500])

    def test_a_unit_can_be_named(self) -> None:
        values = [str(10.0**i) for i in range(6)] * 2
        dataset, _, _ = curated(table(y=values), labels=["y"], log=True, unit="uM")
        assert dataset.labels[0, 0] == pytest.approx(6.0)
        dataset, _, _ = curated(table(y=values, where=["mM"] * 12), labels=["y"], log=True, unit="where")
        assert dataset.labels[0, 0] == pytest.approx(3.0)


class TestLogarithms:
    decades = tuple(str(10.0 ** (i / 2)) for i in range(11))  # 1 to 100,000

    def test_five_decades_are_learnt_as_logarithms_with_a_word(self) -> None:
        dataset, _, said = curated(table(**{"IC50 (nM)": list(self.decades)}))
        assert dataset.endpoints[0].name == "pIC50"
        assert dataset.labels[:, 0] == pytest.approx([9 - i / 2 for i in range(11)])
        assert "IC50 (nM): learnt as pIC50 in -log10(mol/L); data.log=false keeps it as it is" in said

    def test_not_when_forbidden_nor_over_four_nor_of_other_things(self) -> None:
        dataset, _, _ = curated(table(**{"IC50 (nM)": list(self.decades)}), log=False)
        assert dataset.labels[0, 0] == 1
        assert dataset.endpoints[0].lowest == 0
        short, _, said = curated(table(**{"IC50 (nM)": [str(10.0 ** (i / 3)) for i in range(11)]}))
        assert short.endpoints[0].name == "IC50 (nM)"
        assert "spans 3.3 decades and is learnt as it is; data.log=true" in said
        assert curated(table(**{"counts (h)": list(self.decades)}))[0].endpoints[0].unit == "h"

    @pytest.mark.parametrize(
        ("column", "name"),
        [("CDK2 IC50 (nM)", "CDK2 pIC50"), ("Ki_CDK2_nM", "pKi_CDK2"), ("EC50_uM", "pEC50"), ("Solubility (M)", "p_Solubility")],
    )
    def test_their_names(self, column: str, name: str) -> None:
        assert curated(table(**{column: list(self.decades)}))[0].endpoints[0].name == name

    def test_without_a_unit_the_zero_is_said_to_be_unknown(self) -> None:
        _, _, said = curated(table(Ki=list(self.decades)))
        assert "Ki: has no unit" in said

    def test_what_is_negative_is_a_logarithm_already(self) -> None:
        values = ["-3.4", *self.decades]
        assert curated(table(CHEMBL204_Ki=values))[0].endpoints[0].name == "CHEMBL204_Ki"

    def test_what_is_not_positive_is_left_out_and_counted(self) -> None:
        dataset, _, said = curated(table(**{"Kd (nM)": ["0", "-3", *self.decades[:10]]}), log=True)
        assert len(dataset) == 10
        assert "2 values not positive left out" in said

    def test_only_concentrations_have_one(self) -> None:
        with pytest.raises(DataError, match=r"data\.log=true takes concentrations, not values in %"):
            curated(table(**{"Inhibition (%)": list(self.decades)}), log=True)

    def test_of_bounds_they_are_turned_round(self) -> None:
        frame = table(**{"IC50 (nM)": [">100000", "<1", *self.decades[:10]]})
        dataset, _, _ = curated(frame, censored="bound")
        np.testing.assert_array_equal(dataset.relations[:3, 0], [-1, 1, 0])
        np.testing.assert_allclose(dataset.bounds[:2, 0], [4, 9])


class TestRelations:
    values = tuple(str(i) for i in range(10, 22))

    @pytest.mark.parametrize("name", ["relation", "Qualifier", "operator", "IC50_relation", "IC50 Qualifier", "op"])
    def test_in_a_column_beside(self, name: str) -> None:
        frame = table(**{name: [">", "'<'", *["'='"] * 10], "IC50 (nM)": list(self.values)})
        dataset, report, _ = curated(frame)
        assert (report.endpoints["IC50 (nM)"]["lower bounds"], report.endpoints["IC50 (nM)"]["upper bounds"]) == (1, 1)
        assert len(dataset) == 10

    def test_several_columns_belong_to_their_labels_by_name_or_by_place(self) -> None:
        first, second = [">", *["="] * 11], [*["="] * 10, "<", "<"]
        by_name = table(**{"Ki relation": second, "IC50 relation": first, "IC50": list(self.values), "Ki": list(self.values)})
        after = table(IC50=list(self.values), relation=first, Ki=list(self.values), relation_1=second)
        before = table(relation=first, IC50=list(self.values), relation_1=second, Ki=list(self.values))
        for frame in (by_name, after, before):
            _, report, _ = curated(frame)
            assert report.endpoints["IC50"]["lower bounds"] == 1
            assert report.endpoints["Ki"]["upper bounds"] == 2

    def test_one_column_between_two_labels_is_asked_about(self) -> None:
        frame = table(IC50=list(self.values), relation=["="] * 11 + [">"], Ki=list(self.values))
        with pytest.raises(DataError, match="column 'relation': does it belong to 'IC50' or to 'Ki'"):
            curated(frame)
        assert curated(frame, labels=["Ki"])[1].endpoints["Ki"]["lower bounds"] == 1

    def test_it_is_of_the_concentration_and_not_of_a_class_or_a_logarithm(self) -> None:
        frame = table(Active=["yes", "no"] * 6, relation=["="] * 11 + [">"], IC50=list(self.values))
        assert curated(frame)[1].endpoints["IC50"]["lower bounds"] == 1
        frame = table(logD=[f"{i / 7:.2f}" for i in range(12)], relation=["="] * 11 + [">"], IC50=list(self.values))
        assert curated(frame)[1].endpoints["IC50"]["lower bounds"] == 1

    @pytest.mark.parametrize(("label", "sign"), [("pIC50", -1), ("-log IC50", -1), ("logIC50", 1)])
    def test_of_a_concentration_they_are_turned_for_logarithms_that_fall(self, label: str, sign: int) -> None:
        """IC50 > 10 uM: pIC50 below 5, log IC50 above -5; named or not, the column is the same."""
        beside = {label: [str(i / 7) for i in range(12)], "IC50 (uM)": list(self.values), "mod": [">", *["="] * 11]}
        for relation in (None, "mod"):
            dataset, _, _ = curated(table(**beside), labels=[label], relation=relation, censored="bound")
            assert dataset.relations[:2, 0].tolist() == [sign, 0]
        beside["IC50 relation"] = beside.pop("mod")
        assert curated(table(**beside), labels=[label], censored="bound")[0].relations[0, 0] == sign

    def test_two_columns_of_them_for_one_label(self) -> None:
        """As ChEMBL's web service writes it: the published value beside the standardised one."""
        frame = table(
            standard_relation=[">", *["="] * 11], standard_value=["10000", *self.values[1:]], standard_units=["nM"] * 12,
            pchembl_value=["", *(f"{i / 7:.2f}" for i in range(11))], relation=[">", *["="] * 11],
            value=["10", *self.values[1:]], units=["uM"] * 12,
        )  # fmt: skip
        dataset, report, _ = curated(frame, censored="bound")
        assert list(report.endpoints) == ["pchembl_value"]
        assert (dataset.relations[0, 0], dataset.bounds[0, 0]) == (-1, 5)

    def test_contradictions_and_unknown_words_are_errors(self) -> None:
        with pytest.raises(DataError, match="row 1: '<10' in column 'y' against '>' in 'relation'"):
            curated(table(y=["<10", *self.values[1:]], relation=[">", *["="] * 11]), labels=["y"])
        with pytest.raises(DataError, match="column 'relation': 'roughly' in row 12 is no relation"):
            curated(table(y=list(self.values), relation=[*["="] * 11, "roughly"]), labels=["y"])

    def test_taken_for_measurements_when_asked(self) -> None:
        dataset, _, _ = curated(table(y=[">10", *self.values[1:]]), labels=["y"], censored="exact")
        assert dataset.labels[0, 0] == 10
        assert not dataset.relations.any()

    def test_a_way_that_there_is_not(self) -> None:
        with pytest.raises(ConfigError, match=r"data\.censored=drp: no such way, did you mean 'drop'"):
            Assay(censored="drp")


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


class TestEndpoints:
    def test_bookkeeping_is_not_measured(self) -> None:
        rows = 12
        measured = [f"{5 + (7 * i % 12) / 10}" for i in range(rows)]
        frame = table(
            pIC50=measured,
            Active=["yes", "no"] * 6,
            CID=[str(2000 + 7 * i) for i in range(rows)],
            CompoundID=[str(i * i) for i in range(rows)],
            number=[str(i) for i in range(rows)],
            counter=[str(i) for i in range(rows, 0, -1)],
            Year=["2019", "2021"] * 6,
            when=["2019", "2021"] * 6,
            day=["20210304", "20210305"] * 6,
            CAS=["50-78-2"] * rows,
            dose=["10"] * rows,
            comment=["fine", "odd", "good"] * 4,
            MW=measured,
            empty=[""] * rows,
        )
        taken, refused = endpoint_columns(frame)
        assert taken == ["pIC50", "Active"]
        assert len(refused) == 12
        assert refused["counter"] == "row numbers"
        assert refused["when"] == "years"
        assert refused["dose"] == "one value only"

    def test_typed_columns_are_told_apart_too(self) -> None:
        frame = pd.DataFrame({"smiles": MOLECULES, "index": range(20), "hit": [True, False] * 10, "y": np.linspace(0.1, 0.9, 20)})
        dataset, report, _ = curated(frame)
        assert list(report.endpoints) == ["hit", "y"]
        assert [endpoint.task for endpoint in dataset.endpoints] == ["classification", "regression"]

    def test_values_without_a_structure_and_unreadable_ones_are_counted(self) -> None:
        frame = table(y=[str(i / 7) for i in range(20)])
        frame.loc[3, "smiles"], frame.loc[7, "smiles"] = "", "c1cc"
        _, report, said = curated(frame, labels=["y"])
        assert (report.unparsable, report.without_structure, report.molecules) == (1, 1, 18)
        assert "row 8: 'c1cc' left out" in said

    def test_different_measurements_in_one_column_are_warned_of(self) -> None:
        frame = read("chembl.csv", "Smiles", sep=";")
        frame.loc[frame.index[::3], "Standard Type"] = "Ki"
        _, _, said = curated(frame, labels=["pChEMBL Value"])
        assert "warning: 'Standard Type' holds Ki, IC50: different measurements" in said

    def test_percentages_have_bounds_where_they_keep_to_them(self) -> None:
        shares = [str(8 * i) for i in range(12)]
        endpoint = curated(table(**{"bound (%)": shares}))[0].endpoints[0]
        assert (endpoint.lowest, endpoint.highest) == (0, 100)
        endpoint = curated(table(**{"inhibition (%)": ["-4", *shares[1:]]}))[0].endpoints[0]
        assert (endpoint.lowest, endpoint.highest) == (None, None)

    def test_spreads_dates_coordinates_and_filing_are_not_measured(self) -> None:
        numbers = [f"{(7 * i % 12) / 10 + 0.05:.2f}" for i in range(12)]
        frame = table(**dict.fromkeys(("pIC50", "pIC50 SD", "IC50_SEM", "x", "y", "purity"), numbers),
                      Datum=[f"{i + 1:02d}.03.2021" for i in range(12)], gemessen=["2021-03-04"] * 11 + ["2021-03-05"],
                      Fold=["0", "1", "2"] * 4, set=["0", "1"] * 6, n=["1", "2", "3"] * 4)  # fmt: skip
        frame["Selectivity index"], frame["Aktivität"] = numbers, numbers
        taken, refused = endpoint_columns(frame)
        assert taken == ["pIC50", "Selectivity index", "Aktivität"]
        assert (refused["Datum"], refused["gemessen"]) == ("a date", "a date")
        assert refused["pIC50 SD"] == "says how well others were measured"

    @pytest.mark.parametrize(
        ("column", "name"),
        [("-log(IC50)", "pIC50"), ("-log10 Ki (M)", "pKi"), ("pIC50 ", "pIC50"), ("pIC50\nCDK2", "pIC50 CDK2"), ("#y > 5", "y 5"),
         ("-log IC50 (uM)", "neg log IC50 (uM)")],
    )  # fmt: skip
    def test_what_is_no_name_becomes_one(self, column: str, name: str) -> None:
        dataset, report, said = curated(table(**{column: [str(i / 7) for i in range(12)]}))
        assert list(report.endpoints) == [name]
        assert f"{column!r} is called {name}" in said
        assert dataset.endpoints[0].unit == ("-log10(mol/L)" if name.startswith("p") else "uM" * 0)
        assert curated(table(**{column: [str(i / 7) for i in range(12)]}), labels=[name])[0].endpoints[0].column == column

    def test_a_label_is_found_without_its_unit(self) -> None:
        assert curated(table(**{"Ki (nM)": [str(i) for i in range(12)]}), labels=["Ki"])[0].endpoints[0].unit == "nM"

    def test_what_may_be_meant_otherwise_is_warned_of(self) -> None:
        numbers = [str(i / 7) for i in range(12)]
        _, _, said = curated(table(**{"IC50_1 (nM)": numbers, "IC50_2 (nM)": numbers, "state": ["1", "2"] * 6}))
        assert "IC50_1 (nM), IC50_2 (nM): each learnt by itself" in said
        assert "state: two values only, learnt as numbers; write classes as 1 and 0" in said
        comment = ["Outside typical range", "", *["Potential transcription error"] * 2, *[""] * 8]
        _, _, said = curated(table(**{"pIC50": numbers, "Data Validity Comment": comment}))
        assert "'Data Validity Comment' marks 3 of the values (Outside typical range, ...)" in said

    def test_rows_add_up(self) -> None:
        """Of twenty rows two repeat others, one is unreadable, two have no structure, three no value that can be used."""
        frame = table(**{"IC50 (nM)": [str(i + 1) for i in range(20)]})
        frame.loc[[1, 2, 3, 4], "smiles"] = [MOLECULES[0], "c1cc", "", ""]
        frame.loc[[4, 5, 6, 7, 8], "IC50 (nM)"] = ["", "n.d.", "10 %", "1", "200"]
        frame.loc[8, "smiles"] = frame.loc[7, "smiles"]
        _, report, said = curated(frame)
        counts = (
            report.unparsable,
            report.without_structure,
            report.blank,
            report.duplicates,
            report.unlabelled,
            report.conflicting,
        )
        assert counts == (1, 1, 1, 2, 3, 1)
        assert report.rows == 20 == sum(counts[:5]) + report.molecules
        assert "20 rows: 1 unreadable structures, 1 values without a structure, 1 blank" in said

    def test_too_few_say_where_the_others_went(self) -> None:
        values = [*(str(i) for i in range(1, 6)), *[">10000"] * 10]
        with pytest.raises(DataError, match=r"5 labelled.*ten are the least to learn from \(IC50 \(nM\): 10 bounds left out"):
            curated(table(**{"IC50 (nM)": values}), labels=["IC50 (nM)"])

    def test_how_the_file_was_read_is_said(self, tmp_path: Path) -> None:
        path = tmp_path / "eln.csv"
        lines = [f"{text};{i},5" for i, text in enumerate(MOLECULES)]
        path.write_bytes("\n".join(["Struktur;Löslichkeit [µM]", *lines]).encode("cp1252"))
        _, report = read_dataset(Molfile(path=str(path)))
        assert "cp1252" in report.reading[0]
        assert report.endpoints["Löslichkeit [µM]"]["minimum"] == 0.5


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


@pytest.mark.parametrize(
    ("unit", "bounds"),
    [("%", (0, 100)), ("h", (0, None)), ("L/kg", (0, None)), ("uL/min/10^6 cells", (0, None)), ("nM", (0, None))]
    + [(unit, (None, None)) for unit in ("", "log mol/L", "-log10(mol/L)", "kcal/mol", "log D at pH 7.4", "mV")],
)
def test_limits_of_units(unit: str, bounds: tuple[float | None, float | None]) -> None:
    assert limits(unit) == bounds
