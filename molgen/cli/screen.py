"""The command that screens a library."""

from collections.abc import Sequence
from functools import partial
from glob import has_magic
from pathlib import Path
from typing import Any

import click

from molgen.cli.common import library, public_sets, reading, settings_of, show_if_asked, stopping, with_overrides
from molgen.config import expect
from molgen.errors import ConfigError, check_between, nearest
from molgen.progress import progress


@click.command()
@with_overrides
def screen(overrides: tuple[str, ...]) -> None:
    """Score a library of any length and rank its molecules.

    \b
    molgen screen library=fda_approved scoring=abl1_t315i
    molgen screen library=vendor.smi.gz scoring=my_goal.yaml hits=500 folder=runs/vendor
    molgen screen library=assay.csv label=active scoring=drug_like           # also measures enrichment
    molgen screen library=vendor.csv.gz scoring=my_goal.yaml cluster=local   # on all processors
    molgen screen resume=runs/vendor                                         # after a stop or a kill

    LIBRARY is a file of any format (docs/how-to/files.md), compressed or not, a folder of files, a pattern ('lib/*.smi.gz'),
    a URL of one of these (https://, s3://, ...), or a public set. The folder gets scores.csv, hits.csv, hits.sdf,
    pictures of the best (hits.svg) and the distribution of scores (scores.svg). A molecule with a score of 0 is not a
    hit.
    """
    from molgen.chem.standardize import Standardizer
    from molgen.cluster.base import Cluster
    from molgen.data.libraries import files_of
    from molgen.data.readers import read_chunks
    from molgen.data.tables.counting import about_rows
    from molgen.runs.resuming import resumable
    from molgen.runs.settings import made
    from molgen.scoring.scorer import Scorer, standardizing
    from molgen.screening.screen import screen as run_screen

    folder, config = _screen_settings(overrides)
    scorer = made(config["scoring"], "scoring", Scorer)
    if "standardize" in config:
        scorer = standardizing(scorer, made(config["standardize"], "standardize", Standardizer))
    cluster = made(config["cluster"], "cluster", Cluster) if "cluster" in config else None  # type: ignore[type-abstract]
    path, said = library(config["library"], reading(config))
    chunks = partial(read_chunks, path, rows=config["batch"], **said)
    for note in next(chunks()).notes:
        click.echo(note)
    kept = f"what is scored is kept: molgen screen resume={folder}"
    total = about_rows(files_of(path))
    with stopping(kept, folder), resumable(folder, "screen"), progress("screening", total=total, about=True) as advance:
        found = run_screen(
            chunks,
            scorer,
            folder,
            hits=config["hits"],
            label=config["label"],
            cluster=cluster,
            progress=advance,
            total=total,
            settings=config,
        )
    if found.renamed:
        click.echo(found.renamed)
    for score, smiles in found.best(5):
        click.echo(f"{score:.3f}  {smiles}")
    click.echo(f"{found.molecules:,} molecules, {found.invalid} invalid")
    if found.enrichment:
        click.echo(", ".join(f"{name} {value:.3f}" for name, value in found.enrichment.items()))
    if found.hits.empty:
        click.echo(f"no molecule passed; all are in {found.folder / 'scores.csv'}")
    else:
        click.echo(f"hits: {found.folder / 'hits.csv'}")


def _screen_settings(overrides: Sequence[str]) -> tuple[Path, dict[str, Any]]:
    """The folder of a screen, begun or to be continued, and its settings."""
    from molgen.data.libraries import is_remote
    from molgen.runs.run import check_free
    from molgen.runs.settings import on_cluster
    from molgen.screening.settings import read_screen

    resume = next((text.partition("=")[2] for text in overrides if text.startswith("resume=")), None)
    if resume is not None:
        changes = [text for text in overrides if not text.startswith("resume=")]
        config = on_cluster(read_screen(Path(resume)), changes, resume)
        show_if_asked(config)
        return Path(resume), config
    config = settings_of("screen", overrides)
    expect(config, library=str, label=str | None, hits=int, batch=int, folder=str)
    reading(config)
    check_between("", 1, hits=config["hits"], batch=config["batch"])
    if config["library"] == "???":
        raise ConfigError("library: name a file or a public set: molgen screen library=fda_approved")
    name, known = config["library"], public_sets()
    if name not in known and not is_remote(name):
        path = Path(name).expanduser()
        if not (path.suffix or path.exists() or has_magic(name)):
            raise ConfigError(f"library={name}: no such file, folder or public set{nearest(name, known)}")
        config["library"] = str(path.absolute())  # a resumed screen may begin elsewhere
    check_free(Path(config["folder"]), "screen", "folder")
    return Path(config["folder"]), config
