"""Reactions that are chosen by their names and classes."""

from collections.abc import Sequence

from molgen.errors import ConfigError, nearest
from molgen.synthesis.reaction import Reaction


def selected(reactions: Sequence[Reaction], only: Sequence[str], without: Sequence[str], place: str) -> list[Reaction]:
    """The reactions that are among `only`, if this names any, and not among `without`.

    Parameters
    ----------
    only, without
        Names and classes of reactions.
    place
        Where the two are set, for errors.

    Raises
    ------
    ConfigError
        A name is neither that of a reaction nor of a class.
    """
    for setting, names in (("only", only), ("without", without)):
        check_names(reactions, names, f"{place}.{setting}")
    return [each for each in reactions if (not only or is_one_of(each, only)) and not is_one_of(each, without)]


def check_names(reactions: Sequence[Reaction], names: Sequence[str], where: str) -> None:
    """Check that reactions or classes have these names.

    Parameters
    ----------
    where
        The setting that has the names.

    Raises
    ------
    ConfigError
        A name is neither that of a reaction nor of a class.
    """
    known = {name for each in reactions for name in (each.name, each.kind)}
    if unknown := [name for name in names if name not in known]:
        raise ConfigError(f"{where}: no reaction or class of reactions is '{unknown[0]}'{nearest(unknown[0], known)}")


def is_one_of(reaction: Reaction, names: Sequence[str]) -> bool:
    """Whether a reaction or its class is named."""
    return reaction.name in names or reaction.kind in names
