"""A run whose objective learns from judgements, brought to what they say by now."""

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from molgen.chem.compounds import Taken
from molgen.chem.molecules import Molecules
from molgen.config import check
from molgen.errors import ConfigError, DataError, check_above
from molgen.files import write_atomically
from molgen.folders import writing
from molgen.runs.settings import CONFIG, read_config
from molgen.runs.store import RunStore
from molgen.scoring.components.liked import Liked
from molgen.scoring.judgements import Judgements, read_judgements, together
from molgen.scoring.scorer import SCALED, Scorer
from molgen.scoring.scores import Scores
from molgen.search.strategy import State

LIKED = "liked"  # the term that a run is given
RULES = "/objective"  # beside the terms that learn: of weights and transforms, once they have been changed; no term has a slash
LOG = logging.getLogger(__name__)


def relearn(store: RunStore, scorer: Scorer) -> State | None:
    """Score what is stored anew where the objective isn't that of the stored scores: judgements, weights, transforms, terms.

    Only terms that learn from judgements made since, and terms that are new, are measured; what others measured is taken as it is
    stored, and a molecule without a score stays so.

    Returns
    -------
    State | None
        The strategy's state before, which has learnt from other scores; None where nothing has changed, or there is no state.
    """
    learnt = {name: each.judgements.digest for name, each in scorer.components().items() if isinstance(each, Liked)}
    known = store.learnt()
    said = {name: digest for name, digest in known.items() if name != RULES}
    table = store.to_pandas()
    problem = [str(text) if isinstance(text, str) else None for text in table["problem"]]
    scored = [i for i, text in enumerate(problem) if text is None]
    measured = [name for name in scorer.names if learnt.get(name) != said.get(name) or name not in table] if scored else []
    molecules = Molecules([table["smiles"][i] for i in scored] if measured else [], scorer.standardizer)
    raw = np.full((len(table), len(scorer.names)), np.nan)
    for j, (name, component) in enumerate(scorer.components().items()):
        if name in measured:
            raw[scored, j] = component(molecules)
        elif name in table:
            raw[:, j] = table[name]
    scores = scorer.judged(table["smiles"].tolist(), problem, raw)
    if learnt == said and _as_stored(table, scores):
        return None
    state = store.state() if len(store) else None
    rules = {RULES: hashlib.sha256(scores.total.tobytes()).hexdigest()} if len(store) else {}
    store.rescore(scores, learnt | rules)
    if len(store):
        LOG.warning("%s: its %s molecules are scored anew, by the objective as it is now", store.path.parent, f"{len(store):,}")
    return state


def _as_stored(table: pd.DataFrame, scores: Scores) -> bool:
    """Whether scores are those of a table of molecules, as far as numbers of two machines are the same."""
    if {name for name in table if f"{name}{SCALED}" in table} != set(scores.names) and len(table):
        return False
    stored = [table["score"], *(table[f"{name}{SCALED}"] for name in scores.names if len(table))]
    now = [scores.total, *scores.scaled.T]
    return all(np.allclose(a, b, 1e-6, 1e-9, equal_nan=True) for a, b in zip(stored, now, strict=len(table) > 0))


def rejected_for(folder: Path, scorer: object) -> Callable[[Molecules], NDArray[np.bool_]] | None:
    """What says which molecules a run never scores: those rejected in it, and where its objective learns from; None if none."""
    components = scorer.components().values() if isinstance(scorer, Scorer) else ()
    parts: list[Judgements] = [read_judgements(folder), *(each.judgements for each in components if isinstance(each, Liked))]
    taken: list[Taken] = [part.rejected for part in parts if part.rejected.keys]
    if not taken:
        return None
    return lambda molecules: np.any([each(molecules) for each in taken], axis=0)


def without_rejected(molecules: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """The rows of `RunStore.to_pandas` but for molecules that were rejected in the run, their salts and stereoisomers."""
    rejected = read_judgements(folder).rejected
    return molecules[~rejected(molecules["smiles"].tolist())] if rejected.keys else molecules


def learn_from_judgements(folder: Path, weight: float = 1.0) -> str:
    """Make what chemists said of a run's molecules a term of its objective, or change the weight of that term.

    What is stored is scored anew once the campaign is resumed, see `relearn`.

    Parameters
    ----------
    weight
        Of the term, beside those that there are.

    Returns
    -------
    str
        The name of the term.

    Raises
    ------
    ConfigError
        The objective is a function, or the weight is none.
    DataError
        Nobody has judged.
    CampaignError
        A campaign is running in the folder.
    """
    check_above("weight", 1e9, weight=weight)
    if not read_judgements(folder).standing:
        raise DataError(f"{folder}: {together([])} yet; star, reject or prefer molecules first")
    with writing(folder):
        config = read_config(folder)
        terms = config["scoring"].get("terms") if isinstance(config["scoring"], dict) else None
        if not isinstance(terms, dict):
            raise ConfigError(f"{folder}: its objective is a function, which takes no term; add what is liked to it yourself")
        name = liked_term(config, folder) or next(n for n in (LIKED, *(f"{LIKED}_{i}" for i in range(2, 99))) if n not in terms)
        terms[name] = {LIKED: {"preferences": str(folder.resolve())}, "weight": weight}
        check(config["scoring"], "scoring")
        write_atomically(folder / CONFIG, yaml.safe_dump(config, sort_keys=False).encode())
    return name


def liked_term(config: dict[str, Any], folder: Path) -> str | None:
    """The term by which a run learns from its own judgements."""
    terms = config["scoring"].get("terms") if isinstance(config["scoring"], dict) else None
    for name, node in terms.items() if isinstance(terms, dict) else ():
        settings = node.get(LIKED) if isinstance(node, dict) else None
        places = settings.get("preferences") if isinstance(settings, dict) else settings
        if isinstance(places, str) and Path(places).expanduser().resolve() == folder.resolve():
            return str(name)
    return None
