"""What the substituents do: the commonest cores of the measured compounds, and a row of R groups and values per compound."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup
from rdkit import Chem, rdBase
from rdkit.Chem import rdRGroupDecomposition as decomposition
from rdkit.Chem.Scaffolds import rdScaffoldNetwork

from molgen.chem.scaffolds import murcko
from molgen.project.page.endpoints import PageEndpoint
from molgen.project.page.pictures import Pictures

CORES, BEST, WORST, GROUPS = 3, 10, 5, 4  # shown at most
DECOMPOSED = 150  # compounds of a core: the best, and the worst of all
FEWEST = 3  # compounds that make a series
SHARE = 0.4  # of a compound's heavy atoms that are in its core, on average
HYDROGEN = "[1*][H]"
RINGS = 5  # of a scaffold that is taken apart: of more the parts are too many


@dataclass(frozen=True)
class Core:
    """A core with its compounds.

    Attributes
    ----------
    smiles
        With attachment points `[*:1]`, `[*:2]`, ...
    groups
        Names of the positions that differ, `R1`.
    same
        Positions at which all compounds have the same: name and group, `[1*]C`.
    rows
        By compound, the best first, the groups at `groups`: of all, or of the `BEST` and the `WORST`.
    number
        How many measured compounds have the core; `rows` are fewer where they are too many to show.
    unshown
        Positions that differ but aren't among `groups`.
    """

    smiles: str
    groups: list[str]
    same: list[tuple[str, str]]
    rows: dict[str, list[str]]
    number: int
    unshown: list[str]


def common_cores(molecules: Mapping[str, Chem.Mol]) -> list[tuple[str, list[str]]]:
    """Cores with the compounds that have them, each compound once; the commonest first.

    Candidates are the compounds' Murcko scaffolds and the parts that remain of these when rings are cut off. A candidate counts
    as much as the share of heavy atoms that it has in the compounds with it, summed, so a benzene ring that all have stands
    behind the bicycle of a third of them.
    """
    fitting: dict[str, set[str]] = defaultdict(set)
    parts: dict[str, list[str]] = {}
    for name, mol in molecules.items():
        scaffold = murcko(mol)
        if scaffold not in parts:
            parts[scaffold] = _parts(scaffold)
        for part in parts[scaffold]:
            fitting[part].add(name)
    sizes = {name: mol.GetNumHeavyAtoms() for name, mol in molecules.items()}
    queries = {part: Chem.MolFromSmiles(part) for part in fitting}
    atoms = {part: query.GetNumHeavyAtoms() for part, query in queries.items() if query is not None}
    found: list[tuple[str, list[str]]] = []
    left = set(molecules)
    while len(found) < CORES:
        worth = {}
        for part, names in fitting.items():
            own = names & left
            share = sum(atoms.get(part, 0) / sizes[name] for name in own)
            if len(own) >= FEWEST and share >= SHARE * len(own):
                worth[part] = share
        if not worth:
            break
        best = max(worth, key=lambda part: (worth[part], atoms[part], part))
        found.append((best, [name for name in molecules if name in fitting[best] & left]))
        left -= fitting[best]
    return found


def _parts(scaffold: str) -> list[str]:
    mol = Chem.MolFromSmiles(scaffold) if scaffold else None
    if mol is None:
        return []
    if mol.GetRingInfo().NumRings() > RINGS:
        return [scaffold]
    settings = rdScaffoldNetwork.ScaffoldNetworkParams()
    settings.includeGenericScaffolds = settings.includeScaffoldsWithAttachments = False
    return sorted({scaffold, *rdScaffoldNetwork.CreateScaffoldNetwork([mol], settings).nodes})


def decompose(core: str, molecules: Mapping[str, Chem.Mol]) -> Core | None:
    """The R groups of compounds with a core; None where RDKit finds none, or no position differs.

    Parameters
    ----------
    molecules
        By name, the best first.
    """
    names = _ends(list(molecules), DECOMPOSED - WORST)
    settings = decomposition.RGroupDecompositionParameters()
    settings.timeout = 10.0
    settings.removeAllHydrogenRGroups = settings.removeHydrogensPostMatch = True
    with rdBase.BlockLogs():
        try:
            found, failed = decomposition.RGroupDecompose(
                [Chem.MolFromSmiles(core)], [molecules[name] for name in names], asSmiles=True, options=settings
            )
        except RuntimeError:  # it took too long
            return None
        names = [name for i, name in enumerate(names) if i not in set(failed)]
        positions = [key for key in (found[0] if found else {}) if key != "Core"]
        groups = {key: [_group(row[key]) for row in found] for key in positions}
    differing = [key for key in positions if len(set(groups[key])) > 1]
    if not differing:
        return None
    differing.sort(key=lambda key: -(len(groups[key]) - Counter(groups[key]).most_common(1)[0][1]))
    kept = sorted(differing[:GROUPS], key=positions.index)
    return Core(
        Counter(row["Core"] for row in found).most_common(1)[0][0],
        kept,
        [(key, groups[key][0]) for key in positions if key not in differing],
        {names[i]: [groups[key][i] for key in kept] for i in _ends(list(range(len(names))), BEST)},
        len(molecules),
        [key for key in positions if key in differing and key not in kept],
    )


def _ends(ordered: list[Any], number: int) -> list[Any]:
    """The first `number` and the last `WORST`, or all."""
    return ordered if len(ordered) <= number + WORST else [*ordered[:number], *ordered[-WORST:]]


def _group(smiles: str) -> str:
    """An R group as RDKit gives it, `C[*:1]`, with its attachment point first: `[1*]C`; a ring closed twice keeps both."""
    mol = Chem.MolFromSmiles(smiles)
    points = [atom for atom in mol.GetAtoms() if not atom.GetAtomicNum()]
    if not any(atom.GetAtomicNum() > 1 for atom in mol.GetAtoms()):
        return HYDROGEN
    for atom in points:
        atom.SetIsotope(1)
        atom.SetAtomMapNum(0)
    return Chem.MolToSmiles(mol, rootedAtAtom=points[0].GetIdx())


@dataclass(frozen=True)
class SeriesRow:
    """A compound of a series: its groups' pictures, and a value and a colour per endpoint."""

    compound: str
    groups: list[Markup]
    cells: list[tuple[str, str]]


