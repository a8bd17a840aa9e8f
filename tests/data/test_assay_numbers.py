"""Numbers and units in the cells and names of assay tables.

Right values are worked out by hand, or stand in tests/cases.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from molgen.data.cells import read_numbers
from molgen.data.units import limits, parse_unit, split_name
from molgen.errors import DataError
from tests.data.assays import curated, table


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

    def test_errors_are_read_as_numbers_are(self) -> None:
        found = read_numbers(["5,4 ± 0,2", "1.234,5 +/- 1,5", "7 (± 1)", "2e-7 ± 1e-8", "3", ">5 ± 0,5"], "y")
        np.testing.assert_array_equal(found.errors, [0.2, 1.5, 1, 1e-8, np.nan, 0.5])
        np.testing.assert_array_equal(found.value, [5.4, 1234.5, 7, 2e-7, 3, 5])
        assert read_numbers(["5 ± 0,2", "6"], "y").errors[0] == 0.2

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
            ("Standard Value", "Standard Value", None), ("dock (kcal/mol)", "dock", "kcal/mol"), ("Tm [°C]", "Tm", "°C"),
            ("LUMO (eV)", "LUMO", "eV"), ("assay (batch 2)", "assay (batch 2)", None), ("panel (EV)", "panel (EV)", None),
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


@pytest.mark.parametrize(
    ("unit", "bounds"),
    [("%", (0, 100)), ("h", (0, None)), ("L/kg", (0, None)), ("uL/min/10^6 cells", (0, None)), ("nM", (0, None))]
    + [(unit, (None, None)) for unit in ("", "log mol/L", "-log10(mol/L)", "kcal/mol", "log D at pH 7.4", "mV")],
)
def test_limits_of_units(unit: str, bounds: tuple[float | None, float | None]) -> None:
    assert limits(unit) == bounds
