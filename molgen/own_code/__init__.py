"""A user's own Python files: the one place where they are found and imported.

A file is imported as `molgen.own_code.HEX.NAME`, HEX being the folder, so that two files of one name stay two modules, and that
any process that sees the file can read what another one has pickled. One that has changed is imported again.
"""

import contextlib
import importlib
import importlib.util
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType

MARK = ".py:"
PACKAGE = __name__.partition(".")[0]
INSTALLED = tuple(sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib"))
LOADED: dict[Path, dict[Path, tuple[int, int]]] = {}  # folder -> its files that were imported, and their state then


def in_folder(target: str, folder: Path) -> str:
    """`/FOLDER/my/module.py:Name` where `target`, `my.module.Name` or `my/module.py:Name`, is in a file in `folder`.

    What is in a package that Python would import from there itself keeps its name.
    """
    if MARK in target:
        stem, _, name = target.partition(MARK)
    else:
        module, _, name = target.rpartition(".")
        stem = module.replace(".", "/")
        if "." in module and _importable(module.partition(".")[0], folder):
            return target
    path = folder / f"{stem}.py"
    with contextlib.suppress(OSError, ValueError):  # no possible name
        return f"{path.absolute().with_suffix('')}{MARK}{name}" if stem and path.is_file() else target
    return target


def _importable(package: str, folder: Path) -> bool:
    """Whether Python finds a top-level module or package, and finds it in `folder`; molgen is always that which runs."""
    if package == PACKAGE:
        return True
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return False
    places = [] if spec is None else [spec.origin, *(spec.submodule_search_locations or ())]
    return any(place is not None and Path(place).parent == folder for place in places)


def dotted_name(target: str) -> str:
    """What Python calls the `Name` in `/path/file.py:Name`, its files as they are now; others as they are."""
    path = path_of(target)
    if path is None:
        return target
    folder = _top(path)
    _forget_changed(folder)
    return f"{__name__}.{str(folder).encode().hex()}.{module_of(path)}.{target.rpartition(':')[2]}"


def _top(path: Path) -> Path:
    """The folder of a file, or of the package that it is in."""
    return next(parent for parent in path.parents if not (parent / "__init__.py").is_file())


def module_of(path: Path) -> str:
    """What a file (without its suffix) would be called by what lies beside it, or beside its package."""
    return ".".join(path.relative_to(_top(path)).parts)


def is_own(name: str) -> bool:
    """Whether `name` is that of something in a user's own file, as Python calls it once it is imported."""
    return name.startswith(f"{__name__}.")


def target_of(kind: type) -> str:
    """What files call a class: its dotted name, or `/path/file.py:Name` where it is in a user's own file."""
    if not is_own(kind.__module__):
        return f"{kind.__module__}.{kind.__qualname__}"
    module = kind.__module__.removeprefix(f"{__name__}.").partition(".")[2]
    return f"{_folder(kind.__module__) / module.replace('.', '/')}{MARK}{kind.__qualname__}"


def is_shadow(path: Path) -> bool:
    """Whether Python would import something else by the name of a file (without its suffix)."""
    package, folder = module_of(path).partition(".")[0], _top(path)
    if package == PACKAGE or package in sys.builtin_module_names:
        return True
    for finder in sys.meta_path:  # not by importlib.util.find_spec: what files import of each other is among sys.modules
        spec = finder.find_spec(package, None) if hasattr(finder, "find_spec") else None
        if spec is not None:
            places = [spec.origin, *(spec.submodule_search_locations or ())]
            return not any(place is not None and Path(place).resolve().parent == folder.resolve() for place in places)
    return False


def path_of(target: str) -> Path | None:
    """The file in `/path/file.py:Name`, without its suffix."""
    if MARK not in target:
        return None
    path = Path(target.rpartition(MARK)[0])
    with contextlib.suppress(RuntimeError):  # `~` of nobody
        path = path.expanduser()
    return path.absolute()


def _state(path: Path) -> tuple[int, int]:
    """What tells whether a file has changed."""
    with contextlib.suppress(OSError):
        return path.stat().st_mtime_ns, path.stat().st_size
    return 0, 0


def _forget_changed(folder: Path) -> None:
    """Have everything from `folder` imported again, if any of it has changed since."""
    if all(_state(path) == state for path, state in LOADED.get(folder, {}).items()):
        return
    for name in [name for name, path in _files() if path in LOADED[folder]]:
        del sys.modules[name]
    del LOADED[folder]
    importlib.invalidate_caches()


def _files() -> list[tuple[str, Path]]:
    """Names and files of the modules that are imported."""
    return [(name, Path(file)) for name, module in list(sys.modules.items()) if (file := getattr(module, "__file__", None))]


@contextlib.contextmanager
def _at_hand(folder: Path) -> Iterator[None]:
    """Within it, what lies in `folder` is imported from there, whatever else of the same names a user has."""
    names = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    names.discard(PACKAGE)
    others = {
        name: sys.modules.pop(name)
        for name, path in _files()
        if name.partition(".")[0] in names and folder not in path.parents and not str(path).startswith(INSTALLED)
    }
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        new = {
            path: _state(path)
            for name, path in _files()
            if folder in path.parents
            and not str(path).startswith(INSTALLED)
            and (name.startswith(f"{__name__}.") or (name not in before and name.partition(".")[0] != PACKAGE))
        }
        LOADED[folder] = new | LOADED.get(folder, {})
        sys.modules.update(others)


class _Loader(SourceFileLoader):
    """Lets a file import what lies beside it."""

    def exec_module(self, module: ModuleType) -> None:
        with _at_hand(_folder(self.name)):
            super().exec_module(module)


def _folder(fullname: str) -> Path:
    """The folder in the name of a module."""
    return Path(bytes.fromhex(fullname.removeprefix(f"{__name__}.").partition(".")[0]).decode())


class _Finder(MetaPathFinder):
    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if not fullname.startswith(f"{__name__}."):
            return None
        if fullname.count(".") == __name__.count(".") + 1:  # the folder
            spec = ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = [str(_folder(fullname))]
            return spec
        found = PathFinder.find_spec(fullname, path)
        if found is None or found.origin is None:
            raise ModuleNotFoundError("no such file", name=fullname)
        return importlib.util.spec_from_file_location(
            fullname,
            found.origin,
            loader=_Loader(fullname, found.origin),
            submodule_search_locations=found.submodule_search_locations,
        )


sys.meta_path.insert(0, _Finder())
