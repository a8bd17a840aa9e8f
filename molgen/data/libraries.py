"""Which files a name means: a file, a folder of them, a pattern, or files elsewhere, which are fetched."""

import glob
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fsspec
import pooch

from molgen.data.tables.formats import SUFFIXES, is_table
from molgen.errors import DataError

# What fsspec reads by its own, and what else is needed; a name can't choose among all of fsspec, which also runs things.
PROTOCOLS = {
    **dict.fromkeys(("http", "https"), "aiohttp"),
    **dict.fromkeys(("s3", "s3a"), "s3fs"),
    **dict.fromkeys(("gs", "gcs"), "gcsfs"),
    **dict.fromkeys(("az", "abfs", "abfss"), "adlfs"),
    **dict.fromkeys(("sftp", "ssh"), "paramiko"),
    **dict.fromkeys(("ftp", "file", "memory"), ""),
}
STAMPS = ("size", "ETag", "etag", "Last-Modified", "LastModified", "last_modified", "mtime", "created")
REMOTE = re.compile(r"([\w+.:-]+)://")


def is_remote(name: Path | str) -> bool:
    """Whether a name is a URL."""
    return REMOTE.match(str(name)) is not None


def files_of(name: Path | str) -> list[Path]:
    """The files of molecules that `name` means, in the order of their names; those elsewhere are fetched into the cache.

    Parameters
    ----------
    name
        A file; a folder, of which all files of molecules are meant; a pattern (`lib/*.smi.gz`, `lib/**/part-?.csv`); or a URL of
        either (`https://`, `s3://`, ...).

    Raises
    ------
    DataError
        There is nothing there, it can't be reached, or it needs a package that isn't installed.
    """
    if is_remote(name):
        return _fetched(str(name))
    path = Path(name)
    if path.is_dir():
        found = [file for file in path.iterdir() if is_table(file) and file.is_file() and not file.name.startswith(".")]
        if not found:
            raise DataError(f"{path}: a folder without files of molecules; known: {', '.join(SUFFIXES)}")
        return sorted(found)
    if glob.has_magic(str(path)) and not path.exists():
        matches = map(Path, glob.glob(str(path), recursive=True))  # noqa: PTH207 (Path.glob wants a relative one)
        if not (found := [file for file in matches if is_table(file) and file.is_file()]):
            raise DataError(f"{path}: no such file")
        return sorted(found)
    return [path]


def _fetched(name: str) -> list[Path]:
    shown = re.sub(r"//[^/@]*@", "//", name)  # without a password
    protocol = name.partition("://")[0]
    if protocol not in PROTOCOLS:
        raise DataError(f"{shown}: {protocol}:// is not read; known: {', '.join(f'{known}://' for known in PROTOCOLS)}")
    try:
        system, path = fsspec.url_to_fs(name)
        paths = _listed(system, path)
        return [_copy(system, remote, name) for remote in paths]
    except ImportError as error:
        raise DataError(f"{shown}: {protocol}:// needs {PROTOCOLS[protocol]}: pip install {PROTOCOLS[protocol]}") from error
    except DataError:
        raise
    except Exception as error:  # every store has its own
        cause = error.__cause__ or error  # of what fsspec takes for a file that isn't there
        reason = "no such file" if isinstance(cause, FileNotFoundError) else str(cause).split("\n")[0] or type(cause).__name__
        raise DataError(f"{shown}: can't be fetched ({re.sub('//[^/@ ]*@', '//', reason)})") from error


def _listed(system: Any, path: str) -> Sequence[str]:
    if "*" in path:
        found = sorted(system.glob(path))
    elif is_table(path.partition("?")[0]):
        return [path]
    else:
        found = sorted(system.ls(path, detail=False))
    tables = [each for each in found if is_table(each)]
    if not tables:
        raise DataError(f"{path}: no files of molecules there; known: {', '.join(SUFFIXES)}")
    return tables


def _copy(system: Any, path: str, name: str) -> Path:
    """The file, fetched unless it is here as it is there."""
    info = system.info(path)
    stamp = repr([name, path, *(str(info.get(key)) for key in STAMPS)])
    folder = Path(pooch.os_cache("molgen")) / "libraries" / hashlib.sha256(stamp.encode()).hexdigest()[:16]
    file = folder / Path(path.partition("?")[0]).name
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_name(f".{file.name}")
        system.get_file(path, str(temporary))
        temporary.replace(file)
    return file
