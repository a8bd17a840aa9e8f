"""molgen designs drug molecules against goals that a chemist states."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from molgen.generators.shipped import load_generator
    from molgen.predictors.shipped import load_predictor
    from molgen.runs.design import design
    from molgen.scoring.scorer import Scorer

__version__ = "0.1.0"
__all__ = ["Scorer", "design", "load_generator", "load_predictor"]

_HOMES = {
    "Scorer": "molgen.scoring.scorer",
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
