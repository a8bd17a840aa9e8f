"""Who may ask a server of molgen's: this machine, or who has the token."""

import os
import re
import secrets

from molgen.errors import ConfigError

VARIABLE = "MOLGEN_TOKEN"
LOCAL = re.compile(r"(?:|localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?", re.IGNORECASE)
STRANGE_HOST = f"without a token it answers to localhost and 127.0.0.1 only; set {VARIABLE} for others"


def is_local(host: str) -> bool:
    """Whether a request's `Host` names this machine as only who sits at it does, or nothing."""
    return bool(LOCAL.fullmatch(host))


def same(given: str, token: str) -> bool:
    """Whether `given` is the token, in a time that doesn't depend on how much of it is right."""
    return secrets.compare_digest(given.encode(), token.encode())


def needed_token(host: str, key: str) -> str | None:
    """The token in the user's environment; None where everybody at this machine may ask.

    Parameters
    ----------
    host
        On which the server is to listen, and `key` the setting that says so.

    Raises
    ------
    ConfigError
        It can't be sent in a header, or there is none and other machines could reach `host`.
    """
    token = os.environ.get(VARIABLE)
    if token is not None and not re.fullmatch("[!-~]+", token):
        raise ConfigError(
            f"{VARIABLE}: is {'empty' if not token.strip() else 'no token'}; a token is printable ASCII without spaces"
        )
    if token is None and host not in ("127.0.0.1", "localhost", "::1"):
        raise ConfigError(f"{key}={host}: others could use it; set the variable {VARIABLE} to a token first")
    return token
