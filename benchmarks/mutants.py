"""Mutants and phosphorylated forms of Davis' kinases from their wild type, with none to five of their own values.

    python -m benchmarks.mutants networks mutant    first what the present model says, kept in train/benchmark-mutants: ten
    python -m benchmarks.mutants networks protein   minutes on one idle core each; without these it is left out of the tables
    python -m benchmarks.mutants                    the difference model and its rivals, three minutes

Two splits of our own: `mutant` leaves out a mutant with its phosphorylated form, `protein` all forms of a wild type together. The
wild type and all other kinases are known. `k` values of the form that is asked for are given, of drugs drawn from all 68, or from
those that the wild type binds, ten times; errors are of the 63 drugs that aren't drawn, the same for every `k`.

The weights of the difference model are chosen of `SETTINGS` by leaving out mutants of the nine other proteins. A standard
error is that of the mean over the forms.
"""

import copy
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotri
from scipy.stats import spearmanr

from benchmarks.results import save, show
from molgen.chem.molecules import Molecules
from molgen.chem.similarity import bit_matrix, tanimoto_matrix
from molgen.config import compose_group
from molgen.data.affinity import Pairs
from molgen.predictors.affinity_models import SEEN_BITS
from molgen.predictors.few_measurements import conditioned
from molgen.predictors.mutant_process import ChangeWeights, MutantProcess
from molgen.predictors.protein_forms import PHOSPHORYLATED, ProteinForm, forms_among
from molgen.predictors.trust import Z90

Array = NDArray[np.float64]
Guess = Callable[[int, NDArray[np.int64]], Array]  # of a form, when some drugs of it are known

PRESENT = Path("train/benchmark-mutants")
GIVEN = (0, 1, 2, 3, 5)
DRAWS = 10
SHRINK = 3  # measurements that a mean shift of 0 counts for
SETTINGS = {
    "as shipped": ChangeWeights(),
    "no table of substitutions": ChangeWeights(residues=0),
    "no regions": ChangeWeights(region=0, protein_region=0),
    "no places": ChangeWeights(place=0),
    "nothing between proteins": ChangeWeights(any=0, region=0),
    "nothing within a protein": ChangeWeights(protein=0, protein_region=0),
}


class Davis:
    """The forms of Davis' kinases.

    Attributes
    ----------
    pairs
        All of Davis.
    forms, target, wild
        The forms [f], and which targets they and their wild types are, [f].
    measured, base
        Affinities of the forms and of their wild types, [f, 68].
    likeness
        Of the drugs.
    """

    def __init__(self) -> None:
        self.pairs: Pairs = compose_group("data", "davis").pairs()
        matrix = np.full((len(self.pairs.drugs), len(self.pairs.targets)), np.nan)
        matrix[self.pairs.drug, self.pairs.target] = self.pairs.affinity
        found = forms_among(self.pairs.targets, self.pairs.sequences)
        self.target, self.wild = np.array(list(found)), np.array([wild for wild, _ in found.values()])
        self.forms: list[ProteinForm] = [form for _, form in found.values()]
        self.measured, self.base = matrix[:, self.target].T, matrix[:, self.wild].T
        bits = bit_matrix(Molecules(self.pairs.drugs).mols, SEEN_BITS)
        self.likeness = tanimoto_matrix(bits, bits).astype(float)

    def groups(self, split: str) -> list[list[int]]:
        """The forms that are left out together."""
        mutants = [frozenset(change for change in form.changes if change.after != PHOSPHORYLATED) for form in self.forms]
        keys = [(form.protein, changes if split == "mutant" else None) for form, changes in zip(self.forms, mutants, strict=True)]
        return [[i for i, key in enumerate(keys) if key == one] for one in dict.fromkeys(keys)]


def process_of(davis: Davis, weights: ChangeWeights) -> MutantProcess:
    """The difference model that knows all forms."""
    forms, drugs = davis.base.shape
    form, drug = (values.ravel() for values in np.meshgrid(np.arange(forms), np.arange(drugs), indexing="ij"))
    process = MutantProcess(weights)
    process.fit(davis.forms, form, drug, davis.base.ravel(), (davis.measured - davis.base).ravel(), davis.likeness)
    return process


