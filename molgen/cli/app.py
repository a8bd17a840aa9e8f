"""`molgen app`."""

import signal
import threading
import webbrowser
from pathlib import Path
from urllib.parse import quote

import click

from molgen.cli.common import settings_of, with_overrides
from molgen.config import build
from molgen.errors import ConfigError

PATIENCE = 0.5  # s that requests have to end: pages listen for changes until then


@click.command()
@click.argument("folder", default=".")
@with_overrides
def app(folder: str, overrides: tuple[str, ...]) -> None:
    """Open a page to work in: campaigns and projects of FOLDER, begun, watched and looked at in a browser.

    \b
    molgen app                                 # this folder's campaigns, at http://127.0.0.1:8080
    molgen app campaigns app.port=8081         # another folder's
    molgen app campaigns app.browser=false     # without opening a browser
    MOLGEN_TOKEN=secret molgen app app.host=0.0.0.0   # for others too, who are asked for the token

    Nothing leaves this machine. Campaigns are those of `molgen design`: either may begin one, the other sees it. They go on
    when the page ends.
    """
    try:
        from molgen.app.application import page_app
        from molgen.app.workspace import Workspace
        from molgen.serve.access import needed_token
        from molgen.serve.server import listening, serve_until_stopped
    except ImportError as error:
        raise ConfigError(f"molgen app needs {error.name}: pip install 'molgen-design[serve]'") from error

    if "=" in folder and not Path(folder).exists():
        folder, overrides = ".", (folder, *overrides)
    settings = build(settings_of("app", overrides)["app"], "app")
    token = needed_token(settings.host, "app.host")
    pages = page_app(Workspace(Path(folder).expanduser()), settings, token)
    with listening(settings) as sock:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        address = f"http://{host}:{sock.getsockname()[1]}/"
        click.echo(f"{address}; Ctrl-C ends the page, and no campaign", err=True)
        if settings.browser:
            shown = address if token is None else f"{address}?token={quote(token, safe='')}"
            threading.Thread(target=webbrowser.open, args=(shown,), daemon=True).start()
        number = serve_until_stopped(pages, settings, sock, PATIENCE)
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)
