"""Folders of work in progress: one writer each, created whole or not at all, cleaned of what dead writers left."""

import contextlib
import errno
import fcntl
import logging
import os
import platform
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from molgen.errors import CampaignError

LOCK = "run.lock"
UNLOCKABLE = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)  # a file system without locks
PAUSE = 0.1  # s between two looks at a lock that another holds
LOG = logging.getLogger(__name__)
_held: set[int] = set()


def _let_go_in_child() -> None:
    """Close the locks that a forked child shares with its parent, or it would hold them after the parent's death."""
    for file in _held:
        os.close(file)
    _held.clear()


os.register_at_fork(after_in_child=_let_go_in_child)


@contextmanager
def writing(folder: Path, wait: float = 0) -> Iterator[None]:
    """Be the only writer of `folder` until the block ends; temporaries of dead writers are removed.

    The kernel releases the lock when the process dies, and children don't inherit it. On a file system without locks a
    warning is logged, and the folder is written all the same.

    Parameters
    ----------
    wait
        Seconds in which another writer may end.

    Raises
    ------
    CampaignError
        Another process, named by its number, writes there; or the folder can't be written.
    """
    path = folder / LOCK
    try:
        file = _locked(path, time.monotonic() + wait)
    except OSError as error:
        raise CampaignError(f"{folder}: can't be written ({error.strerror}); {remedy(error)}") from error
    try:
        sweep_up(folder)
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)  # while it is locked: see `_locked`
        _held.discard(file)
        os.close(file)


class Writer(NamedTuple):
    """The process that writes a folder: its number, and whether it runs on this machine."""

    process: int
    is_here: bool


def writer_of(folder: Path) -> Writer | None:
    """Who holds the lock of `folder`; None if nobody does, whatever a file of that name says."""
    try:
        file = os.open(folder / LOCK, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        said = re.fullmatch(r"process (\d+) on (.*)\n", os.pread(file, 200, 0).decode(errors="replace"))
        if said is None:
            return None
        process, here = int(said[1]), said[2] == platform.node()
        if here and not _is_alive(process):
            return None  # asked before the lock is tried, which would keep out a process that is about to take it
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return Writer(process, here)
    except OSError:
        return None
    finally:
        os.close(file)
    return None


def no_link(path: Path) -> Path:
    """Return `path`, a file or a folder of a run, refusing links, since a stranger's link may lead writes elsewhere.

    Raises
    ------
    CampaignError
        It is a link.
    """
    if path.is_symlink():
        raise CampaignError(f"{path}: is a link, and what is written there would be elsewhere; put what it leads to in its place")
    return path


def _locked(path: Path, until: float) -> int:
    """Open and lock the file at `path`, and record the holder in it; another holder may let go `until` then."""
    while True:
        file = os.open(no_link(path), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file), path.stat()):
                    break
            os.close(file)  # its last holder has removed it in the meantime
        except BlockingIOError:
            holder = os.pread(file, 200, 0).decode(errors="replace").strip()
            os.close(file)
            if time.monotonic() < until:
                time.sleep(PAUSE)
                continue
            raise CampaignError(
                f"{path.parent}: {holder or 'another process'} is writing there; wait until it has ended, or end it"
            ) from None
        except OSError as error:
            if error.errno not in UNLOCKABLE:
                os.close(file)
                raise
            LOG.warning("%s: its file system has no locks (%s): let only one process write there", path.parent, error.strerror)
            break
    os.truncate(file, 0)
    os.pwrite(file, f"process {os.getpid()} on {platform.node()}\n".encode(), 0)
    _held.add(file)
    return file


def sweep_up(folder: Path, name: str = "*") -> None:
    """Remove temporaries (`.PID.NAME`) of dead processes."""
    for path in folder.glob(f".[0-9]*.{name}"):
        found = re.match(r"\.(\d+)\.", path.name)
        if found is None or _is_alive(int(found[1])):
            continue
        with contextlib.suppress(OSError):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # of another user
        return True
    return True


def create(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make `folder` with `files`; it appears with all of them or not at all.

    Raises
    ------
    OSError
        It can't be made, or it isn't empty (ENOTEMPTY or ENOTDIR).
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    sweep_up(folder.parent, folder.name)
    temporary = folder.with_name(f".{os.getpid()}.{folder.name}")
    try:
        temporary.mkdir()
        for name, content in files.items():
            (temporary / name).parent.mkdir(exist_ok=True)
            with (temporary / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def remedy(error: OSError) -> str:
    """How to remedy a write error, as an imperative."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "free space"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "allow writing there"
    if error.errno == errno.ENOENT:
        return "put back what was removed"
    if error.errno == errno.EFBIG:
        return "allow larger files (ulimit -f)"
    return "mend that"


def why_unwritable(folder: Path, size: int = 1 << 21) -> OSError | None:
    """The error of writing a file of `size` bytes in `folder`; None if it can be written."""
    try:
        with tempfile.TemporaryFile(dir=folder, prefix=f".{os.getpid()}.") as file:
            file.write(bytes(size))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error
    return None