class LeftOut:
    """What the difference model says of forms whose group is left out, by one inversion (Rasmussen and Williams 2006, 5.4.2).

    Attributes
    ----------
    form
        The form of each difference that is known, [p].
    inverse, solved
        Of the covariance of the differences, [p, p], and its product with them, [p].
    """

    def __init__(self, davis: Davis, weights: ChangeWeights) -> None:
        process = process_of(davis, weights)
        inverse, _ = dpotri(process.lower, lower=1)
        self.davis, self.noise, self.form = davis, process.noise, process.form
        self.inverse, self.solved = np.tril(inverse) + np.tril(inverse, -1).T, process.solved

    def without(self, forms: list[int]) -> "LeftOut":
        """As if some forms had never been measured (inversion by blocks)."""
        found, out = copy.copy(self), np.isin(self.form, forms)
        across = np.linalg.solve(self.inverse[np.ix_(out, out)], self.inverse[np.ix_(out, ~out)]).T
        found.form = self.form[~out]
        found.inverse = self.inverse[np.ix_(~out, ~out)] - across @ self.inverse[np.ix_(out, ~out)]
        found.solved = self.solved[~out] - across @ self.solved[out]
        return found

    def forms(self, groups: list[list[int]]) -> dict[int, tuple[Array, Array]]:
        """Of each form of the groups its affinities, [68], and their covariance without noise, [68, 68]."""
        found = {}
        for group in groups:
            rows = np.flatnonzero(np.isin(self.form, group))
            covariance = np.linalg.inv(self.inverse[np.ix_(rows, rows)])
            error = covariance @ self.solved[rows]
            for i in group:
                own = self.form[rows] == i
                true = covariance[np.ix_(own, own)] - self.noise * np.eye(own.sum())
                found[i] = self.davis.measured[i] - error[own], true
        return found

    def errors(self, groups: list[list[int]]) -> Array:
        """Mean squared errors of the forms of the groups."""
        found = self.forms(groups)
        return np.array([np.mean((self.davis.measured[i] - mean) ** 2) for i, (mean, _) in sorted(found.items())])


def chosen_weights(davis: Davis, whole: dict[str, LeftOut]) -> dict[str, str]:
    """For each protein the setting that is best for mutants of the others, as if its own had never been measured."""
    mutants, best = davis.groups("mutant"), {}
    for protein in davis.groups("protein"):
        groups = [group for group in mutants if group[0] not in protein]
        errors = {name: model.without(protein).errors(groups).mean() for name, model in whole.items()}
        best[davis.forms[protein[0]].protein] = min(errors, key=lambda name: errors[name])
        print(f"{davis.pairs.targets[davis.wild[protein[0]]]}: {best[davis.forms[protein[0]].protein]}", flush=True)
    return best


class Differences:
    """The difference model of forms that it wasn't taught."""

    def __init__(self, davis: Davis, whole: dict[str, LeftOut], split: str, settings: dict[str, str]) -> None:
        self.davis, self.noise = davis, MutantProcess().noise
        self.found: dict[int, tuple[Array, Array]] = {}
        for group in davis.groups(split):
            self.found |= whole[settings[davis.forms[group[0]].protein]].forms([group])

    def __call__(self, i: int, given: NDArray[np.int64]) -> Array:
        """Affinities [68] of a form, some of which are given."""
        return conditioned(*self.found[i], given, self.davis.measured[i, given], self.noise)[0]

    def coverage(self) -> float:
        """The share of values within the 90 % intervals, none being given."""
        inside = []
        for i, (mean, covariance) in self.found.items():
            half = Z90 * np.sqrt(np.diag(covariance) + self.noise)
            inside.append(np.mean(np.abs(mean - self.davis.measured[i]) <= half))
        return float(np.mean(inside))


def nearest_form(davis: Davis, i: int, left_out: list[int]) -> Array:
    """Values [68] of the form of the same protein, or the wild type, with the fewest other residues; the mean of several."""
    known = [(frozenset(), davis.base[i])]
    known += [
        (form.changes, davis.measured[j])
        for j, form in enumerate(davis.forms)
        if j not in left_out and form.protein == davis.forms[i].protein
    ]
    own = davis.forms[i].changes
    distance = np.array([len({(c.place, "" if c.place else c.after) for c in own ^ changes}) for changes, _ in known])
    return np.mean([values for (_, values), d in zip(known, distance, strict=True) if d == distance.min()], axis=0)


def present_model(davis: Davis, split: str) -> Array:
    """What affinity predictors, with one network each, say [f, 68] of forms that they weren't taught; kept."""
    path = PRESENT / f"{split}.npy"
    if path.exists():
        return np.asarray(np.load(path), float)
    pairs, groups = davis.pairs, davis.groups(split)
    order = np.random.default_rng(0).permutation(len(groups))
    found = np.full(davis.base.shape, np.nan)
    for fold in range(5):
        forms = [i for g in order[fold::5] for i in groups[g]]
        train = pairs.take(np.flatnonzero(~np.isin(pairs.target, davis.target[forms])))
        settings = ["calibrate=false", "members=1", "trainer.epochs=30", f"trainer.folder={PRESENT / split / str(fold)}"]
        predictor = compose_group("predictor", "pairs", [f"predictor.{setting}" for setting in settings])
        predictor.fit(train)
        for i in forms:
            asked = pairs.take(np.flatnonzero(pairs.target == davis.target[i]))
            found[i, asked.drug] = predictor.models.score_pairs(asked, train)[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, found)
    return found


def draws_of(davis: Davis, drawn: str) -> list[list[NDArray[np.int64]]]:
    """Which five drugs of each form are given, in `DRAWS` rounds: first those that the wild type binds, or any."""
    rng, found = np.random.default_rng(0), []
    for base in davis.base:
        rounds = [rng.permutation(len(base)) for _ in range(DRAWS)]
        unbound = (base <= base.min()) & (drawn == "bound")
        found.append([order[np.argsort(unbound[order], kind="stable")] for order in rounds])
    return [[order[: max(GIVEN)] for order in rounds] for rounds in found]


