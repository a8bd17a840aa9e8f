"""The molecules of drawings: MOL blocks, with the reason where there is none."""

import re
from collections.abc import Sequence

from rdkit import Chem

QUERY_LINES = re.compile(r"^M  (SUB|UNS|RBC)")
QUERY_KEYS = re.compile(r" (HCOUNT|SUBST|UNSAT|RBCNT|TOPO|RXCTR|STBOX)=\S+")
ANYTHING = "AtomNull"  # RDKit's query for *, R and R#: an attachment point


def smiles_of(mol: Chem.Mol) -> str:
    """The SMILES of a molecule; CXSMILES where its stereocentres are in groups other than absolute ones."""
    if any(group.GetGroupType() != Chem.StereoGroupType.STEREO_ABSOLUTE for group in mol.GetStereoGroups()):
        fields = Chem.CXSmilesFields.CX_ENHANCEDSTEREO
        return Chem.MolToCXSmiles(mol, Chem.SmilesWriteParams(), int(fields))
    return Chem.MolToSmiles(mol)


def smiles_of_block(lines: Sequence[str], first: int) -> tuple[str, str | None]:
    """The SMILES of a MOL block that begins in line `first` of a file, or "" and the reason why there is none.

    What a drawing program adds for searching (hydrogen counts, ring bonds, topology) is left out: the molecule is meant.
    """
    if not any(line.strip() for line in lines[3:]):
        return "", f"no drawing (record in line {first})"
    mol = Chem.MolFromMolBlock(_joined(lines))
    if mol is not None and _has_query(mol):
        lines = _without_queries(lines)
        mol = Chem.MolFromMolBlock(_joined(lines))
    if mol is None:
        return "", f"{why_invalid(Chem.MolFromMolBlock(_joined(lines), sanitize=False))} (record in line {first})"
    if _has_query(mol):
        return "", f"a query and no molecule: an atom or bond may be several things (record in line {first})"
    if not mol.GetNumAtoms():
        return "", f"no atoms (record in line {first})"
    return smiles_of(mol), None


def why_invalid(unsanitized: Chem.Mol | None) -> str:
    """Why a molecule isn't valid, from what RDKit reads without checking it."""
    if unsanitized is None:
        return "the drawing can't be read: a line is damaged, or names an element that there isn't"
    problems = Chem.DetectChemistryProblems(unsanitized)
    return problems[0].Message() if problems else "the drawing can't be read"


def _joined(lines: Sequence[str]) -> str:
    ended = lines if lines and lines[-1].startswith("M  END") else [*lines, "M  END"]
    return "\n".join(ended) + "\n"


def _has_query(mol: Chem.Mol) -> bool:
    return any(atom.HasQuery() and not atom.DescribeQuery().startswith(ANYTHING) for atom in mol.GetAtoms()) or any(
        bond.HasQuery() for bond in mol.GetBonds()
    )


def _without_queries(lines: Sequence[str]) -> list[str]:
    """A MOL block without the fields that are for searching."""
    if len(lines) > 3 and "V3000" in lines[3]:
        return [QUERY_KEYS.sub("", line) for line in lines]
    kept = [line for line in lines if not QUERY_LINES.match(line)]
    atoms, bonds = int(lines[3][:3]), int(lines[3][3:6])
    for i in range(4, 4 + atoms):  # columns 43 to 48: hydrogen count and stereo care box
        kept[i] = kept[i][:42] + "  0  0" + kept[i][48:]
    for i in range(4 + atoms, 4 + atoms + bonds):  # from column 13 on: topology and reacting centre
        kept[i] = kept[i][:12]
    return kept
