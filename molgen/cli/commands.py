"""The `molgen` command: one function per subcommand, thin over the Python API."""

from typing import Any

import click

from molgen import __version__
from molgen.cli.app import app
from molgen.cli.benchmark import benchmark
from molgen.cli.card import card
from molgen.cli.components import components
from molgen.cli.data import data
from molgen.cli.design import design, report
from molgen.cli.errors import errors_in_lines
from molgen.cli.explain import explain
from molgen.cli.export import export
from molgen.cli.generators import sample, train
from molgen.cli.judge import judge
from molgen.cli.monitor import monitor
from molgen.cli.new import new
from molgen.cli.pick import pick
from molgen.cli.predictors import predict
from molgen.cli.project import observe, project, propose
from molgen.cli.receptor import receptor
from molgen.cli.replay import replay
from molgen.cli.routes import route
from molgen.cli.score import score
from molgen.cli.screen import screen
from molgen.cli.serve import serve
from molgen.cli.settings import settings
from molgen.cli.standardize import standardize
from molgen.cli.synthesis import analogs
from molgen.errors import nearest
from molgen.trust import take_trust


class Commands(click.Group):
    """A group that suggests the nearest command and prints errors as single lines."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """See click; `trust=[...]` is accepted by every command."""
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

    Files from others can't run code: what they name (code, programs, addresses) needs trust=[NAME] after any command.

    \b
    molgen design campaign=osimertinib               # the default campaign: osimertinib-like inhibitors
    molgen design scoring=drug_like search=genetic   # another objective, another strategy
    molgen score molecules.csv scoring=drug_like     # score a file
    molgen sample n=1000 output=samples.csv          # sample the shipped prior
    molgen predict molecules.csv predictor=admet     # predict 22 ADMET endpoints, with error bars
    molgen card train/mine                           # how good a predictor is, as a page
    molgen monitor new.csv predictor=train/mine      # is new data like what it learnt from? an alarm if not
    molgen export predictor=admet                    # an ONNX file, for programs without molgen
    molgen screen library=fda_approved scoring=abl1_t315i
    molgen pick runs/soluble known=measured.csv      # a batch to make and measure, with pictures
    molgen judge runs/soluble star 'CCOc1ccccc1'     # what you think of molecules, to learn from
    molgen standardize molecules.csv ph=7.4          # how molgen reads structures
    molgen analogs molecules.csv stock=real_blocks   # the nearest molecules that can be made, with their routes
    molgen route 'CC(=O)Nc1ccc(O)cc1'                # how to make a molecule
    molgen receptor 1iep.pdb ligand=STI              # prepare a receptor, and show the box in a picture
    molgen replay data=assay.csv label=pIC50         # how soon rounds would have found the best
    molgen serve scoring=drug_like                   # score molecules for others, over HTTP
    molgen app                                       # a page to work in, in the browser
    molgen components                                # what an objective can be made of
    molgen project new thrombin goals=goals.yaml     # rounds with the laboratory
    molgen observe thrombin results.csv              # measurements come in
    molgen new goal                                  # write an objective by answering five questions
    molgen settings search=surrogate                 # what every setting means
    """
    from rdkit import RDLogger

    RDLogger.DisableLog("rdApp.*")  # type: ignore[attr-defined]


for command in (
    design, train, sample, score, predict, card, monitor, explain, export, screen, pick, judge, report, components, data,
    standardize, receptor, benchmark, serve, app, settings, new, project, observe, propose, replay, analogs, route,
):  # fmt: skip
    main.add_command(command)
