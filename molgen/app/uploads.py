"""Files that were sent to a project and wait until somebody says that they are to be recorded."""

import errno
import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from molgen.data.tables.formats import SUFFIXES, suffixes
from molgen.errors import CampaignError, DataError
from molgen.folders import create, no_link, remedy

UPLOADS = "uploads"  # in the project's folder: a folder with one file each
MOST = 20  # that wait at a time
KEY = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Upload:
    """A file that waits.

    Attributes
    ----------
    key
        Of its name and content.
    path
        Where it is; facts name the file as its last part does.
    time
        When it came, in seconds since 1970.
    """

    key: str
    path: Path
    time: float

    @property
    def name(self) -> str:
        """Of the file."""
        return self.path.name


def keep_upload(project: Path, name: str, content: bytes) -> Upload:
    """Keep a file that was sent; the same file twice waits once.

    Raises
    ------
    DataError
        It is none that `molgen observe` reads, is empty, or too many wait already.
    CampaignError
        It can't be written.
    """
    plain = re.sub(r"[^\w .()+-]", "_", re.split(r"[/\\]", name)[-1]).lstrip(". ")[-100:]
    suffix, compression = suffixes(plain)
    if suffix not in SUFFIXES:
        raise DataError(
            f"{plain or 'the file'}: results come as {', '.join(SUFFIXES)}; save it as one of these, such as .csv or .xlsx"
        )
    if compression:
        raise DataError(f"{plain}: is compressed; unpack it, or take it in with molgen observe")
    if not content:
        raise DataError(f"{plain}: is empty")
    key = hashlib.sha256(f"{plain}\n".encode() + content).hexdigest()[:16]
    folder = no_link(project / UPLOADS) / key
    if not folder.exists():
        if len(waiting(project)) >= MOST:
            raise DataError(f"{MOST} files wait to be recorded already; record or discard one first")
        try:
            create(folder, {plain: content})
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):  # it has come twice at once
                raise CampaignError(f"{folder}: can't be written ({error.strerror}); {remedy(error)}") from error
    return upload_of(project, key)


def waiting(project: Path) -> list[Upload]:
    """The files that wait, the last first."""
    folder = project / UPLOADS
    if folder.is_symlink() or not folder.is_dir():
        return []
    found = [upload for path in folder.iterdir() if (upload := _at(path)) is not None]
    return sorted(found, key=lambda each: -each.time)


def upload_of(project: Path, key: str) -> Upload:
    """The file that waits under this key.

    Raises
    ------
    DataError
        There is none any more.
    """
    found = None if (project / UPLOADS).is_symlink() else _at(project / UPLOADS / key)
    if found is None:
        raise DataError(
            "this file waits no longer: it was recorded or discarded, perhaps in another tab; send it again to see what is known"
        )
    return found


def discard(upload: Upload) -> None:
    """Let it wait no longer."""
    shutil.rmtree(upload.path.parent, ignore_errors=True)


def _at(folder: Path) -> Upload | None:
    if not KEY.fullmatch(folder.name) or folder.is_symlink():
        return None
    try:
        files = [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()]
        return Upload(folder.name, files[0], files[0].stat().st_mtime) if len(files) == 1 else None
    except OSError:  # there is none, or it has just been discarded
        return None
