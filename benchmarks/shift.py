"""How well intervals and probabilities hold where molecules aren't like those that were learnt from.

    python -m benchmarks.shift                      everything, written to benchmarks/results/shift.json (an hour on one core)
    python -m benchmarks.shift admet/herg logP      some of it, whose rows are renewed in the results
    python -m benchmarks.shift --cheap              a part of it, printed alone (ten minutes on one core)
    python -m benchmarks.shift --table              nothing new: the stored results, into docs/benchmarks/shift.md

Four kinds of molecules, each predicted by `predictor=boosted` with its default settings:

- `random`: a fifth of the molecules, drawn at random: of these the domain should leave out few;
- `scaffold`: scaffolds that were kept back from the training, a fifth of the molecules;
- `time`: the later part of ChEMBL's published split by year, as DeepChem has it (chembl_sparse_ts_valid, chembl_sparse_ts_test;
  the years themselves aren't in the files); both are looked for in `chembl` under MOLGEN_DATA, and left out where they aren't;
- `proposed`: the 200 best of a genetic search that maximises the predictor, against a truth that is known: a property that RDKit
  computes (`BertzCT`, complexity, is none of the domain's descriptors) or an objective of PMO, learnt from 800 molecules of
  ZINC; or a predictor that learnt from ten times the data, whose values are also what the small one learns from. Classes are
  the upper quarter of such a property.

`flagged` is the share of molecules outside the domain, `inside` the coverage of the 90 % intervals of the others; `flagged
before` and `inside before` are those of a domain of similarity alone, `coverage` that of all molecules with its intervals,
and `one quantile` that with one quantile for all molecules (see `molgen.predictors.local_quantile`). Classes have calibration
errors in their place, and the error that perfect probabilities would show by chance.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
from rdkit.Chem import QED, Crippen, GraphDescriptors, rdMolDescriptors

from benchmarks.results import RESULTS, ROOT, save, show, write_between
from molgen import Scorer
from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.config import compose_group
from molgen.data.curation import read_dataset
from molgen.data.dataset import Dataset, Endpoint
from molgen.data.splits import split
from molgen.metrics.prediction import METRICS, calibration_error, calibration_floor, coverage
from molgen.predictors.base import Prediction
from molgen.predictors.boosted import Boosted
from molgen.runs.design import design

SCAFFOLDS = (
    *("admet/caco2_wang", "admet/half_life_obach", "admet/vdss_lombardo", "admet/clearance_microsome_az", "moleculenet/esol"),
    *("activity/chembl4005_ki", "activity/chembl235_ec50", "admet/herg", "admet/dili", "admet/pgp_broccatelli"),
)
AT_RANDOM = " at random"
RANDOM = tuple(f"{name}{AT_RANDOM}" for name in SCAFFOLDS)
LATER = ("CHEMBL279", "CHEMBL240", "CHEMBL4005", "CHEMBL4829")
COMPUTED: dict[str, Callable[[Any], float]] = {
    "qed": QED.qed,
    "logP": Crippen.MolLogP,
    "TPSA": rdMolDescriptors.CalcTPSA,
    "BertzCT": GraphDescriptors.BertzCT,
}
PMO = ("amlodipine_mpo", "perindopril_mpo")
TEACHERS = ("activity/chembl4005_ki", "activity/chembl244_ki")
CLASSES = {"high qed": "qed", "high logP": "logP"}
CHEAP = ("admet/caco2_wang", "admet/herg", "CHEMBL240", "qed", "logP", "amlodipine_mpo", "high qed")
FILE = RESULTS / "shift.json"
PAGE, BEGIN = ROOT / "docs" / "benchmarks" / "shift.md", "<!-- shift -->\n"
MOLECULES, CALLS, BEST, HELD_OUT, TIMES = 800, 500, 200, 0.2, 10


@dataclass(frozen=True, eq=False)
class Case:
    """Molecules to learn from, and others, with their true values [n]."""

    kind: str
    name: str
    train: Dataset
    asked: Molecules
    truth: np.ndarray
    predictor: Boosted


def fitted(train: Dataset, **settings: int) -> Boosted:
    """The recipe of `predictor=boosted`, fitted."""
    predictor: Boosted = compose_group("predictor", "boosted", [f"predictor.{key}={value}" for key, value in settings.items()])
    predictor.fit(train)
    return predictor


def held_out(name: str) -> Case:
    """A public set, and the scaffolds or molecules that were kept back."""
    plain, kind = name.removesuffix(AT_RANDOM), "random" if name in RANDOM else "scaffold"
    dataset, _ = read_dataset(compose_group("data", plain))
    known, asked = (dataset.take(rows) for rows in split(dataset.molecules, kind, HELD_OUT, 0))
    return Case(kind, plain, known, asked.molecules, asked.labels[:, 0], fitted(known))


def later(target: str) -> Case | None:
    """A target of ChEMBL, and what was published later; None where the files aren't there."""
    parts = []
    for name in ("valid", "test"):
        file = Path(os.environ.get("MOLGEN_DATA", ".")) / "chembl" / f"chembl_{name}.csv.gz"
        if not file.is_file():
            print(f"left out: {target}, for {file} isn't there")
            return None
        table = pd.read_csv(file, usecols=["smiles", target]).dropna()
        parts.append(_labelled(table["smiles"].tolist(), table[target].to_numpy(float), target))
    known, asked = parts
    return Case("time", target, known, asked.molecules, asked.labels[:, 0], fitted(known))


