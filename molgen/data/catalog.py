"""Public data sets by name: where they are, and that what came is what was meant."""

import gzip
import os
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pooch

from molgen.data.assay import Assay
from molgen.data.readers import read_table
from molgen.errors import DataError


@dataclass(frozen=True)
class Molfile(Assay):
    """Molecules in a file of the user's, measured or not.

    Attributes
    ----------
    column
        Where the SMILES are, if it can't be guessed.
    delimiter, encoding
        Of a text file, if they can't be guessed: see `molgen.data.readers.Reading`.
    path
        A file of any format (docs/how-to/files.md).
    """

    path: str
    column: str | None = None
    delimiter: str | None = None
    encoding: str | None = None

    def table(self) -> pd.DataFrame:
        """The file, its SMILES in a column called smiles, other columns of text formats as text: see `Table.training`."""
        return read_table(self.path, self.column, delimiter=self.delimiter, encoding=self.encoding).training()

    def smiles(self) -> list[str]:
        """All SMILES, as they stand there."""
        return self.table()["smiles"].tolist()


@dataclass(frozen=True)
class PublicSet(Assay):
    """Molecules in a published file, measured or not.

    Attributes
    ----------
    file
        Its name in the cache, or under the folder that the variable MOLGEN_DATA names.
    url, sha256
        Where it is fetched from, and its checksum.
    about
        What it holds, one line.
    member
        The file inside the archive, for a .tar.gz.
    column
        Where the SMILES are, if not in a column called smiles.
    name
        What reports and messages call it.
    """

    name: str
    file: str
    url: str
    sha256: str
    about: str
    member: str | None = None
    column: str | None = None

    def fetch(self) -> Path:
        """The file, from MOLGEN_DATA, the cache or the network, its checksum compared.

        Raises
        ------
        DataError
            It can't be downloaded, or it isn't the file that was meant.
        """
        folder, other = Path(pooch.os_cache("molgen")), ""
        if local := os.environ.get("MOLGEN_DATA"):
            candidate, published = Path(local) / self.file, Path(local) / self._published
            if candidate.is_file():
                return self._checked(candidate, folder)
            if published.is_file():  # several sets may be published by one name
                if pooch.file_hash(str(published)) == self.sha256:
                    return published
                other = f"; {published} is another file (sha256 differs)"
        try:
            name = self._name_in_cache()
            return Path(pooch.retrieve(self.url, f"sha256:{self.sha256}", fname=name, path=folder, progressbar=False))
        except (OSError, ValueError) as error:
            reason = type(error).__name__ if isinstance(error, OSError) else str(error).splitlines()[0]
            raise DataError(
                f"data {self.name}: can't be fetched from {self.url} ({reason}){other}; "
                f"download it by hand into a folder, as {self._published}, and set MOLGEN_DATA to that folder"
            ) from error

    def _packed(self) -> bool:
        """Whether a local copy is compressed where the published file isn't."""
        return self.file.endswith(".gz") and not self.url.endswith(".gz") and self.member is None

    @property
    def _published(self) -> str:
        """What the file is called where it is published."""
        return self.url.rpartition("/")[2]

    def _name_in_cache(self) -> str:
        return (self.file.removesuffix(".gz") if self._packed() else self.file).replace("/", "-")

    def _checked(self, candidate: Path, cache: Path) -> Path:
        """A local copy, unpacked into `cache` where the published file is not compressed."""
        path = candidate
        if self._packed():
            path = cache / self._name_in_cache()
            if not path.is_file() or pooch.file_hash(str(path)) != self.sha256:
                path.parent.mkdir(parents=True, exist_ok=True)
                try:
                    path.write_bytes(gzip.decompress(candidate.read_bytes()))
                except (gzip.BadGzipFile, EOFError, zlib.error) as error:
                    raise DataError(f"{candidate}: cut short or damaged ({error}); copy it anew or unset MOLGEN_DATA") from error
        if pooch.file_hash(str(path)) != self.sha256:
            raise DataError(f"{candidate}: not the file that {self.name} means (sha256 differs); delete it or unset MOLGEN_DATA")
        return path

    def table(self) -> pd.DataFrame:
        """The file, its SMILES in a column called smiles; fetched first."""
        path = self.fetch()
        if self.member is None:
            return read_table(path, self.column).training()
        with tarfile.open(path) as archive:
            content = archive.extractfile(self.member)
            if content is None:
                raise DataError(f"{path}: no file '{self.member}' inside")
            return pd.DataFrame({"smiles": content.read().decode().split()})

    def smiles(self) -> list[str]:
        """All SMILES, as they stand there; fetches the file first."""
        return self.table()["smiles"].tolist()
