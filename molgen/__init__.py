"""molgen designs drug molecules against goals that a chemist states."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from molgen.chem.molecules import Molecules
    from molgen.chem.standardize import Standardizer
    from molgen.client import RemoteScorer
    from molgen.generators.base import Generator
    from molgen.generators.shipped import load_generator
    from molgen.predictors.base import Predictor
    from molgen.predictors.shipped import load_predictor
    from molgen.project.project import Project
    from molgen.runs.design import design
    from molgen.runs.run import Run
    from molgen.scoring.component import Component
    from molgen.scoring.scorer import Scorer
    from molgen.scoring.scores import Scores
    from molgen.search.strategy import Strategy

__version__ = "0.1.0"
__all__ = [
    "Component",
    "Generator",
    "Molecules",
    "Predictor",
    "Project",
    "RemoteScorer",
    "Run",
    "Scorer",
    "Scores",
    "Standardizer",
    "Strategy",
    "design",
    "load_generator",
    "load_predictor",
]

_HOMES = {
    "Component": "molgen.scoring.component",
    "Generator": "molgen.generators.base",
    "Molecules": "molgen.chem.molecules",
    "Predictor": "molgen.predictors.base",
    "Project": "molgen.project.project",
    "RemoteScorer": "molgen.client",
    "Run": "molgen.runs.run",
    "Scorer": "molgen.scoring.scorer",
    "Scores": "molgen.scoring.scores",
    "Standardizer": "molgen.chem.standardize",
    "Strategy": "molgen.search.strategy",
    "design": "molgen.runs.design",
    "load_generator": "molgen.generators.shipped",
    "load_predictor": "molgen.predictors.shipped",
}


def __getattr__(name: str) -> Any:
    """Import a public name at its first use, so that `import molgen` takes no time."""
    if name not in _HOMES:
        raise AttributeError(f"module 'molgen' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Public names."""
    return [*globals(), *__all__]
