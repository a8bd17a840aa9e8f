"""Concentrations that are learnt as logarithms, and values that are only bounds.

Right values are worked out by hand, or stand in tests/cases.
"""

import numpy as np
import pytest

from molgen.data.assay import Assay
from molgen.errors import ConfigError, DataError
from tests.data.assays import curated, table


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
