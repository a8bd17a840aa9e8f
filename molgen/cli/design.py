"""The commands of campaigns: run one, draw its report again."""

from pathlib import Path

import click
import yaml

from molgen.cli import sweep
from molgen.cli.common import stopping
from molgen.cli.errors import printable
from molgen.errors import ConfigError, DataError


@click.command()
@click.argument("overrides", nargs=-1)
@click.option("--show", is_flag=True, help="Print all settings, of every job with -m, and stop.")
@click.option("-m", "--multirun", is_flag=True, help="Run a campaign for every combination of values: a sweep.")
def design(overrides: tuple[str, ...], show: bool, multirun: bool) -> None:
    """Run a design campaign, to a report.

    \b
    molgen design                                                  # osimertinib-like inhibitors, 3,000 calls
    molgen design campaign=osimertinib                             # the same, beginning from osimertinib
    molgen design scoring=my_goal.yaml campaign.budget=5000        # an objective of your own
    molgen design scoring=pmo/amlodipine_mpo search=policy seed=1
    molgen design scoring.terms.solubility.weight=3 campaign.folder=runs/soluble
    molgen design scoring=my_goal.yaml campaign.start=known.smi
    molgen design search=surrogate start=lead.smi similarity=0.4   # molecules like a lead, few calls
    molgen design search=surrogate must_contain='C=CC(=O)N' forbid='[F,Cl]' 'windows={logp: [null, 4]}'
    molgen design search=genetic makeable=true                     # every molecule with a route to it
    molgen design 'stages=[{scoring: drug_like, budget: 500, until: 0.8}]' scoring=docking/parp1   # cheap first
    molgen design resume=runs/soluble                              # go on after a stop or a kill
    molgen design resume=runs/soluble scoring.terms.qed.weight=2   # go on with another weight or transform: a new stage
    molgen design resume=runs/soluble campaign.budget=8000         # one that has ended goes on, with more calls
    molgen design resume=runs/soluble cluster=existing             # on a cluster, or on another one
    molgen design --show search=genetic                            # every setting there is
    \b
    molgen design -m scoring=pmo/median1,pmo/median2 search=surrogate,genetic   # four campaigns
    molgen design -m search=genetic 'seed=range(4)' hydra/launcher=ray hydra.launcher.num_cpus=2
    molgen design -m search=genetic_policy 'search.offspring_share=interval(0.2,0.9)' hydra/sweeper=optuna
    molgen design resume=runs/sweep-20260101-120000-000000   # the jobs of a sweep that are missing

    The run folder gets config.yaml, campaign.sqlite (every molecule), top.csv, top.sdf, report.html
    and the agent where one was trained.
    """
    from molgen.config import changed
    from molgen.files import write_atomically
    from molgen.folders import writing
    from molgen.runs.reweighing import ENDS, change_objective
    from molgen.runs.settings import CONFIG, check_design, design_config, on_cluster, read_config
    from molgen.runs.stages import run_config

    resume = next((text.partition("=")[2] for text in overrides if text.startswith("resume=")), None)
    if resume is not None and sweep.is_sweep(resume):
        sweep.resume(Path(resume), [text for text in overrides if not text.startswith("resume=")], show)
        return
    if multirun:
        sweep.sweep(overrides, show)
        return
    if resume is not None:
        config = read_config(resume)
        if not isinstance(config.get("scoring"), dict) or not isinstance(config.get("search"), dict):
            raise ConfigError(f"{resume}: was started from Python; continue it with design(..., folder='{resume}', resume=True)")
        changes = [text for text in overrides if not text.startswith("resume=")]
        goals = [text for text in changes if text.startswith("scoring.")]
        ends = [text for text in changes if text.startswith(tuple(f"campaign.{key}=" for key in ENDS))]
        changes = [text for text in changes if text not in (*goals, *ends)]
        config = on_cluster(config, changes, resume)  # first: it refuses what can't change
        if goals or ends:
            config["scoring"] = changed("scoring", config["scoring"], goals)
            config["campaign"] = changed("campaign", config["campaign"], ends)
            for line in [] if show else change_objective(Path(resume), config["scoring"], config["campaign"]):
                click.echo(line, err=True)
        if changes and not show:
            with writing(Path(resume)):
                write_atomically(Path(resume) / CONFIG, yaml.safe_dump(config, sort_keys=False).encode())
        config["campaign"]["folder"] = resume
    else:
        config = design_config(overrides)
    if show:
        check_design(config)
        click.echo(yaml.safe_dump(config, sort_keys=False), nl=False)
        return
    folder = config["campaign"]["folder"]
    with stopping(f"nothing is lost: molgen design resume={folder}", folder):
        run = run_config(config, resume=resume is not None)
    if not run.complete:
        click.echo(f"stopped after {len(run.molecules)} calls: the strategy had nothing new to propose", err=True)
    for row in run.top(5).to_dict("records"):
        click.echo(f"{row['score']:.3f}  {printable(row['smiles'])}")
    click.echo(f"report: {run.folder / 'report.html'}")


@click.command()
@click.argument("run", type=click.Path())
def report(run: str) -> None:
    """Draw the report of RUN (a run folder) again, or compare the campaigns of a sweep so far.

    \b
    molgen report runs/20260101-120000-000000
    molgen report runs/sweep-20260101-120000-000000

    It is made from stored data; others' code, and anything that a folder from others may not do (docs/explanation/trust.md), is
    left out.
    """
    import pandas as pd

    from molgen.reports.report import drawn_components, write_report
    from molgen.runs.export import REPORT
    from molgen.runs.losses import read_losses
    from molgen.runs.settings import read_config
    from molgen.runs.store import FILE, RunStore

    if sweep.is_sweep(run):
        click.echo(f"report: {sweep.report(run)}")
        return
    config = read_config(run)
    components, left_out = drawn_components(config.get("scoring"))
    molecules = RunStore(Path(run)).to_pandas() if (Path(run) / FILE).exists() else pd.DataFrame()
    if molecules.empty:
        raise DataError(f"{run}: no molecule has been scored yet")
    for line in left_out:
        click.echo(f"drawn without {printable(line)}", err=True)
    path = Path(run) / REPORT
    write_report(path, molecules, components, config, read_losses(Path(run)))
    click.echo(f"report: {path}")
