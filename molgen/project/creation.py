"""A project's folder and database, made together: whole or not at all."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from molgen.errors import CampaignError, ConfigError
from molgen.files import write_atomically
from molgen.folders import remedy, sweep_up
from molgen.project.database import Database
from molgen.project.goal_files import copied, read_goals

GOALS, SETTINGS = "goals.yaml", "project.yaml"
NAME = re.compile(r"[A-Za-z0-9][\w-]{0,39}", re.ASCII)


@contextmanager
def creating(folder: Path, goals: Path, url: str) -> Iterator[tuple[Path, Database]]:
    """Make a project: what the block adds to its database appears together with `folder` as the block ends.

    Where the block fails, or the process is killed in it, there is neither a folder nor anything in the database.

    Parameters
    ----------
    folder
        Its name is the project's.
    goals
        A YAML file, which is copied.
    url
        Of a PostgreSQL database; "" for a SQLite file in the folder.

    Yields
    ------
    tuple of Path and Database
        The folder for the time being, and the database, in which a transaction is under way.

    Raises
    ------
    CampaignError
        There is such a folder, or a project of this name in the database; or one of them can't be written.
    ConfigError
        The goals can't be read, or the name can't be one.
    """
    if not NAME.fullmatch(folder.name):
        plain = re.sub(r"[^A-Za-z0-9-]+", "_", folder.name).strip("_-")[:40]
        raise ConfigError(
            f"{folder}: a project's name has up to 40 letters, digits, - and _, and begins with a letter or digit"
            f"{f', such as {plain}' * bool(plain)}"
        )
    if folder.exists():
        raise CampaignError(f"{folder}: exists already; molgen observe {folder} FILE adds measurements to a project")
    read_goals(goals)
    temporary = folder.with_name(f".{os.getpid()}.{folder.name}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        sweep_up(folder.parent, folder.name)
        temporary.mkdir()
        write_atomically(temporary / GOALS, copied(goals).encode())
        if url:
            write_atomically(temporary / SETTINGS, yaml.safe_dump({"database": url}).encode())
        store = Database(temporary, url, folder.name)
        try:
            with store.transaction():
                store.create(folder.name)
                yield temporary, store
                if url:
                    temporary.rename(folder)  # with the transaction open: if this fails, the database stays as it was
        except BaseException:
            if url and folder.exists() and not temporary.exists():
                folder.rename(temporary)  # the transaction failed as it ended
            raise
        finally:
            store.close()
        if not url:
            temporary.rename(folder)
    except OSError as error:
        raise CampaignError(f"{folder}: can't be made ({error.strerror}); {remedy(error)}") from error
    finally:
        for picture in temporary.glob("*-differs.svg"):
            shutil.move(picture, Path.cwd() / picture.name)
        shutil.rmtree(temporary, ignore_errors=True)


def database_url(path: Path) -> str:
    """The URL that a project's settings name; "" where there are none.

    Raises
    ------
    ConfigError
        They can't be read.
    """
    try:
        plain = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: can't be read ({str(error).splitlines()[0]})") from error
    if not isinstance(plain, dict) or set(plain) != {"database"} or not isinstance(plain["database"], str):
        raise ConfigError(f"{path}: must have one line, database: URL")
    return plain["database"]
