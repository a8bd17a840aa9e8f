"""Errors of the commands, in a few lines, when the user can mend them."""

import contextlib
import errno
import re
import sys
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from typing import NoReturn

import click

from molgen.errors import MolgenError
from molgen.extras import hint

LINES = 3  # of an error, at most
WIDTH = 1000  # characters of a line, at most
ENDED = re.compile(r"terminated abruptly|unexpectedly terminated")  # as the standard library and joblib say it
FULL = re.compile(r"can't allocate memory|not enough memory|out of memory")
HINTS = dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "; free space or choose another place")
HINTS |= dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "; choose another place, or change who may use it")


@contextlib.contextmanager
def errors_in_lines() -> Iterator[None]:
    """Turn errors that the user can mend into messages and an exit code."""
    try:
        yield
    except MolgenError as error:
        _stop(str(error))
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        _, *names = error.ctx.command_path.replace("python -m ", "").split() if error.ctx else [""]
        _stop(f"{error.format_message().removesuffix('.')}; examples: {' '.join(['molgen', *names])} --help", error.exit_code)
    except OSError as error:
        if error.errno == errno.EPIPE:  # whoever read the output has gone
            raise
        _stop(about(error))
    except UnicodeEncodeError as error:
        _stop(f"{error.object!r}: a name or text with a character that {error.encoding} doesn't have")
    except ModuleNotFoundError as error:
        if not (missing := hint(error)):
            raise
        _stop(missing)
    except RecursionError:
        _stop("a setting or file that is nested too deeply")
    except BrokenExecutor as error:
        if not ENDED.search(str(error)):
            raise
        _stop("a process that shared the work was ended from outside: often the memory doesn't suffice, or time is limited")
    except (MemoryError, RuntimeError) as error:  # PyTorch has no class of its own for it on a processor
        if not (isinstance(error, MemoryError) or FULL.search(str(error))):
            raise
        _stop("not enough memory: choose smaller settings")


def about(error: OSError) -> str:
    """Describe a system error: its file, its reason, and what may help."""
    names = " and ".join(str(name) for name in (error.filename, error.filename2) if name is not None)
    reason = error.strerror or str(error) or type(error).__name__
    return f"{names or 'the system'}: {reason}{HINTS.get(error.errno or 0, '')}"


def printable(text: str) -> str:
    """`text` without terminal control characters, since names and reasons may come from a stranger's file."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _stop(message: str, code: int = 1) -> NoReturn:
    lines = [printable(line) for line in message.splitlines()]
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], f"and {len(lines) - LINES + 1} more problems"]
    for line in lines:
        click.echo(f"molgen: {line if len(line) <= WIDTH else f'{line[: WIDTH - 4]} ...'}", err=True)
    sys.exit(code)
