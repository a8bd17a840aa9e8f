"""`molgen serve`."""

import signal

import click

from molgen.cli.common import settings_of, with_overrides
from molgen.config import build
from molgen.errors import ConfigError


@click.command()
@with_overrides
def serve(overrides: tuple[str, ...]) -> None:
    """Score molecules for others, over HTTP.

    \b
    molgen serve scoring=drug_like                     # http://127.0.0.1:8000, its pages at /docs
    MOLGEN_TOKEN=secret molgen serve scoring=my_goal.yaml service.host=0.0.0.0 service.port=8080
    molgen serve scoring=docking/parp1 cluster=local   # by workers, one per processor
    curl -d '{"smiles": ["CCO"]}' -H 'Content-Type: application/json' http://127.0.0.1:8000/score

    Clients send the token as `Authorization: Bearer TOKEN`; only /health and the pages are open without it. From Python:
    molgen.client.RemoteScorer(URL).
    """
    try:
        from molgen.serve.access import needed_token
        from molgen.serve.app import create_app
        from molgen.serve.server import listening, serve_until_stopped
    except ImportError as error:
        raise ConfigError(f"molgen serve needs {error.name}: pip install 'molgen-design[serve]'") from error
    from molgen.scoring.scorer import scorer_of, standardizing

    config = settings_of("serve", overrides)
    cluster, service = (build(config[key], key) for key in ("cluster", "service"))
    scorer = standardizing(scorer_of(config["scoring"]), build(config["standardize"], "standardize"))
    token = needed_token(service.host, "service.host")
    with listening(service) as sock, cluster.scoring(scorer) as score:
        click.echo(f"http://{service.host}:{sock.getsockname()[1]}, its pages at /docs; Ctrl-C stops it", err=True)
        number = serve_until_stopped(create_app(score, service, token), service, sock)
    click.echo("stopped", err=True)
    signal.signal(number, signal.SIG_DFL)  # by which it ends: what is being scored may take hours, and a thread can't be stopped
    signal.raise_signal(number)
