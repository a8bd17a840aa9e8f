"""The Python client of `molgen serve`."""

from molgen.scoring.components.remote import RemoteScorer

__all__ = ["RemoteScorer"]
