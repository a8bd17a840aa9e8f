"""Names that users choose, and that become columns, labels of plots, SD tags and files."""

from collections.abc import Collection, Iterable

from molgen.errors import ConfigError

LONGEST = 80
FORBIDDEN = "<>$"  # reserved in SD tags and in formulas of plots
FIRST = "_=+@-#"  # first characters that plots and spreadsheets interpret
CALLS = ("id", "call", "smiles", "score", "problem", "batch", "seconds", "operator", "parents", "island")  # of a campaign
COLUMNS = frozenset(
    (*CALLS, "judged", "name", "given", "standardized", "changes", "rank")
)  # of all tables, besides one column per term


def check_name(name: object, where: str, reserved: Collection[str] = (), forbidden: str = "") -> None:
    """Refuse a name that a table, a plot or a file can't hold.

    Parameters
    ----------
    name, where
        The name, and where it was given, for the error.
    reserved
        Names in lower case that have another meaning already.
    forbidden
        Characters refused besides those that are never allowed.

    Raises
    ------
    ConfigError
        Says what is wrong with the name.
    """
    if problem := _problem(name, reserved, FORBIDDEN + forbidden):
        raise ConfigError(f"{where}: the name {name!r} {problem}; choose another")


def _problem(name: object, reserved: Collection[str], forbidden: str) -> str:
    if not isinstance(name, str):
        return "isn't text (quotes make it so)"
    if not name.strip():
        return "is empty"
    if name != name.strip():
        return "begins or ends with a blank"
    if not name.isprintable():
        return "has a character that can't be printed, such as a line break"
    if found := sorted(set(name) & set(forbidden)):
        return f"has {' and '.join(found)}, which a plot or a file can't hold"
    if name[0] in FIRST:
        return f"begins with {name[0]}, which plots and spreadsheets take for something else"
    if len(name) > LONGEST:
        return f"is longer than {LONGEST} characters"
    return "is that of a column in every result" if name.lower() in reserved else ""


def check_endings(names: Iterable[str], endings: Iterable[str], where: str) -> None:
    """Refuse a name that collides with another name's column: `x_std` beside `x` if `_std` is among the `endings`."""
    known = set(names)
    for name in sorted(known):
        for ending in endings:
            other = name.removesuffix(ending)
            if other in known - {name}:
                raise ConfigError(f"{where}: '{name}' is the column for the {ending[1:]} of '{other}'; rename one")
