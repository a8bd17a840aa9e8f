"""A batch: what may win, what is there to learn from, and controls."""

from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from molgen.errors import ConfigError, check_between
from molgen.project.choice.base import ChoiceRule, Draws
from molgen.project.choice.informative import Informative
from molgen.project.choice.limits import Limits
from molgen.project.choice.rules import DEFAULT, RULES

Role = Literal["improve", "learn", "control"]


class Chosen(NamedTuple):
    """One molecule of a batch.

    Attributes
    ----------
    row
        Which candidate.
    role
        What it is there for: to be better than what is known, to learn from, or to see whether the assay gives what it gave.
    """

    row: int
    role: Role


def choose_batch(
    utilities: Draws,
    number: int,
    rng: np.random.Generator,
    limits: Limits,
    pending: NDArray[np.intp] | None = None,
    *,
    rule: ChoiceRule = RULES[DEFAULT],
    explore: float | None = None,
    measured: int = 0,
    proposed: int = 0,
    controls: NDArray[np.intp] | None = None,
) -> list[Chosen]:
    """Choose a batch; the same arguments and random state give the same one.

    Parameters
    ----------
    utilities : float64 [draws, n]
        See `ChoiceRule.choose`.
    number
        Molecules of the batch, controls included: a plate's wells.
    limits, pending
        See `ChoiceRule.choose`.
    explore
        The share of the rest that is there to learn from; None for what the rule asks for.
    measured, proposed
        Molecules that were measured so far, and those of the batches before whose results are known.
    controls : intp [c]
        Measured molecules to be measured again; limits don't apply to them.

    Returns
    -------
    list of Chosen
        Those to improve first, the most wanted ahead; fewer than `number` where the limits leave no more.

    Raises
    ------
    ConfigError
        More controls than molecules, or `explore` isn't a share.
    """
    check_between("propose", 1, number=number)
    if explore is not None:
        check_between("propose", 0, 1, explore=explore)
    pending = np.empty(0, np.intp) if pending is None else pending
    controls = np.empty(0, np.intp) if controls is None else controls
    if len(controls) > number:
        raise ConfigError(f"controls: {len(controls)} of them leave no room in a batch of {number}")
    rest = number - len(controls)
    to_learn = rule.to_learn(rest, measured + len(pending), proposed) if explore is None else round(explore * rest)
    improving = rule.choose(utilities, rest - to_learn, rng, limits, pending)
    limits = replace(limits, taken=np.concatenate([limits.taken, improving]))
    learning = Informative().choose(utilities, to_learn, rng, limits, np.concatenate([pending, improving]))
    parts: list[tuple[NDArray[np.intp], Role]] = [(improving, "improve"), (learning, "learn"), (controls, "control")]
    return [Chosen(row, role) for rows, role in parts for row in rows.tolist()]