def proposed(name: str) -> Case:
    """What a search proposes that maximises a predictor of `name`."""
    if name in TEACHERS:
        dataset, _ = read_dataset(compose_group("data", name))
        order = np.random.default_rng(0).permutation(len(dataset))
        small = len(dataset) // (TIMES + 1)
        teacher = fitted(dataset.take(np.sort(order[small:])), folds=2)
        smiles = dataset.molecules.take(np.sort(order[:small]).tolist()).smiles

        def truth(molecules: Molecules) -> np.ndarray:
            return teacher.predict(molecules).mean[:, 0]
    else:
        zinc = compose_group("data", "zinc250k").smiles()
        smiles = [zinc[i] for i in np.random.default_rng(0).permutation(len(zinc))[:MOLECULES]]
        scorer = Scorer.from_config(f"pmo/{name}") if name in PMO else None

        def truth(molecules: Molecules) -> np.ndarray:
            if scorer:
                return np.asarray(scorer(list(molecules.smiles)).total)
            return molecules.map(COMPUTED[CLASSES.get(name, name)])

    values = truth(Molecules(smiles, STANDARD))
    upper = np.nanquantile(values, 0.75) if name in CLASSES else None
    known = _labelled(smiles, _classes(values, upper), name)
    predictor = fitted(known)
    predictor.prepare_for_few()
    mean, spread = known.labels.mean(), known.labels.std()

    def objective(asked: Sequence[str]) -> list[float]:
        found = (predictor.predict(list(asked)).mean[:, 0] - mean) / spread
        return np.nan_to_num(1 / (1 + np.exp(-found)), nan=0.0).tolist()

    start = known.molecules.smiles[:MOLECULES] if name in TEACHERS else ()
    with tempfile.TemporaryDirectory() as folder:
        run = design(objective, budget=CALLS, strategy="genetic", seed=0, folder=Path(folder) / "run", start=start)
        new = [text for text in run.top(CALLS)["smiles"] if text not in set(known.molecules.canonical)]
    asked = Molecules(new[:BEST], STANDARD)
    return Case("proposed", name, known, asked, _classes(truth(asked), upper), predictor)


def _classes(values: np.ndarray, upper: float | None) -> np.ndarray:
    """Whether values are above `upper`, where there is one; nan stays nan."""
    return values if upper is None else np.where(np.isnan(values), np.nan, values > upper)


def _labelled(smiles: Sequence[str], values: np.ndarray, name: str) -> Dataset:
    molecules = Molecules(smiles, STANDARD)
    rows = [i for i, mol in enumerate(molecules.mols) if mol is not None and np.isfinite(values[i])]
    task = "classification" if name in CLASSES else "regression"
    return Dataset(molecules.take(rows), values[rows][:, None], (Endpoint(name.replace(" ", "_"), task),))


