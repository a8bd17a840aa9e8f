"""Names of molgen 0.1 in settings and on cards of models: accepted for one release, in settings with a warning."""

import functools
import logging
from collections.abc import Iterator, Sequence
from typing import Any

from molgen.errors import ConfigError

MODULES = {
    "molgen.campaign.run": "molgen.runs.run",
    "molgen.campaign.sweep": "molgen.runs.sweep",
    "molgen.campaign.tuning": "molgen.runs.tuning",
    "molgen.campaign.screening": "molgen.screening.screen",
    "molgen.search.agent": "molgen.search.policy.agent",
    "molgen.search.breeding": "molgen.search.genetic.breeding",
    "molgen.search.brood": "molgen.search.bayesian.offspring",
    "molgen.search.strategies.genetic": "molgen.search.genetic.genetic",
    "molgen.search.strategies.genetic_policy": "molgen.search.policy.genetic_policy",
    "molgen.search.strategies.latent": "molgen.search.latent",
    "molgen.search.strategies.pareto": "molgen.search.genetic.pareto",
    "molgen.search.strategies.policy": "molgen.search.policy.policy",
    "molgen.search.strategies.surrogate": "molgen.search.bayesian.strategy",
    "molgen.search.surrogates.forest": "molgen.search.bayesian.models.forest",
    "molgen.search.surrogates.gaussian_process": "molgen.search.bayesian.models.gaussian_process",
}  # old -> new
CLASSES = {
    "molgen.predictors.affinity.Affinity": "molgen.predictors.affinity.AffinityPredictor",
    "molgen.scoring.components.endpoint.Endpoint": "molgen.scoring.components.http_endpoint.HttpEndpoint",
    "molgen.search.strategies.screen.Screen": "molgen.search.screen.SimilarityScreen",
}  # old -> new, where the class has another name too
SETTINGS = {
    "molgen.predictors.support_vectors.SupportVectors": {"cost": "C", "tube": "epsilon"},
    "molgen.predictors.trees.Trees": {
        "number": "n_estimators",
        "leaves": "num_leaves",
        "min_leaf": "min_child_samples",
        "feature_fraction": "colsample_bytree",
        "row_fraction": "subsample",
        "l2": "reg_lambda",
        "loss": "objective",
    },
    "molgen.search.bayesian.models.forest.Forest": {"trees": "n_estimators", "leaf": "min_samples_leaf"},
    "molgen.search.bayesian.strategy.Surrogate": {
        "founders": "initial_design",
        "training": "learning.training_size",
        "by_term": "learning.by_term",
        "exploration": "acquisition.kappa_mean",
        "prior_weight": "acquisition.rarity_weight",
        "children": "breeding.offspring",
        "parents": "breeding.parents",
        "guided": "breeding.guided_share",
        "annealed": "explorer.population",
        "apart": "explorer.reserved_share",
        "chosen": "batch.share",
        "per_scaffold": "batch.per_scaffold",
    },
    "molgen.search.genetic.genetic.Genetic": {"founders": "initial_design"},
    "molgen.search.genetic.pareto.Pareto": {"founders": "initial_design", "kept": "population"},
    "molgen.search.latent.Latent": {"founders": "initial_design"},
    "molgen.search.policy.genetic_policy.GeneticPolicy": {"bred": "offspring_share"},
}  # new class -> old key -> new key, in a group where there is a dot
GROUPS = {
    "molgen.search.bayesian.strategy.Surrogate": {
        "learning": "molgen.search.bayesian.settings.Learning",
        "acquisition": "molgen.search.bayesian.settings.AcquisitionSettings",
        "breeding": "molgen.search.bayesian.settings.Breeding",
        "explorer": "molgen.search.bayesian.settings.ExplorerSettings",
        "batch": "molgen.search.bayesian.settings.BatchChoice",
    }
}  # new class -> group -> its class
GONE = {  # new class -> old keys without a new one
    "molgen.search.bayesian.strategy.Surrogate": ("patience", "generations", "agent", "agent_samples", "written"),
}
OPTIONS = {"search": {"hybrid": "surrogate"}}  # group -> old option -> the one that takes its place
KEYS = {
    "train": {"trainer.folder": "folder"},
    "train_predictor": {"trainer.folder": "folder", "predictor.trainer.folder": "folder"},
}  # command -> old key -> new key
LOG = logging.getLogger(__name__)


