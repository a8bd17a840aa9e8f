"""`molgen explain`: which parts of molecules made a predictor say what it said."""

import math
from pathlib import Path
from typing import Any

import click

from molgen.cli.common import exists, input_file, output_name, public_sets, reading, run_over, settings_of, with_overrides
from molgen.cli.predictors import trained
from molgen.config import build, expect
from molgen.errors import ConfigError, DataError, check_between

EXAMPLE = "molgen explain molecules.csv predictor=admet endpoint=herg"
FROM_NEAREST = 1000  # training molecules that pairs are looked for among, for one molecule
AT_ONCE = 25  # molecules whose steps are predicted together


@click.command()
@click.argument("molecules")
@with_overrides
def explain(molecules: str, overrides: tuple[str, ...]) -> None:
    """Show which parts of MOLECULES, a SMILES or a file of any format, made a prediction, and what was measured like it.

    \b
    molgen explain "CC(=O)Oc1ccccc1C(=O)O" predictor=admet endpoint=herg
    molgen explain "Cc1ccccc1" predictor=admet endpoint=solubility_aqsoldb output=toluene.png
    molgen explain "CCN1CCN(CC1)c1ccccc1" predictor=affinity target=ABL1
    molgen explain molecules.csv predictor=admet endpoint=herg   # the substructures that matter in a table

    Rings, functional groups and alkyl groups each have a contribution; from the base value, the mean of the training
    molecules, they add up to the prediction. Of a table, the substructures' mean contributions are written as CSV and
    as a page.
    """
    config = settings_of("explain", overrides)
    expect(config, endpoint=str | None, target=str | None, neighbours=int, pairs=bool, output=str | None)
    check_between("", 0, neighbours=config["neighbours"])
    if _is_file(molecules):
        _explain_table(input_file(molecules, EXAMPLE), config)
    else:
        _explain_one(molecules, config)


def _is_file(text: str) -> bool:
    """Whether this means a file rather than a SMILES."""
    from molgen.data.libraries import is_remote
    from molgen.data.tables.formats import is_table

    return is_table(Path(text)) or is_remote(text) or text in public_sets() or (exists(text) and not _is_smiles(text))


def _is_smiles(text: str) -> bool:
    from molgen.chem.molecules import parse

    return parse(text)[0] is not None


def _endpoint(predictor: Any, name: str | None) -> str:
    names = [endpoint.name for endpoint in predictor.endpoints]
    if name is None and len(names) > 1:
        raise ConfigError(f"endpoint: name one of {', '.join(names)}")
    return name or names[0]


def _explain_one(smiles: str, config: dict[str, Any]) -> None:
    from molgen.chem.molecules import Molecules
    from molgen.predictors.attribution import check_size
    from molgen.predictors.pair_support import MeasuredPairs
    from molgen.reports.cards import contribution_unit
    from molgen.reports.explanation import caption_of, check_picture, lines, write_picture

    picture = check_picture(config["output"] or "explanation.svg")
    reading(config)
    predictor, target = trained(config["predictor"]), config["target"]
    endpoint = _endpoint(predictor, config["endpoint"])
    molecules = Molecules([smiles], build(config["standardize"], "standardize"))
    mol = molecules.mols[0]
    if mol is None:
        raise DataError(f"'{smiles[:80]}': {molecules.problem[0]}")
    check_size(mol)
    found = predictor.predict(molecules, target=target, endpoints=[endpoint])
    if math.isnan(found.similarity[0, 0]):  # a missing value alone may be right: a molecule without acids has no acid's pKa
        raise DataError(f"'{smiles[:80]}': {found.problem[0]}")
    attribution = predictor.attribute(mol, endpoint, target, config["neighbours"])
    near = predictor.nearest_measured(mol, endpoint, target, FROM_NEAREST) if config["pairs"] else []
    pairs = MeasuredPairs([text for text, _, _ in near], [value for _, value, _ in near]) if near else None
    own = found.endpoints[0]
    unit, caption = contribution_unit(own, own.unit), caption_of(attribution, own)
    write_picture(mol, attribution.atoms, picture, attribution.notes, unit, attribution.parts, caption)
    for change in molecules.changes[0]:
        click.echo(f"structure: {change}")
    for line in lines(found, attribution, mol, pairs):
        click.echo(line)
    click.echo(f"picture: {picture}")


def _explain_table(path: str, config: dict[str, Any]) -> None:
    from molgen.chem.molecules import Molecules
    from molgen.data.readers import check_output
    from molgen.files import check_place
    from molgen.predictors.pair_support import MeasuredPairs
    from molgen.reports.substructures import Substructures, explained_rows, write_substructures, write_substructures_page

    predictor, target = trained(config["predictor"]), config["target"]
    name = _endpoint(predictor, config["endpoint"])
    [position] = predictor.positions([name])
    output = check_output(config["output"] or output_name(path, "explained"))
    table, page = (check_place(output.with_name(f"{output.stem}_substructures.{ending}")) for ending in ("csv", "html"))
    standardizer = build(config["standardize"], "standardize")
    substructures = Substructures(predictor.endpoints[position])

    def results(batch: Molecules) -> Any:
        asked = batch.standardized(standardizer)
        valid = [i for i, mol in enumerate(asked.mols) if mol is not None]
        found = predictor.attribute_all([asked.mols[i] for i in valid], name, target)
        return explained_rows(asked, dict(zip(valid, found, strict=True)), substructures)

    rows = run_over(path, config, output, "explaining", results, rows=AT_ONCE)
    failed = rows["problem"].dropna()
    for number, problem in failed.head(5).items():
        click.echo(f"molecule {number + 1}: {problem}")
    if len(failed) > 5:
        click.echo(f"and {len(failed) - 5:,} more, see the column problem")
    click.echo(f"{len(rows):,} molecules, {len(failed):,} of them not explained")
    pairs = MeasuredPairs(*predictor.measured(name, target)) if config["pairs"] else None
    found = substructures.table(pairs)
    for line in substructures.lines(found):
        click.echo(line)
    write_substructures(found, table)
    write_substructures_page(
        substructures, found, page, title=f"{name}: what matters in {Path(path).name}", explained=len(rows) - len(failed)
    )
    click.echo(f"contributions: {output}\nsubstructures: {table}\npage: {page}")
