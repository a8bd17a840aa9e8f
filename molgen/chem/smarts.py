"""SMARTS patterns, all read and matched in one way."""

import csv
import functools
import logging
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rdkit import Chem

from molgen.errors import ConfigError, DataError

SUFFIXES = (".smarts", ".sma", ".smi", ".txt", ".csv", ".tsv")
MOST = 100_000  # most matches of a pattern that are counted
LONGEST = 5_000  # characters of a pattern: RDKit ends the process on one that is three times as long
APART = 4  # parts of a pattern that aren't connected, up to which one is sought in another
HYDROGEN_FIRST = re.compile(r"\$\(\[\d*(H\b|#1\b)")  # within $(...), where RDKit merges it into its neighbour
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pattern:
    """A SMARTS pattern; one with stereo matches only molecules that have it, a racemate by either of its enantiomers.

    Hydrogens in it (`[H]N`, `[#1]`) match those of the molecule, explicit or not. Hydrogens attached to other atoms of the
    pattern count as properties of these, the rest is matched on heavy atoms as usual: D counts heavy neighbours, `*` is no
    hydrogen. Otherwise, and beside stereo, they are matched as atoms of a molecule with all its hydrogens.

    Raises
    ------
    ConfigError
        RDKit can't read it as SMARTS.
    """

    text: str
    name: str = ""

    def __post_init__(self) -> None:
        if len(self.text) > LONGEST:
            found = f"a SMARTS pattern of {len(self.text):,} characters; {LONGEST:,} at most: write a smaller one, or several"
            raise ConfigError(f"'{self.text[:40]}...': {found}")
        if self.text != self.text.strip() or (" " in self.text and "|" not in self.text) or not self._query.GetNumAtoms():
            raise self._refused("")
        if any(_is_no_atom(atom) for atom in self._query.GetAtoms() if atom.HasQuery()):
            either = "several elements at once; for any of them put commas between, for a chain or ring leave the brackets out"
            raise self._refused(f" that could match: it asks for an atom of {either}")
        if "$(" in self.text and ("/" in self.text or "\\" in self.text) and _hidden_bond_stereo(self.text):
            raise self._refused("; RDKit doesn't see the stereo of a double bond within $(...): write it outside")

    def _refused(self, hint: str) -> ConfigError:
        listed = self.text.startswith("[") and self.text.endswith("]") and "," in self.text
        if listed and all(Chem.MolFromSmarts(part) for part in self.text[1:-1].split(",")):
            hint = f"; a list of patterns has quotes: [{','.join(repr(part.strip()) for part in self.text[1:-1].split(','))}]"
        if self.text.startswith("(") or ".(" in self.text:
            hint = "; RDKit has no grouping of components by brackets"
        return ConfigError(f"'{self.text}' is not a SMARTS pattern{hint}")

    @functools.cached_property
    def _query(self) -> Chem.Mol:
        """The pattern as it is written."""
        query = Chem.MolFromSmarts(self.text)
        if query is None:
            raise self._refused("")
        return query

    @functools.cached_property
    def _hydrogens(self) -> bool:
        return bool(Chem.HasQueryHs(self._query)[0])

    @functools.cached_property
    def _heavy(self) -> Chem.Mol | None:
        """The pattern without hydrogen atoms; None if it needs them."""
        if not self._hydrogens:
            return self._query
        merged = Chem.MergeQueryHs(self._query)
        unlike = _has_stereo(self._query) or HYDROGEN_FIRST.search(self.text) or any(Chem.HasQueryHs(merged))
        return None if unlike else merged

    def __call__(self, mol: Chem.Mol) -> bool:
        """Whether it matches `mol`."""
        if self._heavy is not None:
            return bool(mol.HasSubstructMatch(self._heavy, PARAMETERS))
        return bool(Chem.AddHs(mol).HasSubstructMatch(self._query, PARAMETERS))

    def count(self, mol: Chem.Mol) -> int:
        """Number of distinct sets of atoms of `mol` that it matches."""
        if self._heavy is None:
            return len(Chem.AddHs(mol).GetSubstructMatches(self._query, PARAMETERS))
        if not self._hydrogens:
            return len(mol.GetSubstructMatches(self._query, PARAMETERS))
        hanging = [sum(other.GetAtomicNum() == 1 for other in atom.GetNeighbors()) for atom in self._query.GetAtoms()]
        wanted = [number for number, atom in zip(hanging, self._query.GetAtoms(), strict=True) if atom.GetAtomicNum() != 1]
        matches = mol.GetSubstructMatches(self._heavy, EVERY)
        placed = {frozenset(zip(match, wanted, strict=True)) for match in matches}
        hydrogens = [atom.GetTotalNumHs(includeNeighbors=True) for atom in mol.GetAtoms()]
        return sum(math.prod(math.comb(hydrogens[atom], number) for atom, number in each) for each in placed)

    def matches(self, mol: Chem.Mol) -> list[set[int]]:
        """The distinct sets of atoms of `mol` that it matches, added hydrogens left out."""
        if self._heavy is not None:
            return list(map(set, mol.GetSubstructMatches(self._heavy, PARAMETERS)))
        found = Chem.AddHs(mol).GetSubstructMatches(self._query, PARAMETERS)
        return [{atom for atom in match if atom < mol.GetNumAtoms()} for match in found]

    def atoms(self, mol: Chem.Mol) -> set[int]:
        """The atoms of `mol` that are part of any match."""
        return set().union(*self.matches(mol))


def _parameters(*, uniquify: bool) -> Chem.SubstructMatchParameters:
    found = Chem.SubstructMatchParameters()
    found.uniquify = uniquify
    found.useChirality = found.useEnhancedStereo = True
    found.maxMatches = MOST
    return found