def figures(davis: Davis, guess: Guess, k: int, draws: list[list[NDArray[np.int64]]]) -> tuple[Array, Array]:
    """Of each form mean squared error, and rank correlation among the drugs that it or its wild type binds."""
    errors, ranks = np.empty((2, len(davis.forms)))
    for i, (truth, base) in enumerate(zip(davis.measured, davis.base, strict=True)):
        found = []
        for given in draws[i]:
            test = np.setdiff1d(np.arange(len(truth)), given)
            predicted = guess(i, given[:k])
            bound = test[np.maximum(truth, base)[test] > davis.base.min()]
            varied = len(bound) > 4 and np.ptp(truth[bound]) > 0 and np.ptp(predicted[bound]) > 0
            rank = spearmanr(truth[bound], predicted[bound]).statistic if varied else np.nan
            found.append((np.mean((predicted - truth)[test] ** 2), rank))
        errors[i], ranks[i] = np.nanmean([e for e, _ in found]), np.mean([r for _, r in found])
    return errors, ranks


def rivals(davis: Davis, split: str) -> dict[str, Guess]:
    """The other models, by name; the present one where it was trained before."""
    hidden = {i: group for group in davis.groups(split) for i in group}
    near = np.stack([nearest_form(davis, i, hidden[i]) for i in range(len(davis.forms))])
    noise = MutantProcess().noise

    def shifted(i: int, given: NDArray[np.int64]) -> Array:
        return davis.base[i] + (davis.measured - davis.base)[i, given].sum() / (len(given) + SHRINK)

    def corrected(values: Array) -> Guess:
        """Values that are corrected by a process over the drugs, with the variance of the differences from the wild type."""
        return lambda i, given: conditioned(values[i], 0.35 * davis.likeness, given, davis.measured[i, given], noise)[0]

    found = {
        "wild type": fixed(davis.base),
        "wild type, mean shift": shifted,
        "nearest neighbour": fixed(near),
    }
    if (PRESENT / f"{split}.npy").exists():
        present = present_model(davis, split)
        found |= {"present model": fixed(present), "present model, corrected": corrected(present)}
    return found


def fixed(values: Array) -> Guess:
    """Values [f, 68] whatever is given."""
    return lambda i, given: values[i]


def compared(davis: Davis, split: str, differences: Differences) -> list[dict[str, Any]]:
    """A row for each way of drawing, model and number of given values."""
    models: dict[str, Guess] = rivals(davis, split) | {"difference model": differences}
    rows = []
    for drawn, k in itertools.product(("all", "bound"), GIVEN):
        draws = draws_of(davis, drawn)
        found = {name: figures(davis, guess, k, draws) for name, guess in models.items()}
        best = min((name for name in found if name != "difference model"), key=lambda name: found[name][0].mean())
        for name, (errors, ranks) in found.items():
            gain = errors - found[best][0]
            row = {"split": split, "drawn": drawn, "k": k, "model": name, "forms": len(errors)}
            row |= {"MSE": float(errors.mean()), "SE": error_of(errors), "ranks": float(np.nanmean(ranks))}
            row |= {"than the best rival": float(gain.mean()), "SE of that": error_of(gain)}
            rows.append(row | ({"coverage": differences.coverage()} if name == "difference model" and k == 0 else {}))
    return rows


def error_of(values: Array) -> float:
    """Standard error of a mean."""
    return float(values.std(ddof=1) / np.sqrt(len(values)))


@click.command()
@click.argument("what", required=False, type=click.Choice(["networks"]))
@click.argument("split", required=False, type=click.Choice(["mutant", "protein"]))
def main(what: str | None, split: str | None) -> None:
    """Measure what a wild type says of its mutants."""
    davis = Davis()
    if what == "networks":
        for one in ("mutant", "protein") if split is None else (split,):
            present_model(davis, one)
        return
    parts, whole = [], {name: LeftOut(davis, weights) for name, weights in SETTINGS.items()}
    for name, model in whole.items():
        row: dict[str, Any] = {"weights": name}
        for split in ("mutant", "protein"):
            errors = model.errors(davis.groups(split))
            row |= {f"MSE, {split}": float(errors.mean()), f"SE, {split}": error_of(errors)}
        parts.append(row)
    show("parts of the difference model, none of a form's values given", parts)
    settings = chosen_weights(davis, whole)
    rows = [row for split in ("mutant", "protein") for row in compared(davis, split, Differences(davis, whole, split, settings))]
    for split, drawn in itertools.product(("mutant", "protein"), ("all", "bound")):
        show(f"{split} left out, given values of {drawn} drugs", [r for r in rows if (r["split"], r["drawn"]) == (split, drawn)])
    save("mutants", {"parts": parts, "chosen": list(settings.values()), "compared": rows})


if __name__ == "__main__":
    main()
