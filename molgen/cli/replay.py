"""The command that plays a project again on measured data."""

import json

import click

from molgen.cli.common import settings_of, with_overrides
from molgen.config import build, expect
from molgen.errors import ConfigError, nearest


@click.command()
@with_overrides
def replay(overrides: tuple[str, ...]) -> None:
    """Play a project again on measured data, to see how soon its rounds would have found the best.

    \b
    molgen replay data=assay.csv label=pIC50
    molgen replay data=activity/chembl204_ki n=48 rounds=6
    molgen replay data=assay.csv label=pIC50 noise=0.3 censored=0.3 strategy=ucb
    molgen replay data=replay/enamine10k lower=true seed=1

    Rounds start from molecules of the worse half, at random. The last line is JSON: the share of the best 2 % that is
    measured after each round (curve), the mean of these (area), the share of measurements in the 90 % intervals of
    their predictions (coverage), and the seconds that choosing took.
    """
    from molgen.data.curation import read_dataset
    from molgen.project.choice.rules import RULES
    from molgen.project.models.gaussian_process import EndpointProcess
    from molgen.project.replay import ByModel, MeasuredPool, ReplaySettings, replay

    config = settings_of("replay", overrides)
    expect(config, label=str | None, strategy=str, lower=bool, n=int, rounds=int, seed=int, noise=float, censored=float)
    name = config["strategy"]
    if name not in RULES:
        raise ConfigError(f"strategy={name}: no such strategy{nearest(name, RULES)}; known: {', '.join(RULES)}")
    campaign = ReplaySettings(**{key: config[key] for key in ("n", "rounds", "start", "noise", "censored", "seed")})
    if config["label"] is not None:
        config["data"]["labels"] = [config["label"]]
    dataset, _ = read_dataset(build(config["data"], "data"), build(config["standardize"], "standardize"))
    if len(dataset.endpoints) > 1:
        known = ", ".join(endpoint.name for endpoint in dataset.endpoints)
        raise ConfigError(f"data: several columns are measured; name one with label=: {known}")
    pool = MeasuredPool.of(dataset, config["lower"])
    by = ", which counts by its logarithm" * pool.log
    click.echo(f"{len(pool):,} molecules with {dataset.endpoints[0].name}{by}, {pool.best.sum()} of them the best 2 %", err=True)

    def done(number: int, share: float) -> None:
        click.echo(f"round {number} of {campaign.rounds}: {share:.1%} of the best found", err=True)

    result = replay(pool, ByModel(EndpointProcess, RULES[name]), campaign, done)
    figures = {
        "strategy": name,
        "curve": [round(share, 4) for share in result.curve],
        "area": round(result.area, 4),
        "coverage": round(result.coverage, 3),
        "seconds": round(sum(result.seconds), 1),
    }
    click.echo(json.dumps(figures))