def measured(case: Case) -> dict[str, Any]:
    """A row of the table."""
    found, before = case.predictor.predict(case.asked), _by_similarity_alone(case)
    rows = np.flatnonzero(np.isfinite(case.truth) & np.isfinite(found.mean[:, 0]))
    y, mean = case.truth[rows], found.mean[rows, 0]
    row: dict[str, Any] = {"kind": case.kind, "data": case.name, "learnt from": len(case.train), "asked": len(rows)}
    row |= {"similarity": float(np.median(found.similarity[rows, 0]))}
    row |= {"flagged before": 1 - float(before.in_domain[rows].mean()), "flagged": 1 - float(found.in_domain[rows].mean())}
    if found.endpoints[0].task == "classification":
        row |= {"mean probability": float(mean.mean()), "share of class 1": float(y.mean())}
        return row | {"calibration error": calibration_error(y, mean), "if perfect": calibration_floor(mean)}
    row |= {"RMSE": float(METRICS["rmse"](y, mean)), "labels' std": float(case.train.labels.std())}
    row["one quantile"] = coverage(y, *_limits(_with_one_quantile(case), rows))
    row |= {"coverage": coverage(y, *_limits(before, rows)), "width": float(np.median(np.diff(_limits(before, rows), axis=0)))}
    for name, one in (("inside before", before), ("inside", found)):
        inside = rows[one.in_domain[rows]]
        row[name] = coverage(case.truth[inside], *_limits(one, inside)) if len(inside) else ""
    return row


def _limits(found: Prediction, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the intervals of some molecules begin and end."""
    return found.low[rows, 0], found.high[rows, 0]


def _by_similarity_alone(case: Case) -> Prediction:
    """What the same predictor says without a domain of descriptors and values."""
    training = case.predictor.training
    case.predictor.training = replace(training)
    case.predictor.training.__dict__["domains"] = [
        replace(one, limit=np.inf, values=(-np.inf, np.inf)) for one in training.domains
    ]
    try:
        return case.predictor.predict(case.asked)
    finally:
        case.predictor.training = training


def _with_one_quantile(case: Case) -> Prediction:
    """What the same predictor says without such a domain and with one conformal quantile for all molecules."""
    [model] = case.predictor.models
    assert model.intervals is not None
    places, model.intervals.places = model.intervals.places, None
    try:
        return _by_similarity_alone(case)
    finally:
        model.intervals.places = places


def cases(names: Sequence[str]) -> Iterator[Case | None]:
    """Those of some names, one after another, as each takes minutes."""
    for kind, make in KINDS.items():
        for name in kind:
            if name in names:
                yield make(name)


KINDS: dict[tuple[str, ...], Callable[[str], Case | None]] = {
    RANDOM: held_out,
    SCAFFOLDS: held_out,
    LATER: later,
    (*COMPUTED, *PMO, *TEACHERS, *CLASSES): proposed,
}
ORDER = ("random", "scaffold", "time", "proposed")
ALL = [name for kind in KINDS for name in kind]


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The results as tables of a page."""
    shared = ["kind", "data", "learnt from", "asked", "flagged before", "flagged"]
    numbers = [*shared, "RMSE", "width", "one quantile", "coverage", "inside before", "inside"]
    classes = [*shared, "mean probability", "share of class 1", "calibration error", "if perfect"]
    lines: list[str] = []
    for names in (numbers, classes):
        lines += ["", f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
        for row in rows:
            if (names is numbers and "coverage" in row) or (names is classes and "if perfect" in row):
                cells = [f"{row[name]:.3g}" if isinstance(row.get(name), float) else str(row.get(name, "")) for name in names]
                lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines[1:], ""])


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(ALL))
@click.option("--cheap", is_flag=True, help="A part of it, printed alone.")
@click.option("--table", "written", is_flag=True, help="Write the stored results into the page.")
def main(names: tuple[str, ...], *, cheap: bool, written: bool) -> None:
    """Measure coverage and calibration under shift."""
    if written:
        stored = sorted(json.loads(FILE.read_text())["figures"], key=lambda row: (ORDER.index(row["kind"]), row["data"]))
        write_between(PAGE, BEGIN, table(stored))
        return
    rows: list[dict[str, Any]] = []
    for case in cases(CHEAP if cheap else names or ALL):
        if case is not None:
            rows.append(measured(case))
            print({key: round(value, 3) if isinstance(value, float) else value for key, value in rows[-1].items()}, flush=True)
    numbers, classes = [row for row in rows if "coverage" in row], [row for row in rows if "if perfect" in row]
    for title, part in (("90 % intervals (0.9 is right)", numbers), ("probabilities", classes)):
        if part:
            show(title, part)
    if not cheap:
        known = json.loads(FILE.read_text())["figures"] if names and FILE.exists() else []
        new = {(row["kind"], row["data"]) for row in rows}
        save("shift", [*(row for row in known if (row["kind"], row["data"]) not in new), *rows])


if __name__ == "__main__":
    main()
