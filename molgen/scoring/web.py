"""Requests to HTTP servers, repeated while they are busy or unreachable."""

import os
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from molgen.errors import ConfigError, DataError

BUSY = (429, 500, 502, 503, 504)


def check_token(component: str, token: str | None) -> None:
    """Raise a ConfigError unless `token` begins with MOLGEN_, so that a file can't have any variable sent away."""
    if token is not None and not token.startswith("MOLGEN_"):
        raise ConfigError(f"{component}.token: the variable's name must begin with MOLGEN_, as MOLGEN_{token.upper()} does")


def post(url: str, body: Any, token: str | None, timeout: float, tries: int) -> str:
    """Post `body` as JSON to `url` and return the answer.

    Parameters
    ----------
    token
        Environment variable that holds a bearer token; None for no token.
    timeout
        Seconds per attempt.
    tries
        Attempts while the server is busy or unreachable.

    Raises
    ------
    ConfigError
        There is no such variable.
    DataError
        The server can't be reached, or refuses.
    """
    headers = {}
    if token is not None:
        if token not in os.environ:
            raise ConfigError(f"{url}: set the environment variable {token} to its token")
        headers["Authorization"] = f"Bearer {os.environ[token]}"
    retry = Retry(tries - 1, status_forcelist=BUSY, allowed_methods=None, backoff_factor=0.5, raise_on_status=False)
    with requests.Session() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=retry))
        try:
            answer = session.post(url, json=body, headers=headers, timeout=timeout)
        except requests.RequestException as error:
            cause = str(error.args[0] if error.args else error).splitlines()[0]
            raise DataError(f"{url}: {type(error).__name__} in {tries} tries ({cause[:200]})") from error
    if not answer.ok:
        raise DataError(f"{url}: answered {answer.status_code}: {' '.join(answer.text.split())[:200]}")
    return answer.text
