"""What a campaign lost on a cluster: workers, by what became of them, and molecules that were scored again or given up."""

import json
import logging
from collections import Counter
from pathlib import Path

from molgen.files import write_atomically
from molgen.scoring.asynchronous import AsynchronousScorer

FILE = "workers.json"
MOLECULES = {"retries": "molecules scored again", "failures": "molecules given up"}
LOG = logging.getLogger(__name__)


class Losses:
    """Counts in `workers.json` of a run folder, which go on where a run is resumed.

    Parameters
    ----------
    folder
        The run folder.
    scorer
        Counts since this go began; one that isn't on a cluster has nothing to count.
    """

    def __init__(self, folder: Path, scorer: object) -> None:
        self.path = folder / FILE
        self.scorer = scorer if isinstance(scorer, AsynchronousScorer) else None
        self._before = read_losses(folder) if self.scorer else Counter()
        self._written = self._before

    def note(self) -> None:
        """Write the counts, if they have changed."""
        if self.scorer is None:
            return
        facts = self.scorer.facts
        counts = self._before + Counter({about: int(facts.get(name, 0)) for name, about in MOLECULES.items()})
        counts += Counter({f"workers lost: {reason}": number for reason, number in self.scorer.losses.items()})
        if counts != self._written:
            try:
                write_atomically(self.path, json.dumps(counts, indent=1).encode())
            except OSError as error:  # the campaign is worth more than its counts
                LOG.warning("%s: can't be written (%s)", self.path, error.strerror or error)
            self._written = counts


def read_losses(folder: Path) -> Counter[str]:
    """The counts of all goes of a run so far; a damaged file counts nothing, and is named."""
    path = folder / FILE
    try:
        found = json.loads(path.read_text())
        return Counter({str(name): int(number) for name, number in found.items()})
    except FileNotFoundError:
        return Counter()
    except (OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        LOG.warning("%s: can't be read (%s); workers that were lost are counted from 0", path, error)
        return Counter()
