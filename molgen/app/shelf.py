"""The predictors that a page can ask: those that ship, and those trained in the folder; each is loaded once, in a thread."""

import json
import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from molgen.app.workspace import Workspace
from molgen.errors import DataError, MolgenError
from molgen.predictors.affinity import AffinityPredictor
from molgen.predictors.base import Predictor
from molgen.predictors.shipped import FILE, load_predictor
from molgen.reports.predictor_card.page import FILE as PAGE

LOG = logging.getLogger(__name__)
SHIPPED = {
    "shipped:admet": ("ADMET, 22 endpoints", False),
    "shipped:activity": ("Activity at 9 targets", False),
    "shipped:toxicity": ("Toxicity, 12 Tox21 assays", False),
    "shipped:affinity": ("Affinity to kinases", True),
    "shipped:pka": ("pKa and charge", False),
}
FOLDER = "folder:"
LARGEST_CARD = 50_000_000  # bytes


@dataclass(frozen=True)
class Offer:
    """A predictor that can be chosen.

    Attributes
    ----------
    name
        By which the page asks for it.
    takes_target
        Whether it predicts affinities to a protein.
    folder
        That it was trained in, by its path in the workspace; empty for those that ship.
    has_page
        Whether there is a card of it to read.
    """

    name: str
    title: str
    takes_target: bool
    folder: str = ""
    has_page: bool = False

    @property
    def command(self) -> str:
        """What `molgen predict` calls it."""
        return self.folder or self.name.partition(":")[2]


class _Copy:
    """A predictor that is loaded in a thread; `done` is set once it is there, or has failed."""

    def __init__(self, path: str, stamp: int) -> None:
        self.stamp = stamp
        self.done = threading.Event()
        self.predictor: Predictor | None = None
        self.problem = ""
        threading.Thread(target=self._load, args=(path,), daemon=True).start()

    def _load(self, path: str) -> None:
        try:
            predictor = load_predictor(path)
            predictor.prepare_for_few()
            self.predictor = predictor
        except MolgenError as error:
            self.problem = str(error).splitlines()[0]
        except ImportError as error:
            self.problem = f"needs {error.name}, which isn't installed here"
        except Exception as error:
            LOG.exception("loading a predictor failed")
            self.problem = f"can't be loaded ({type(error).__name__})"
        finally:
            self.done.set()


class Shelf:
    """Finds predictors, and loads each once."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._copies: dict[str, _Copy] = {}
        self._one = threading.Lock()

    def offers(self) -> list[Offer]:
        """All that can be chosen: those that ship first."""
        shipped = [Offer(name, title, takes_target) for name, (title, takes_target) in SHIPPED.items()]
        return shipped + [self._trained(folder) for folder in self.workspace.predictors()]

    def offer(self, name: str) -> Offer:
        """What has this name.

        Raises
        ------
        DataError
            Nothing has it.
        """
        if name in SHIPPED:
            return Offer(name, *SHIPPED[name])
        if name.startswith(FOLDER):
            return self._trained(self.workspace.predictor_at(name.removeprefix(FOLDER)))
        raise DataError(f"{name[:100]!r}: no such predictor")

    def page(self, folder: str) -> str:
        """The card of a predictor of the folder, as HTML.

        Raises
        ------
        DataError
            There is none.
        """
        path = self.workspace.predictor_at(folder) / PAGE
        try:
            if path.is_symlink():
                raise DataError(f"{folder}: its card is a link")
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{folder}: has no card yet; molgen card {folder} writes it") from error

    def predictor(self, name: str) -> Predictor | None:
        """A predictor; None while it is being loaded, which begins with the first call.

        Raises
        ------
        DataError
            There is none of this name, or it can't be loaded: the next call tries again.
        """
        offer = self.offer(name)
        path, stamp = offer.command, 0
        if offer.folder:
            file = self.workspace.predictor_at(offer.folder) / FILE
            path, stamp = str(file), file.stat().st_mtime_ns
        with self._one:
            copy = self._copies.get(name)
            if copy is None or copy.stamp != stamp:
                copy = self._copies[name] = _Copy(path, stamp)
            if copy.problem:
                del self._copies[name]
                raise DataError(copy.problem.replace(f"{self.workspace.root}/", ""))
        return copy.predictor

    def _trained(self, folder: Path) -> Offer:
        name = folder.relative_to(self.workspace.root).as_posix()
        page = folder / PAGE
        return Offer(FOLDER + name, name, _takes_target(folder), name, page.is_file() and not page.is_symlink())


def card_beside(folder: Path) -> dict[str, Any]:
    """What stands beside a predictor that was trained in `folder`; nothing where it can't be read."""
    path = (folder / FILE).with_suffix(".json")
    try:
        card = json.loads(path.read_bytes()) if path.stat().st_size <= LARGEST_CARD else None
    except (OSError, ValueError, RecursionError):
        return {}
    return card if isinstance(card, dict) else {}


def _takes_target(folder: Path) -> bool:
    """Whether the card says so; the predictor itself decides once it is loaded."""
    named = card_beside(folder).get("class")
    return isinstance(named, str) and named.endswith(f".{AffinityPredictor.__name__}")
