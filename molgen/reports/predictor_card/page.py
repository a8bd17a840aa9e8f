"""The card of a predictor: one HTML page that opens offline and prints."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from molgen.chem.molecules import parse
from molgen.data.dataset import Endpoint
from molgen.files import write_atomically
from molgen.reports.drawing import draw
from molgen.reports.predictor_card.cliffs import Cliff
from molgen.reports.predictor_card.contents import CardContents, read_card
from molgen.reports.predictor_card.data_story import data_story
from molgen.reports.predictor_card.endpoint_section import EndpointSection, endpoint_section
from molgen.reports.predictor_card.misses import Miss
from molgen.reports.report import render
from molgen.reports.small_drawings import SharedStyles
from molgen.reports.texts import number

FILE = "card.html"
THRESHOLD = 0.5
LARGE, SMALL = (300, 200), (200, 130)


@dataclass(frozen=True)
class CliffRow:
    """A cliff for reading."""

    pictures: tuple[str, str]
    smiles: tuple[str, str]
    values: tuple[str, str]
    similarity: str
    change: str


def write_card(predictor: Path, page: Path, threshold: float | None = None) -> CardContents:
    """Write the card of the predictor in a .safetensors file; returns what it was made of.

    Parameters
    ----------
    threshold
        Probability from which on a molecule is taken for class 1; by default that of the training, else 0.5.

    Raises
    ------
    CheckpointError
        The file is missing or damaged, or no predictor's.
    DataError
        `evaluation.csv` isn't what was written beside it.
    OSError
        The page can't be written.
    """
    contents = read_card(predictor)
    write_atomically(page, card_page(contents, _threshold(contents, threshold)).encode())
    return contents


def _threshold(contents: CardContents, threshold: float | None) -> float:
    trained = contents.about.get("threshold")
    return threshold if threshold is not None else float(trained) if isinstance(trained, int | float) else THRESHOLD


def card_page(contents: CardContents, threshold: float = THRESHOLD) -> str:
    """The page as HTML."""
    kind = contents.about.get("folds_keep_together")
    folds = f" of {contents.about.get('folds')} folds ({kind})" if kind else ""
    found = [(endpoint, endpoint_section(contents, endpoint, threshold, folds)) for endpoint in contents.endpoints]
    sections = [section for _, section in found if section is not None]
    styles = SharedStyles()
    return render(
        "predictor_card/card.html.j2",
        title=contents.path.resolve().parent.name if contents.path.name == "predictor.safetensors" else contents.path.stem,
        facts=_facts(contents),
        missing=contents.missing,
        unpredicted=[] if contents.table.empty else [endpoint.name for endpoint, section in found if section is None],
        sections=[(section, _misses(section, styles), _cliffs(section, styles)) for section in sections],
        story=data_story(contents),
        known_figures=[] if sections else _known_figures(contents),
        endpoints=contents.endpoints,
        styles=styles.css(),
    )


def _facts(contents: CardContents) -> list[tuple[str, str]]:
    about, facts = contents.about, []
    if isinstance(trained := about.get("trained_on"), int):
        facts.append(("molecules learnt from", f"{trained:,}"))
    facts.append(("endpoints" if len(contents.endpoints) != 1 else "endpoint", f"{len(contents.endpoints)}"))
    facts.append(("kind", str(about.get("class", "")).rpartition(".")[2]))
    if isinstance(split := about.get("split"), str):
        held_out = about.get("test")
        facts.append(("held-out part by", f"{split}{f', {held_out:.0%}' if isinstance(held_out, float) else ''}"))
    if future := contents.part("future"):
        facts.append((f"judged on, by {future.get('column')}", f"from {future.get('future_from')}"))
    if isinstance(version := about.get("version"), str):
        facts.append(("trained by molgen", version))
    return facts


def _known_figures(contents: CardContents) -> list[tuple[str, str, str]]:
    """The figures that the file itself has, of a predictor without `evaluation.csv`: endpoint, where, figures."""
    found = []
    for key, where in (("cross_validation", "cross-validation"), ("held_out", "held-out")):
        for name, figures in contents.part(key).items():
            if isinstance(figures, dict):
                told = ", ".join(f"{what} {number(value)}" for what, value in figures.items() if isinstance(value, int | float))
                found.append((str(name), where, told))
    return found


def _misses(section: EndpointSection, styles: SharedStyles) -> list[tuple[Miss, str, str]]:
    return [(miss, _drawn(miss.smiles, LARGE, styles), _drawn(miss.nearest, SMALL, styles)) for miss in section.misses]


def _cliffs(section: EndpointSection, styles: SharedStyles) -> list[CliffRow]:
    return [_cliff(cliff, section.endpoint, styles) for cliff in section.cliffs.pairs]


def _cliff(cliff: Cliff, endpoint: Endpoint, styles: SharedStyles) -> CliffRow:
    whole = endpoint.task == "classification"
    texts: Any = tuple(f"{value:.0f}" if whole else f"{number(value)} {endpoint.unit}".strip() for value in cliff.measured)
    smiles = (cliff.first, cliff.second)
    drawn: Any = tuple(_drawn(text, SMALL, styles) for text in smiles)
    return CliffRow(drawn, smiles, texts, f"{cliff.similarity:.2f}", cliff.change)


def _drawn(smiles: str, size: tuple[int, int], styles: SharedStyles) -> str:
    """A drawing that says in words what it is; empty of what can't be drawn."""
    if parse(smiles)[0] is None:
        return ""
    return styles(draw(smiles, size=size)).replace("<svg", '<svg role="img" aria-label="structure, written below as SMILES"', 1)
