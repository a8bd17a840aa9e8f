"""Repeats: measured compounds of which it is noise, not ignorance, that leaves open which compound is the best."""

from collections.abc import Sequence

import numpy as np

from molgen.chem.molecules import Molecules
from molgen.chem.standardize import STANDARD
from molgen.project.assays import asked_assay
from molgen.project.facts import Measurement
from molgen.project.goals import MEASURED
from molgen.project.posterior import Posterior

DOUBT = 0.1  # chance to change whether a compound is thought the best, from which on a repetition is worthwhile


def repeats_of(number: int, posterior: Posterior, measurements: Sequence[Measurement], controls: Sequence[str] = ()) -> list[str]:
    """The compounds whose repetition is worth most, by their SMILES, the most worthwhile first.

    The worth is the knowledge gradient (Frazier, Powell and Dayanik, INFORMS J. Comput. 21, 599, 2009): by how much the utility
    of the compound that is then thought the best would rise on average. Compounds that are the best, or aren't, nearly whatever
    another measurement gives, aren't repeated.

    Parameters
    ----------
    number
        Compounds at most; fewer where no other is worth a repetition.
    measurements
        That hold.
    controls
        Compounds that are measured again in any case.
    """
    known = _measured(posterior, measurements)
    if not number or len(known) < 2:
        return []
    then = posterior.utility_after_repeat(Molecules(known, STANDARD))
    now = then.mean(0)
    best, second = np.argsort(-now, kind="stable")[:2]
    others = np.where(np.arange(len(known)) == best, now[second], now[best])
    worth = np.maximum(then, others).mean(0) - np.maximum(now, others)
    turned = ((then > others) != (now > others)).mean(0)
    worthwhile = [i for i in np.argsort(-worth, kind="stable").tolist() if turned[i] >= DOUBT and known[i] not in controls]
    return [known[i] for i in worthwhile[:number]]


def _measured(posterior: Posterior, measurements: Sequence[Measurement]) -> list[str]:
    """The compounds of which all measured goals have a value, no bound, by the assay that they are about."""
    found = list(dict.fromkeys(fact.compound for fact in measurements))
    for goal in posterior.goals.goals.values():
        if goal.kind == MEASURED:
            assay = asked_assay(goal, measurements)
            having = {
                fact.compound
                for fact in measurements
                if (fact.endpoint, fact.assay) == (goal.endpoint, assay or "") and not fact.relation
            }
            found = [text for text in found if text in having]
    return found
