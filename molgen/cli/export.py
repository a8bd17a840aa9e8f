"""The command that writes models for ONNX Runtime."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from molgen import __version__
from molgen.cli.benchmark import naming_a_model
from molgen.cli.common import settings_of, with_overrides
from molgen.config import expect
from molgen.errors import ConfigError
from molgen.files import check_place, write_atomically

ENDING = ".onnx"


@click.command()
@with_overrides
def export(overrides: tuple[str, ...]) -> None:
    """Write a predictor or a generator as an ONNX file, for programs without PyTorch and LightGBM.

    \b
    molgen export predictor=admet                                   # admet.onnx: features -> values of 22 endpoints
    molgen export predictor=train/mine endpoints=[pIC50] output=mine.onnx
    molgen export generator=transformer output=prior.onnx           # a token -> the next token's logits
    molgen export generator=train/mine/generator.safetensors precision=int8

    The graph is compared with molgen on molecules of the shipped library, and only written where they agree. Metadata name
    inputs and outputs: endpoints with units and features in their order, or tokens. docs/how-to/export.md has programs that
    use such files, and says what isn't in them.
    """
    config = settings_of("export", naming_a_model(overrides))
    expect(config, model=str | None, endpoints=list[str], precision=str, output=str | None)
    node = config.get("predictor")
    if (node is None) == (config["model"] is None):
        raise ConfigError("name a predictor or a generator: predictor=admet, or generator=transformer")
    if config["output"] is not None and Path(config["output"]).suffix != ENDING:
        raise ConfigError(f"output={config['output']}: must end with {ENDING}")
    name = config["model"] if node is None else node.get("name")
    if name is None:
        raise ConfigError("predictor: only one in a file can be exported: train it with molgen train, then name its folder")
    output = check_place(config["output"] or f"{Path(name).stem}{ENDING}")
    found = _generator(config) if node is None else _predictor(config)
    write_atomically(output, found.content)
    for note in found.notes:
        click.echo(note)
    click.echo(f"{'predictor' if config['model'] is None else 'generator'}: {output} ({len(found.content) / 1e6:.1f} MB)")


def _predictor(config: Mapping[str, Any]) -> Any:
    """The predictor that settings name, exported."""
    from molgen.cli.predictors import trained
    from molgen.export.exported_model import Origin
    from molgen.export.exported_predictor import export_predictor
    from molgen.predictors.shipped import file_of

    if config["precision"] != "float32":
        raise ConfigError(f"precision={config['precision']}: of generators; trees have no matrices to round, leave it out")
    origin = Origin(__version__, file_of(config["predictor"]["name"]))
    return export_predictor(trained(config["predictor"]), origin, config["endpoints"])


def _generator(config: Mapping[str, Any]) -> Any:
    """The generator that settings name, exported."""
    from molgen.export.exported_generator import export_generator
    from molgen.export.exported_model import Origin
    from molgen.generators.shipped import file_of_generator, load_generator

    if config["endpoints"]:
        raise ConfigError("endpoints: of predictors; leave them out")
    origin = Origin(__version__, file_of_generator(config["model"]))
    return export_generator(load_generator(config["model"]), origin, config["precision"])
