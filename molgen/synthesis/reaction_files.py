"""Reactions in YAML files: molgen's own, and a team's."""

import functools
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from rdkit import Chem, rdBase
from rdkit.Chem.rdChemReactions import ReactionFromSmarts

from molgen.chem.smarts import Pattern, pattern
from molgen.errors import ConfigError, DataError, nearest
from molgen.synthesis.named_patterns import KEY, expanded, read_patterns
from molgen.synthesis.reaction import GEOMETRIES, Reaction, components
from molgen.synthesis.templates import outside_nested
from molgen.yaml_files import LOADER, read_tree

OWN = Path(__file__).with_name("reactions")
GROUPS = "groups.yaml"
NAME = re.compile(r"\w+")
REQUIRED = {"class", "reaction", "examples"}
HYDROGENS = re.compile(r"!H|H\d?,|,H\d?")  # counts that RDKit can't give to an atom of a product
KNOWN = REQUIRED | {"without", "conditions", "protect", "caution", "geometry", "selective", "fails"}


@functools.cache
def own_reactions() -> tuple[Reaction, ...]:
    """The reactions that molgen knows (`molgen/synthesis/reactions`), by file and place in it."""
    found = [each for path in sorted(OWN.glob("*.yaml")) if path.name != GROUPS for each in _read(path, checked=False)]
    return tuple(found)


def read_reactions(path: Path) -> tuple[Reaction, ...]:
    """Read and check the reactions in a file.

    Parameters
    ----------
    path
        YAML: under the name of each reaction `class`, `reaction` (reaction SMARTS) and `examples` (reaction SMILES that it must
        give), and if need be `without` (per reactant a list of SMARTS, or of names in molgen/synthesis/reactions/groups.yaml;
        a list within it, such as `*halide`, is joined to it), `conditions`, `protect`, `caution`, `geometry`, `selective` and
        `fails`. `patterns`, in the place of a reaction, names parts of SMARTS, which are then written as `{name}`.

    Raises
    ------
    DataError
        It can't be read, or a reaction in it doesn't do what its examples say: the message names it.
    """
    return tuple(_read(path, checked=True))


def known_reactions(file: str | None) -> tuple[Reaction, ...]:
    """The reactions that molgen knows, and then those in `file`, if there is one; see `read_reactions`.

    Raises
    ------
    DataError
        The file can't be used, or a reaction in it has the name of one of molgen's own.
    """
    own = own_reactions()
    added = () if file is None else read_reactions(Path(file))
    if double := {each.name for each in own} & {each.name for each in added}:
        raise DataError(f"{file}: {sorted(double)[0]} is a reaction of molgen's own; give it another name")
    return (*own, *added)


@functools.cache
def groups() -> dict[str, tuple[Pattern, ...]]:
    """Functional groups by name; some names are of several."""
    listed = yaml.load((OWN / GROUPS).read_text(encoding="utf-8"), LOADER)
    found = {name: (pattern(smarts, name),) for name, smarts in listed.items() if isinstance(smarts, str)}
    several = {name: names for name, names in listed.items() if name not in found}
    return found | {name: tuple(found[each][0] for each in names) for name, names in several.items()}


def _read(path: Path, *, checked: bool) -> Iterable[Reaction]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        _check_keys(read_tree(text), path)
        entries = yaml.load(text, LOADER)
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: can't be read ({error})") from error
    except yaml.MarkedYAMLError as error:
        where = f"line {error.problem_mark.line + 1}: {error.problem}" if error.problem_mark else str(error.problem)
        raise DataError(f"{path}: not a YAML file ({where}; SMARTS and SMILES need quotes)") from error
    except yaml.YAMLError as error:
        raise DataError(f"{path}: not a YAML file ({' '.join(str(error).split())})") from error
    if not isinstance(entries, Mapping) or not entries.keys() - {KEY}:
        raise DataError(f"{path}: no reactions in it; each has its name, and below it class, reaction and examples")
    try:
        patterns = read_patterns(entries.get(KEY, {}))
    except ConfigError as error:
        raise DataError(f"{path}: {KEY}: {error}") from error
    for name, entry in ((name, entry) for name, entry in entries.items() if name != KEY):
        try:
            yield _reaction(str(name), entry, patterns, checked)
        except ConfigError as error:
            raise DataError(f"{path}: {name}: {error}") from error