@dataclass(frozen=True)
class SeriesTable:
    """A core with its picture and rows.

    `note` says what of it isn't shown; `best` how many rows stand before the compounds that are left out, 0 where none are.
    """

    picture: Markup
    same: list[tuple[str, Markup]]
    headings: list[str]
    rows: list[SeriesRow]
    note: str
    best: int


def series_tables(
    molecules: Mapping[str, Chem.Mol], endpoints: Sequence[PageEndpoint], cells: pd.DataFrame, pictures: Pictures
) -> tuple[list[SeriesTable], str]:
    """Tables of the commonest cores, and how many compounds are in none of them.

    Parameters
    ----------
    molecules
        The measured compounds by identifier, the best first.
    cells
        By identifier and endpoint, text and colour.
    """
    tables, held = [], 0
    for smiles, names in common_cores(molecules):
        core = decompose(smiles, {name: molecules[name] for name in names})
        if core is None:
            continue
        held += core.number
        rows = [
            SeriesRow(
                name, [pictures.group(group) for group in groups], [cells.loc[name, endpoint.name] for endpoint in endpoints]
            )
            for name, groups in core.rows.items()
        ]
        left = (
            [f"the best {BEST} and the worst {len(rows) - BEST} of {core.number} compounds with this core"]
            if core.number > len(rows)
            else []
        )
        left += [f"{', '.join(core.unshown)}, where few differ, left out"] if core.unshown else []
        note = "; ".join(left) or f"all {core.number} compounds with this core"
        tables.append(
            SeriesTable(
                pictures.core(core.smiles),
                [(name, pictures.group(group)) for name, group in core.same],
                core.groups,
                rows,
                note[0].upper() + note[1:] + ".",
                BEST if core.number > len(rows) else 0,
            )
        )
    left_over = len(molecules) - held
    return (
        tables,
        f"{left_over:,} of {len(molecules):,} measured compounds have none of these cores." if tables and left_over else "",
    )
