"""`molgen serve`."""

import signal
from collections.abc import Sequence
from typing import Any

import click

from molgen.cli.common import with_overrides
from molgen.config import build, expect
from molgen.errors import ConfigError


@click.command()
@with_overrides
def serve(overrides: tuple[str, ...]) -> None:
    """Score molecules for others, over HTTP.

    \b
    molgen serve scoring=drug_like                     # http://127.0.0.1:8000, its pages at /docs
    MOLGEN_TOKEN=secret molgen serve scoring=my_goal.yaml service.host=0.0.0.0 service.port=8080
    molgen serve scoring=docking/parp1 cluster=local   # by workers, one per processor
    molgen serve predictor=train/mine                  # POST /predict, too: values with errors and domain
    molgen serve predictor=[thrombin=train/thrombin,fxa=train/fxa]
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
    from molgen.cli.several import chosen_predictor
    from molgen.scoring.scorer import scorer_of, standardizing

    config, predictor = chosen_predictor(overrides, "serve")
    expect(config, endpoints=list[str], target=str | None)
    if predictor is None and (config["endpoints"] or config["target"]):
        raise ConfigError("endpoints and target are of a predictor: add predictor=FOLDER")
    standardizer = build(config["standardize"], "standardize")
    predictors = None if predictor is None else _served(predictor, standardizer, config["endpoints"], config["target"])
    cluster, service = (build(config[key], key) for key in ("cluster", "service"))
    scorer = standardizing(scorer_of(config["scoring"]), standardizer)
    token = needed_token(service.host, "service.host")
    with listening(service) as sock, cluster.scoring(scorer) as score:
        click.echo(f"http://{service.host}:{sock.getsockname()[1]}, its pages at /docs; Ctrl-C stops it", err=True)
        number = serve_until_stopped(create_app(score, service, token, predictors), service, sock)
    click.echo("stopped", err=True)
    signal.signal(number, signal.SIG_DFL)  # by which it ends: what is being scored may take hours, and a thread can't be stopped
    signal.raise_signal(number)


def _served(predictor: Any, standardizer: Any, endpoints: Sequence[str], target: str | None) -> Any:
    """What `/predict` asks: the predictor or the several with names, ready for single molecules.

    Raises
    ------
    ConfigError
        An endpoint or a target is unknown, or a target is missing.
    """
    from molgen.chem.molecules import Molecules
    from molgen.predictors.named import NamedPredictors
    from molgen.serve.predicting import Predictors

    several = predictor.predictors.values() if isinstance(predictor, NamedPredictors) else [predictor]
    for each in several:
        each.prepare_for_few()
    for note in predictor.notes if isinstance(predictor, NamedPredictors) else ():
        click.echo(note, err=True)

    def predict(molecules: Molecules) -> Any:
        return predictor.predict(molecules.standardized(standardizer), target=target, endpoints=endpoints)

    return Predictors(predict, predict(Molecules(["C"])).endpoints)