def _check_keys(tree: yaml.Node, path: Path) -> None:
    """Refuse reactions, or settings of one, that are there twice: YAML would take the last."""
    inner = [node for _, node in tree.value] if isinstance(tree, yaml.MappingNode) else []
    for node in (each for each in (tree, *inner) if isinstance(each, yaml.MappingNode)):
        known: set[str] = set()
        for key, _ in node.value:
            if key.value in known:
                raise DataError(f"{path}: line {key.start_mark.line + 1}: {key.value} is there twice")
            known.add(key.value)


def _reaction(name: str, entry: Any, patterns: Mapping[str, str], checked: bool) -> Reaction:
    if not isinstance(entry, Mapping):
        raise ConfigError("has no settings below it: class, reaction and examples are needed")
    for key in entry:
        if key not in KNOWN:
            raise ConfigError(f"unknown key '{key}'{nearest(str(key), KNOWN)}; known: {', '.join(sorted(KNOWN))}")
    if missing := sorted(REQUIRED - {key for key, value in entry.items() if value}):
        raise ConfigError(
            f"{', '.join(missing)} missing" + ("; an example is `A.B>>C` in SMILES" if "examples" in missing else "")
        )
    for key in ("examples", "fails", "caution"):
        if not isinstance(entry.get(key) or [], list) or not all(isinstance(each, str) for each in entry.get(key) or []):
            raise ConfigError(f"{key}: needs a list of texts, in quotes")
    for key in ("class", "conditions", "protect"):
        if not isinstance(entry.get(key, ""), str | None):
            raise ConfigError(f"{key}: needs a text, in quotes, not {entry[key]}")
    if (geometry := entry.get("geometry", "E")) not in GEOMETRIES:
        raise ConfigError(f"geometry: no '{geometry}'; known: {', '.join(GEOMETRIES)}")
    if not isinstance(selective := entry.get("selective", False), bool):
        raise ConfigError(f"selective: needs true or false, not {selective}")
    smarts = entry["reaction"]
    if not isinstance(smarts, str):
        raise ConfigError(f"reaction: needs reaction SMARTS, in quotes, not {smarts}")
    smarts = expanded(smarts, patterns)
    check_smarts(smarts)
    places = len(components(smarts.split(">")[0]))
    without = entry.get("without") or [[]] * places
    listed = isinstance(without, list) and all(isinstance(each, list) for each in without)
    if not listed or len(without) != places:
        raise ConfigError(f"without: needs a list per reactant, {places} in all; an empty one is []")
    found = Reaction(
        name=name,
        kind=entry["class"],
        smarts=smarts,
        without=tuple(_patterns(_joined(each), patterns) for each in without),
        conditions=entry.get("conditions") or "",
        protect=entry.get("protect") or "",
        caution=_patterns(entry.get("caution") or [], patterns),
        geometry=geometry,
        selective=selective,
        examples=tuple(map(str, entry["examples"])),
        fails=tuple(map(str, entry.get("fails") or [])),
    )
    if checked:
        check_examples(found)
    return found


def _joined(listed: list[Any]) -> list[Any]:
    """A list with the lists in it joined, such as one by its YAML name: `[*halide, phenol]`."""
    return [text for each in listed for text in (each if isinstance(each, list) else [each])]


def _patterns(texts: Iterable[Any], patterns: Mapping[str, str]) -> tuple[Pattern, ...]:
    """The groups and patterns that texts name, each once."""
    return tuple(dict.fromkeys(each for text in texts for each in _named(text, patterns)))


def _named(text: Any, patterns: Mapping[str, str]) -> tuple[Pattern, ...]:
    """Functional groups by their name, or a pattern by its SMARTS."""
    text = expanded(str(text), patterns)
    if text in groups():
        return groups()[text]
    try:
        with rdBase.BlockLogs():
            return (pattern(text),)
    except ConfigError as error:
        if not NAME.fullmatch(text):
            raise
        hint = nearest(text, groups()) or f"; known: {', '.join(groups())}"
        raise ConfigError(f"no group '{text}', nor is it SMARTS{hint}") from error


