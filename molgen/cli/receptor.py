"""`molgen receptor`."""

from collections.abc import Sequence
from pathlib import Path

import click

from molgen.cli.common import settings_of, with_overrides
from molgen.config import expect
from molgen.errors import ConfigError, check_between
from molgen.files import check_place


@click.command()
@click.argument("structure", type=click.Path())
@with_overrides
def receptor(structure: str, overrides: tuple[str, ...]) -> None:
    """Prepare STRUCTURE, a .pdb or .cif file from the PDB, to be docked into, and show the box in a picture.

    \b
    molgen receptor 1iep.pdb ligand=STI/A:201 chains=[A]   # the box around a ligand in the file, which is left out
    molgen receptor 1iep.cif.gz ligand=ligand.sdf padding=6   # around a ligand in a file of its own
    molgen receptor 4r6e.pdb center='[26.4,11.3,27.2]' size='[18,18,20]' drop=[SO4,GOL] output=parp1.pdbqt

    Says what was done to the structure. Water and ions of the solvent are left out, metals stay; other groups that are no
    protein or nucleic acid have to be named in drop or keep.
    """
    from molgen.scoring.docking.box import box_around, check_box, given_box, ligand_places
    from molgen.scoring.docking.picture import check_box_picture, draw_box
    from molgen.scoring.docking.receptor import read_receptor
    from molgen.scoring.docking.structure import Selection, is_structure

    if "=" in structure and not Path(structure).exists():
        raise ConfigError(f"'{structure}': name the structure first: molgen receptor 1iep.pdb ligand=STI")
    config = settings_of("receptor", overrides)
    expect(config, ligand=str | None, padding=float, center=Sequence[float] | None, size=Sequence[float])
    expect(
        config, chains=list[str | int] | None, drop=list[str | int], keep=list[str | int], output=str | None, picture=str | None
    )
    check_between("", 0, padding=config["padding"])
    name = Path(structure).name if is_structure(structure) else f"{Path(structure).name}_receptor"
    output = Path(config["output"] or f"{name.split('.')[0]}.pdbqt")
    if output.suffix != ".pdbqt":
        raise ConfigError(f"output={output}: a .pdbqt file")
    picture = check_box_picture(config["picture"] or output.with_suffix(".png"))
    check_place(output)
    if config["ligand"] and config["center"]:
        raise ConfigError("ligand and center: one of them")
    chains = None if config["chains"] is None else tuple(map(str, config["chains"]))
    drop, places = tuple(map(str, config["drop"])), None
    box = given_box(config["center"], config["size"]) if config["center"] else None
    if config["ligand"]:
        places, residue = ligand_places(config["ligand"], structure)
        box, drop = box_around(places, config["padding"]), drop + ((residue,) if residue else ())
    selection = Selection(chains, drop, tuple(map(str, config["keep"])))
    prepared = read_receptor(structure, selection)
    if box is not None:
        check_box(box, prepared.pdbqt, structure)
    for line in prepared.notes:
        click.echo(line)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(prepared.pdbqt)
    draw_box(picture, prepared.pdbqt, box, places)
    click.echo(f"receptor: {output}, picture: {picture}")
    if box is not None:
        numbers = " ".join(f"{key}=[{','.join(map(str, values))}]" for key, values in zip(("center", "size"), box, strict=True))
        click.echo(f"box: {numbers}")
