"""Which predictors `molgen predict` asks: one, or several with names."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from molgen import __version__
from molgen.cli.common import settings_of, show_if_asked
from molgen.cli.predictors import trained
from molgen.config import compose, compose_group, to_plain
from molgen.errors import ConfigError

USAGE = "write predictor=[NAME=FOLDER,OTHER=FOLDER]"


def chosen_predictor(overrides: Sequence[str], command: str = "predict") -> tuple[dict[str, Any], Any]:
    """The settings of `molgen predict`, and the predictor, or `NamedPredictors`, that they name.

    Parameters
    ----------
    command
        Another command that takes predictors; where its settings name none, there is none.

    Raises
    ------
    ConfigError
        A list of predictors can't be read, names one twice, or one that isn't trained.
    """
    from molgen.predictors.named import NamedPredictors

    config: dict[str, Any]
    lists = [text for text in overrides if re.match(r"predictor=\s*\[", text)]
    if not lists:
        config = settings_of(command, overrides)
        return config, None if config.get("predictor") is None else trained(config["predictor"])
    if len([text for text in overrides if text.startswith("predictor=")]) > 1:
        raise ConfigError(f"predictor: is given twice; {USAGE}")
    others = [text for text in overrides if text not in lists]
    named = _named(lists[0].partition("=")[2])
    nodes = {name: to_plain(compose(command, [*others, f"predictor={value}"]))["predictor"] for name, value in named.items()}
    config = to_plain(compose(command, others)) | {"predictor": nodes}
    show_if_asked(config)
    return config, NamedPredictors({name: trained(node) for name, node in nodes.items()})


def _named(text: str) -> dict[str, str]:
    """The predictors of `[NAME=FOLDER,...]`."""
    try:
        items = yaml.safe_load(text)
    except yaml.YAMLError:
        items = None
    if not isinstance(items, list) or not items:
        raise ConfigError(f"predictor={text}: can't be read; {USAGE}")
    found: dict[str, str] = {}
    for item in items:
        name, equals, value = (part.strip() for part in str(item).partition("="))
        if not (name and equals and value):
            raise ConfigError(f"predictor={text}: '{item}' has no name or no predictor; {USAGE}")
        if name in found:
            raise ConfigError(f"predictor={text}: '{name}' is there twice; {USAGE}")
        found[name] = value
    return found


def percentiles_of(config: Mapping[str, Any], predictor: Any) -> dict[str, NDArray[np.float64]]:
    """What is predicted for approved drugs, by endpoint; differences have none.

    Raises
    ------
    ConfigError
        A predictor has no file.
    """
    from molgen.predictors.named import NamedPredictors
    from molgen.predictors.percentiles import of_approved_drugs
    from molgen.predictors.shipped import file_of

    drugs = compose_group("data", "fda_approved")
    node, target = config["predictor"], config["target"]
    if isinstance(predictor, NamedPredictors):
        own = predictor.predictors
        asked = [(own[name], node[name], predictor.target_of(name, target), predictor.columns_of(name)) for name in own]
    else:
        asked = [(predictor, node, target, [endpoint.name for endpoint in predictor.endpoints])]
    found: dict[str, NDArray[np.float64]] = {}
    for each, file, protein, names in asked:
        if "name" not in file:
            raise ConfigError("percentiles: only of predictors that are in a file; leave percentiles out")
        values = of_approved_drugs(each, file_of(file["name"]), drugs, __version__, protein)
        found |= {name: values[:, j] for j, name in enumerate(names)}
    return found
