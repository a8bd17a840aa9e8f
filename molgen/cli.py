"""The `molgen` command: one function a subcommand, thin over the Python API."""

import sys
from pathlib import Path
from typing import Any, cast

import click
import yaml

from molgen import __version__, cli_sweep
from molgen.cli_benchmark import benchmark
from molgen.cli_errors import errors_in_lines, printable
from molgen.cli_files import input_file, output_name, run_over, stopping
from molgen.cli_generators import sample, train
from molgen.cli_predictors import OVERRIDES, explain, predict, screen
from molgen.cli_receptor import receptor
from molgen.cli_serve import serve
from molgen.cli_structures import standardize
from molgen.config import build, compose, compose_group, expect, options, to_plain
from molgen.errors import ConfigError, DataError, nearest
from molgen.trust import take_trust


class Commands(click.Group):
    """Suggests the nearest command, and prints errors as single lines."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """See click; `trust=[...]` goes with every command."""
        with errors_in_lines():
            return super().parse_args(context, take_trust(args))

    def resolve_command(self, context: click.Context, args: list[str]) -> Any:
        """See click."""
        try:
            return super().resolve_command(context, args)
        except click.UsageError:
            known = self.list_commands(context)
            message = f"no command '{args[0]}'{nearest(args[0], known)}; known: {', '.join(known)}"
            raise click.UsageError(message, context) from None

    def invoke(self, context: click.Context) -> Any:
        """See click."""
        with errors_in_lines():
            return super().invoke(context)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__)
def main() -> None:
    """Design drug molecules: generate, predict, score and search.

    Settings are given as KEY=VALUE (Hydra overrides) after a command; `molgen COMMAND --help` has examples.

    Files from others run nothing: code that they name, programs and addresses need trust=[NAME] behind any command.

    \b
    molgen design campaign=osimertinib              the default campaign: osimertinib-like inhibitors
    molgen design scoring=drug_like search=genetic  another objective, another strategy
    molgen score molecules.csv scoring=drug_like    score a file
    molgen sample n=1000 output=samples.csv         sample the shipped prior
    molgen predict molecules.csv predictor=admet    predict 22 ADMET endpoints, with error bars
    molgen screen library=fda_approved scoring=abl1_t315i
    molgen standardize molecules.csv ph=7.4         what molgen takes structures for
    molgen receptor 1iep.pdb ligand=STI             prepare a receptor, and show the box in a picture
    molgen serve scoring=drug_like                  score molecules for others, over HTTP
    molgen components                               what an objective can be made of
    """


for command in (train, sample, predict, explain, screen, standardize, benchmark, receptor, serve):
    main.add_command(command)


@main.command()
@OVERRIDES
@click.option("--show", is_flag=True, help="Print all settings, of every job with -m, and stop.")
@click.option("-m", "--multirun", is_flag=True, help="Run a campaign for every combination of values: a sweep.")
def design(overrides: tuple[str, ...], show: bool, multirun: bool) -> None:
    """Run a design campaign, to a report.

    \b
    molgen design                                              osimertinib-like inhibitors, 3,000 calls
    molgen design campaign=osimertinib                         the same, beginning from osimertinib
    molgen design scoring=my_goal.yaml campaign.budget=5000    an objective of your own
    molgen design scoring=pmo/amlodipine_mpo search=policy seed=1
    molgen design scoring.terms.solubility.weight=3 campaign.folder=runs/soluble
    molgen design scoring=my_goal.yaml campaign.start=known.smi
    molgen design search=surrogate start=lead.smi similarity=0.4       molecules like a lead, few calls
    molgen design search=surrogate must_contain='C=CC(=O)N' forbid='[F,Cl]' 'windows={logp: [null, 4]}'
    molgen design 'stages=[{scoring: drug_like, budget: 500, until: 0.8}]' scoring=docking/parp1     cheap first
    molgen design resume=runs/soluble                          go on after a stop or a kill
    molgen design resume=runs/soluble cluster=existing         on a cluster, or on another one
    molgen design --show search=genetic                        every setting there is
    \b
    molgen design -m scoring=pmo/median1,pmo/median2 search=hybrid,genetic seed=0,1,2      12 campaigns
    molgen design -m search=genetic,hybrid seed=range(8) hydra/launcher=ray hydra.launcher.num_cpus=2
    molgen design -m search=genetic_policy 'search.bred=interval(0.2,0.9)' hydra/sweeper=optuna hydra.sweeper.n_trials=30
    molgen design resume=runs/sweep-20260101-120000            the jobs of a sweep that are missing

    The run folder gets config.yaml, campaign.sqlite (every molecule), top.csv, top.sdf, report.html
    and the agent where one was trained.
    """
    from molgen.campaign.settings import CONFIG, check_design, design_config, on_cluster, read_config
    from molgen.campaign.stages import run_config
    from molgen.folders import writing
    from molgen.learn.checkpoint import write_atomically

    resume = next((text.partition("=")[2] for text in overrides if text.startswith("resume=")), None)
    if resume is not None and cli_sweep.is_sweep(resume):
        cli_sweep.resume(Path(resume), [text for text in overrides if not text.startswith("resume=")], show)
        return
    if multirun:
        cli_sweep.sweep(overrides, show)
        return
    if resume is not None:
        config = read_config(resume)
        if not isinstance(config.get("scoring"), dict) or not isinstance(config.get("search"), dict):
            raise ConfigError(f"{resume}: was started from Python; continue it with design(..., folder='{resume}', resume=True)")
        changes = [text for text in overrides if not text.startswith("resume=")]
        config = on_cluster(config, changes, resume)
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


@main.command()
@click.argument("run", type=click.Path())
def report(run: str) -> None:
    """Draw the report of RUN (a run folder) again, or compare the campaigns of a sweep so far.

    \b
    molgen report runs/20260101-120000
    molgen report runs/sweep-20260101-120000

    It is made of what is stored; code of others, and what a folder from others may not do (docs/trust.md), is left out.
    """
    import pandas as pd

    from molgen.campaign.report import drawn_components, write_report
    from molgen.campaign.settings import read_config
    from molgen.campaign.store import FILE, RunStore

    if cli_sweep.is_sweep(run):
        click.echo(f"report: {cli_sweep.report(run)}")
        return
    config = read_config(run)
    components, left_out = drawn_components(config.get("scoring"))
    molecules = RunStore(Path(run)).to_pandas() if (Path(run) / FILE).exists() else pd.DataFrame()
    if molecules.empty:
        raise DataError(f"{run}: no molecule has been scored yet")
    for line in left_out:
        click.echo(f"drawn without {printable(line)}", err=True)
    click.echo(f"report: {write_report(Path(run), molecules, components, config)}")


@main.command()
@click.argument("molecules", type=click.Path())
@OVERRIDES
def score(molecules: str, overrides: tuple[str, ...]) -> None:
    """Score MOLECULES, a file of any format: CSV, SMI, SDF, Excel, Parquet, ... (docs/files.md).

    \b
    molgen score molecules.csv scoring=drug_like
    molgen score library.sdf scoring=pmo/amlodipine_mpo output=scored.parquet
    molgen score assay.csv column=Structure scoring=my_goal.yaml
    molgen score export.txt table.delimiter=';' table.encoding=latin-1 scoring=drug_like

    All columns of the file come out as they are, the new ones behind them.
    """
    from molgen.data.readers import check_output
    from molgen.scoring.scorer import standardizing

    path = input_file(molecules, "molgen score molecules.csv scoring=drug_like")
    config = to_plain(compose("score", overrides))
    expect(config, output=str | None)
    scorer = standardizing(build(config["scoring"], "scoring"), build(config["standardize"], "standardize"))
    output = check_output(config["output"] or output_name(path, "scored"))
    scored = run_over(path, config, output, "scoring", lambda batch: scorer(batch).to_pandas().drop(columns="smiles"))
    invalid = scored["problem"].str.startswith("invalid").sum()
    click.echo(
        f"{len(scored):,} molecules, {invalid} invalid, best {scored['score'].max():.3f}, mean {scored['score'].mean():.3f}"
    )
    click.echo(f"scores: {output}")


@main.command()
@click.argument("name", required=False)
@click.option("--markdown", is_flag=True, help="Print the whole catalogue as a page.")
def components(name: str | None, markdown: bool) -> None:
    """List what an objective can be made of, or show NAME with an example.

    \b
    molgen components
    molgen components similarity
    """
    from rich.console import Console
    from rich.table import Table

    from molgen.scoring.catalogue import as_markdown, catalogue

    if markdown:
        click.echo(as_markdown(), nl=False)
        return
    known = catalogue()
    if name is None:
        table = Table("component", "unit", "settings", "what it says", box=None)
        for key, entry in known.items():
            table.add_row(key, entry.kind.unit, ", ".join(setting for setting, _, _ in entry.settings), entry.about)
        Console(width=None if sys.stdout.isatty() else 160).print(table)
        click.echo("\nmolgen components NAME shows the settings and an example")
        return
    if name.lower() not in known:
        raise ConfigError(f"no component '{name}'{nearest(name.lower(), known)}; known: {', '.join(known)}")
    entry = known[name.lower()]
    click.echo(f"{entry.documentation}\n\n  unit: {entry.kind.unit}")
    for setting, kind, default in entry.settings:
        click.echo(f"  {setting}: {kind}, {default if default == 'required' else f'default {default}'}")
    for line in entry.kind.notes():
        click.echo(f"  {line}")
    click.echo(f"\n{entry.example}")


@main.group()
def data() -> None:
    """Public data sets: list them, fetch them."""


@data.command("list")
def list_data() -> None:
    """List the data sets that have names."""
    for name in options("data"):
        if name != "file":
            click.echo(f"{name:38s} {to_plain(compose('group', [f'+data={name}']))['data']['about']}")


@data.command()
def targets() -> None:
    """List the proteins that the shipped affinity predictor knows by name."""
    from molgen.predictors.affinity import Affinity
    from molgen.predictors.shipped import load_predictor

    predictor = cast(Affinity, load_predictor("affinity"))
    for name in sorted(predictor.targets):
        click.echo(name)


@data.command()
@click.argument("name")
def fetch(name: str) -> None:
    """Fetch data set NAME and compare its checksum; prints where it is.

    The folder in the variable MOLGEN_DATA is looked at first.

    \b
    molgen data fetch zinc250k
    """
    known = [option for option in options("data") if option != "file"]
    if name not in known:
        raise ConfigError(f"no data set '{name}'{nearest(name, known)}; known: {', '.join(known)}")
    click.echo(compose_group("data", name).fetch())


if __name__ == "__main__":
    main()
