"""Files that are written whole or not at all, in places that are checked before the work begins."""

import contextlib
import os
from pathlib import Path

from molgen.errors import DataError


def write_atomically(path: Path, content: bytes, *, sync: bool = True) -> None:
    """Write `content` so that `path` holds all old or all new bytes, even if the process dies.

    Parameters
    ----------
    path, content
        The file and its new bytes.
    sync
        Also if the power fails, for files whose damage can't be detected otherwise.

    Raises
    ------
    OSError
        The file can't be written; the error carries `path` as its file name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        temporary.unlink(missing_ok=True)
        with temporary.open("xb") as file:
            file.write(content)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        error.filename, error.filename2 = str(path), None  # a full disk names no file, others the temporary one
        raise
    finally:
        temporary.unlink(missing_ok=True)


def check_place(path: Path | str) -> Path:
    """Refuse a place where no file can be written, by writing one, which is removed again.

    Raises
    ------
    DataError
        Gives the file and the system's reason.
    """
    path, missing = Path(path), []
    temporary = path.with_name(f".{os.getpid()}.{path.name}") if path.name else path
    try:
        if path.is_dir():
            raise DataError(f"{path}: a folder; name a file in it")
        if file := next((folder for folder in path.parents if folder.is_file()), None):
            raise DataError(f"{path}: can't be written ({file} is a file, not a folder); choose another place")
        missing = [folder for folder in (path.parent, *path.parent.parents) if not folder.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        with temporary.open("xb"):
            pass
        temporary.unlink()
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise DataError(f"{path}: can't be written ({reason}); choose another place") from error
    finally:
        for folder in missing:
            with contextlib.suppress(OSError):
                folder.rmdir()
    return path


def check_folder(folder: Path | str) -> Path:
    """Refuse a folder in which nothing can be written; see `check_place`."""
    return check_place(Path(folder) / "file").parent
