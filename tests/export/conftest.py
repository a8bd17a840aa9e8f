"""Fixtures of the predictors' tests serve these, too."""

from tests.predictors.conftest import boosted, measured

__all__ = ["boosted", "measured"]
