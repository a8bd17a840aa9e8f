"""Which columns of a table were measured, and what is said of those that were not.

Right values are worked out by hand, or stand in tests/cases.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from molgen.data.catalog import Molfile
from molgen.data.columns import endpoint_columns
from molgen.data.curation import read_dataset
from molgen.errors import DataError
from tests.data.assays import MOLECULES, curated, read, table


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
        for factor, side in ((-1.0, "below -0.786"), (100.0, "above 78.6")):  # -log10 of nM; concentrations
            _, _, said = curated(table(**{"pIC50": [str(factor * float(text)) for text in numbers]}))
            assert f"pIC50: half of its values are {side}, which no -log10(mol/L) is" in said
        assert "half of its values" not in curated(table(**{"pIC50": numbers}))[2]
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
