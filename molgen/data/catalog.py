"""Public data sets by name: where they are, and that what came is what was meant."""

import os
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pooch

from molgen.data.readers import read_smiles
from molgen.errors import DataError


@dataclass(frozen=True)
class Molfile:
    """Molecules in a file of the user's."""

    path: str
    column: str | None = None

    def smiles(self) -> list[str]:
        """All SMILES, as they stand there."""
        return read_smiles(self.path, self.column)


@dataclass(frozen=True)
class PublicSet:
    """Molecules in a published file.

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
        folder, name = Path(pooch.os_cache("molgen")), Path(self.file).name
        if local := os.environ.get("MOLGEN_DATA"):
            candidate = Path(local) / self.file
            if candidate.is_file():
                if pooch.file_hash(str(candidate)) != self.sha256:
                    raise DataError(
                        f"{candidate}: not the file that {self.name} means (sha256 differs); delete it or unset MOLGEN_DATA"
                    )
                return candidate
        try:
            return Path(pooch.retrieve(self.url, f"sha256:{self.sha256}", fname=name, path=folder, progressbar=False))
        except (OSError, ValueError) as error:
            reason = type(error).__name__ if isinstance(error, OSError) else str(error).splitlines()[0]
            raise DataError(
                f"data {self.name}: can't be fetched from {self.url} ({reason}); "
                f"download it by hand into a folder and set MOLGEN_DATA to that folder"
            ) from error

    def smiles(self) -> list[str]:
        """All SMILES, as they stand there; fetches the file first."""
        path = self.fetch()
        if self.member is None:
            return read_smiles(path, self.column)
        with tarfile.open(path) as archive:
            content = archive.extractfile(self.member)
            if content is None:
                raise DataError(f"{path}: no file '{self.member}' inside")
            return content.read().decode().split()
