"""A user's own Python files: the one place where they are found and imported.

A file is imported as `molgen.own_code.HEX`, HEX being its path, so that two files of one name stay two modules, and that any
process that sees the file can read what another one has pickled.
"""

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType

MARK = ".py:"


def beside(target: str, folder: Path) -> str:
    """`/FOLDER/my/module.py:Name` where `target`, `my.module.Name` or `my/module.py:Name`, is in a file in `folder`.

    What Python would import from there itself keeps its name.
    """
    if MARK in target:
        stem, _, name = target.partition(MARK)
    else:
        module, _, name = target.rpartition(".")
        stem = module.replace(".", "/")
        if _importable(module.partition(".")[0], folder):
            return target
    path = folder / f"{stem}.py"
    return f"{path.absolute().with_suffix('')}{MARK}{name}" if stem and path.is_file() else target


def _importable(package: str, folder: Path) -> bool:
    """Whether Python finds a top-level module or package, and finds it in `folder`; molgen is always that which runs."""
    if package == __name__.partition(".")[0]:
        return True
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return False
    places = [] if spec is None else [spec.origin, *(spec.submodule_search_locations or ())]
    return any(place is not None and Path(place).parent == folder for place in places)


def dotted(target: str) -> str:
    """What Python calls the `Name` in `/path/file.py:Name`; others as they are."""
    path = path_of(target)
    return target if path is None else f"{__name__}.{str(path).encode().hex()}.{target.rpartition(':')[2]}"


def path_of(target: str) -> Path | None:
    """The file in `/path/file.py:Name`."""
    return Path(target.rpartition(":")[0]).expanduser().absolute() if MARK in target else None


class _Loader(SourceFileLoader):
    """Lets a file import what lies beside it."""

    def exec_module(self, module: ModuleType) -> None:
        folder = str(Path(self.path).parent)
        sys.path.insert(0, folder)
        try:
            super().exec_module(module)
        finally:
            sys.path.remove(folder)


class _Finder(MetaPathFinder):
    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if not fullname.startswith(f"{__name__}."):
            return None
        file = bytes.fromhex(fullname.rpartition(".")[2]).decode()
        if not Path(file).is_file():
            raise ModuleNotFoundError("no such file", name=fullname, path=file)
        return importlib.util.spec_from_file_location(fullname, file, loader=_Loader(fullname, file))


sys.meta_path.append(_Finder())