def check_smarts(smarts: str) -> None:
    """Refuse reaction SMARTS that can't be run forwards and backwards.

    Raises
    ------
    ConfigError
        RDKit can't read it, it groups components, it doesn't have one product of one or two reactants, or its atom maps don't
        agree.
    """
    if any(part.startswith("(") for side in smarts.split(">") for part in components(side)):
        raise ConfigError(f"'{smarts}' groups components in round brackets, which isn't supported: write A.B>>C without them")
    with rdBase.BlockLogs():
        try:
            found = ReactionFromSmarts(smarts)
        except ValueError as error:
            raise ConfigError(f"'{smarts}' is no reaction SMARTS ({str(error).splitlines()[0]})") from error
    reactants, products = list(found.GetReactants()), list(found.GetProducts())
    if len(products) != 1:
        raise ConfigError(f"'{smarts}' has {len(products)} products; one is needed: leave out what is thrown away")
    if len(reactants) not in (1, 2):
        raise ConfigError(f"'{smarts}' has {len(reactants)} reactants; one or two are needed: leave reagents out")
    before = [atom.GetAtomMapNum() for mol in reactants for atom in mol.GetAtoms() if atom.GetAtomMapNum()]
    after = [atom.GetAtomMapNum() for atom in products[0].GetAtoms() if atom.GetAtomMapNum()]
    for numbers, side in ((before, "its reactants"), (after, "its product")):
        if len(set(numbers)) < len(numbers):
            raise ConfigError(f"'{smarts}' has an atom map number twice in {side}")
    if not after:
        raise ConfigError(f"'{smarts}' has no mapped atoms: number those that stay, as in [C:1]")
    if odd := sorted(set(before) ^ set(after)):
        raise ConfigError(f"'{smarts}' has atom map numbers on one side only: {', '.join(map(str, odd))}")
    if any(not any(atom.GetAtomMapNum() for atom in mol.GetAtoms()) for mol in reactants):
        raise ConfigError(f"'{smarts}' has a reactant without mapped atoms, of which nothing would stay")
    for atom in products[0].GetAtoms():
        if not atom.GetAtomMapNum() and not atom.GetAtomicNum():
            raise ConfigError(f"'{smarts}' has an unmapped atom in its product that doesn't say what it is: {atom.GetSmarts()}")
        if HYDROGENS.search(outside_nested(atom.GetSmarts())):
            raise ConfigError(
                f"'{smarts}' has an atom in its product with several hydrogen counts, {atom.GetSmarts()}: put them within $()"
            )
    with rdBase.BlockLogs():
        Reaction("", "", smarts).reverse  # noqa: B018  it refuses leaving atoms without an element


def check_examples(reaction: Reaction) -> None:
    """Run a reaction on its examples, forwards and backwards, and on what it must refuse.

    Raises
    ------
    ConfigError
        An example isn't what happens.
    """
    for example in reaction.examples:
        left, arrow, right = example.partition(">>")
        if not arrow:
            raise ConfigError(f"example '{example}': must be reactants>>product")
        reactants, products = _reactants(reaction, left, example), _mols(right, example)
        if len(products) != 1:
            raise ConfigError(f"example '{example}': has {len(products)} products; one is needed: leave out what is thrown away")
        (wanted,) = products
        made = reaction.run(reactants)
        if made is None or made != Chem.MolToSmiles(wanted):
            gives = reaction.why_not(reactants) if made is None else f"gives {made}"
            raise ConfigError(f"example '{example}': {gives}")
        if not reaction.precursors(wanted):
            raise ConfigError(f"example '{example}': can't be read backwards")
    for text in reaction.fails:
        if (made := reaction.run(_reactants(reaction, text, text))) is not None:
            raise ConfigError(f"'{text}' should be refused, but gives {made}")


def _reactants(reaction: Reaction, text: str, example: str) -> list[Chem.Mol]:
    """The molecules of `A.B`, as many as the reaction has reactants."""
    found, wanted = _mols(text, example), len(reaction.roles)
    if len(found) != wanted:
        raise ConfigError(f"example '{example}': the reaction has {wanted} reactant{'s' * (wanted > 1)}, not {len(found)}")
    return found


def _mols(text: str, example: str) -> list[Chem.Mol]:
    with rdBase.BlockLogs():
        found = [Chem.MolFromSmiles(part) for part in text.split(".")]
    if not all(mol is not None and mol.GetNumAtoms() for mol in found):
        raise ConfigError(f"example '{example}': not SMILES")
    return found