def class_name(name: Any) -> Any:
    """The current name of a class, which may be given by its old name."""
    if not isinstance(name, str):
        return name
    module, _, last = name.rpartition(".")
    return CLASSES.get(name) or (f"{MODULES[module]}.{last}" if module in MODULES else name)


def overrides(command: str, given: Sequence[str]) -> list[str]:
    """What is typed after a command, `KEY=VALUE` each, with the present names of its keys.

    Raises
    ------
    ConfigError
        A key is given under both names.
    """
    found = []
    for text in given:
        key, equals, value = text.partition("=")
        present = KEYS.get(command, {}).get(key.lstrip("+"), key)
        if present != key:
            if any(other.startswith(f"{present}=") for other in given):
                raise ConfigError(f"{key}: is now {present}, which is given as well; leave {key} out")
            say(text, {key: present})
        chosen = ",".join(option(present.lstrip("+"), each) for each in value.split(","))
        if chosen != value:
            say(text, {value: chosen})
        found.append(f"{present}{equals}{chosen}")
    return found


def option(group: str, name: str) -> str:
    """The current name of what may be chosen of a group."""
    return OPTIONS.get(group, {}).get(name, name)


def setting(target: Any, key: str) -> str | None:
    """The current name of an old key of the class `target`, dotted if in a group; None if the key isn't old."""
    return SETTINGS.get(class_name(target), {}).get(key) if isinstance(target, str) else None


def current(plain: Any, where: str, under: Any = None) -> Any:
    """Replace old names of classes and keys in `plain` by current ones; one warning names all of them.

    Parameters
    ----------
    where
        What contains `plain`, for messages: a file, or an override.
    under
        The configuration that `plain` changes, which gives the classes that `plain` doesn't name.

    Raises
    ------
    ConfigError
        A setting is given under both names.
    """
    old: dict[str, str] = {}
    found = _current(plain, where, old, under)
    if old:
        say(where, old)
    return found


def _current(plain: Any, where: str, old: dict[str, str], under: Any = None) -> Any:
    if isinstance(plain, list):
        return [_current(item, where, old) for item in plain]
    if not isinstance(plain, dict):
        return plain
    there = under if isinstance(under, dict) else {}
    held = {key: _current(value, where, old, there.get(key)) for key, value in plain.items()}
    named = plain.get("_target_", there.get("_target_"))
    if not isinstance(named, str):
        return held
    target = class_name(named)
    if "_target_" in plain:
        held["_target_"] = target
    old |= {named: target} if target != named else {}
    found: dict[Any, Any] = {}
    for key in GONE.get(target, ()):
        if held.pop(key, None) is not None:
            old[key] = "gone"
    for key, value, renamed in _renamed(held, target):
        old |= {key: renamed} if renamed != key else {}
        group, _, last = renamed.rpartition(".") if isinstance(renamed, str) else ("", "", renamed)
        node = found.setdefault(group, {"_target_": GROUPS[target][group]}) if group else found
        if not isinstance(node, dict) or last in node:
            raise ConfigError(f"{where}: {key} is now {renamed}, which is given as well; leave {key} out")
        node[last] = value
    return found


def _renamed(held: dict[Any, Any], target: str) -> Iterator[tuple[Any, Any, Any]]:
    """Every key, its value and its current name; keys that already have their current name come first."""
    names = {key: setting(target, key) or key if isinstance(key, str) else key for key in held}
    for key in sorted(held, key=lambda each: names[each] != each):
        yield key, held[key], names[key]


@functools.cache
def _warn(line: str) -> None:
    LOG.warning(line)


def say(where: str, old: dict[str, str]) -> None:
    """Warn, once, of old names and their replacements."""
    names = ", ".join(f"{key} (now {renamed})" for key, renamed in old.items())
    _warn(f"{where}: names of molgen 0.1, which the next release will not know: {names}")