PARAMETERS, EVERY = _parameters(uniquify=True), _parameters(uniquify=False)


def _has_stereo(query: Chem.Mol) -> bool:
    if any(bond.GetStereo() > Chem.BondStereo.STEREOANY for bond in query.GetBonds()):
        return True
    return any(atom.GetChiralTag() != Chem.ChiralType.CHI_UNSPECIFIED or "@" in atom.GetSmarts() for atom in query.GetAtoms())


def _is_no_atom(atom: Chem.Atom) -> bool:
    """Whether a query asks for different elements at once, as `[cn]` and `[c1ccncc1]` do: within brackets, all must hold."""
    wanted: set[int] = set()
    path: list[str] = []
    for line in atom.DescribeQuery().splitlines():
        kind, *rest = line.split()
        path = [*path[: (len(line) - len(line.lstrip())) // 2], kind]
        if kind in ("AtomType", "AtomAtomicNum") and rest[1] == "=" and set(path[:-1]) <= {"AtomAnd"}:
            wanted.add(int(rest[0]) % 1000)  # AtomType has 1,000 added to an aromatic atom's number
    return len(wanted) > 1


def _hidden_bond_stereo(text: str) -> bool:
    """Whether there is a bond with a direction within $(...)."""
    depth, recursive = 0, []
    for before, character in zip(" " + text, text, strict=False):
        if character == "(":
            depth += 1
            recursive += [depth] * (before == "$")
        elif character == ")":
            recursive = [level for level in recursive if level != depth]
            depth -= 1
        elif character in "/\\" and recursive:
            return True
    return False


@functools.lru_cache(maxsize=10_000)
def pattern(text: str, name: str = "") -> Pattern:
    """A SMARTS pattern, parsed once.

    Raises
    ------
    ConfigError
        It is no SMARTS that RDKit reads.
    """
    return Pattern(text, name)


def implies(whole: Pattern, part: Pattern) -> bool:
    """Whether every molecule with `whole` has `part`, judged by whether `whole` literally contains `part`.

    So `C=CC(=O)N` implies `C=C`, but isn't known to imply `[#6]`, nor `[NH2]`, which it doesn't.
    """
    if _has_stereo(part._query) or len(Chem.GetMolFrags(part._query)) > APART:  # of many parts, there are too many ways to try
        return whole.text == part.text
    words: dict[str, int] = {}
    within, sought = (_spelt(each._query, words) for each in (whole, part))
    return within.HasSubstructMatch(sought)


def _spelt(query: Chem.Mol, words: dict[str, int]) -> Chem.Mol:
    """A graph in which the letters of each atom and bond of a pattern are a kind of atom, numbered in `words`."""
    graph = Chem.RWMol()

    def add(text: str) -> int:
        atom = Chem.Atom(6)
        atom.SetIsotope(words.setdefault(text, len(words) + 1))
        return graph.AddAtom(atom)

    for atom in query.GetAtoms():
        add(atom.GetSmarts())
    for bond in query.GetBonds():
        place = add(f"bond {bond.GetSmarts()}")
        for end in (bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()):
            graph.AddBond(end, place, Chem.BondType.SINGLE)
    return graph.GetMol()


def patterns(given: str | Sequence[str]) -> tuple[Pattern, ...]:
    """Patterns given as one SMARTS, a list of them, or a file; see `patterns_in`.

    Raises
    ------
    ConfigError, DataError
        One of them is no SMARTS, or the file contains none.
    """
    if not isinstance(given, str):
        return tuple(map(pattern, given))
    path = Path(given).expanduser()
    if path.suffix.lower() in SUFFIXES:
        return patterns_in(path)
    return (pattern(given),) if given else ()


@functools.lru_cache(maxsize=16)
def patterns_in(path: Path) -> tuple[Pattern, ...]:
    """Patterns in a file: one SMARTS per line, optionally with a name, or a CSV or TSV table with a column called smarts.

    A line that is no SMARTS is skipped, with a warning that names it. In a table, names are in a column description or name.

    Raises
    ------
    DataError
        There is no such file, no such column, or no SMARTS in it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: can't be read ({error})") from error
    found, wrong = [], []
    for row, smarts, name in _rows(path, text):
        try:
            found.append(pattern(smarts, name))
        except ConfigError as error:
            wrong.append(f"row {row}{f' ({name})' * bool(name)}: {error}")
    if not found:
        raise DataError(f"{path}: no SMARTS pattern in it{f' ({wrong[0]})' if wrong else ''}")
    if wrong:
        LOG.warning("%s: %d of %d patterns left out: %s", path, len(wrong), len(wrong) + len(found), "; ".join(wrong[:10]))
    return tuple(found)


def _rows(path: Path, text: str) -> list[tuple[int, str, str]]:
    """Number, SMARTS and name of every row with a SMARTS."""
    if path.suffix.lower() in (".csv", ".tsv"):
        table = csv.DictReader(text.splitlines(), delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
        columns = {column.strip().lower(): column for column in table.fieldnames or ()}
        if "smarts" not in columns:
            raise DataError(f"{path}: no column called smarts; found: {', '.join(columns) or 'nothing'}")
        named = next((columns[key] for key in ("description", "name") if key in columns), None)
        rows = [
            (number, (row[columns["smarts"]] or "").strip(), ((row[named] if named else "") or "").strip())
            for number, row in enumerate(table, 1)
        ]
    else:
        lines = enumerate(text.replace("\t", " ").splitlines(), 1)
        split = [(number, *line.strip().partition(" ")[::2]) for number, line in lines]
        rows = [(number, smarts, name.strip()) for number, smarts, name in split if not smarts.startswith("#")]
    return [row for row in rows if row[1]]
