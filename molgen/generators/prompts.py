"""Prompts: fragments with `*` where a generator is to attach something."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rdkit import Chem

from molgen.chem.molecules import parse
from molgen.errors import ConfigError, nearest

TRIES = 200


@dataclass(frozen=True)
class PromptTask:
    """How many fragments a task takes, and how many attachment points each of them has; None for any number from one on."""

    fragments: int | None
    attachments: int | None
    example: str


TASKS = {
    "linker": PromptTask(None, 1, "[*c1ccccc1,*N1CCOCC1]"),
    "morphing": PromptTask(None, 1, "[*c1ccccc1,*N1CCOCC1]"),
    "motif": PromptTask(1, 1, "[*c1ccccc1]"),
    "decoration": PromptTask(1, None, "[*c1ccc(*)cc1]"),
    "superstructure": PromptTask(1, 0, "[c1ccccc1]"),
}


def prompt_of(task: str, fragments: Sequence[str]) -> str:
    """The prompt for a task, after a check that the fragments fit it.

    Parameters
    ----------
    task
        `linker`: join fragments; `morphing`: another core between the same side chains; `motif`: extend a fragment;
        `decoration`: fill all attachment points of a scaffold; `superstructure`: add to a molecule anywhere.

    Raises
    ------
    ConfigError
        No such task, or fragments that don't fit it.
    """
    if task not in TASKS:
        raise ConfigError(f"task={task}: no such task{nearest(task, TASKS)}; known: {', '.join(TASKS)}")
    wanted = TASKS[task]
    if (
        not fragments
        or (wanted.fragments or len(fragments)) != len(fragments)
        or (wanted.fragments is None and len(fragments) < 2)
    ):
        number = "one fragment" if wanted.fragments == 1 else "two or more"
        raise ConfigError(f"task={task} takes {number}, not {len(fragments)}: fragments={wanted.example}")
    for text in fragments:
        points = len(attachments(parsed(text)))
        if points != wanted.attachments and (wanted.attachments is not None or not points):
            number = "one or more" if wanted.attachments is None else str(wanted.attachments)
            raise ConfigError(f"task={task}: '{text}' has {points} attachment points '*', not {number}: {wanted.example}")
    return ".".join(fragments)


def parsed(prompt: str) -> Chem.Mol:
    """The fragments of a prompt as one molecule with dummy atoms; the numbers of attachment points (`[*:1]`, `[1*]`) are dropped.

    Raises
    ------
    ConfigError
        It is no SMILES, or a dummy atom has several bonds or none.
    """
    mol, problem = parse(prompt)
    if mol is None:
        raise ConfigError(f"prompt '{prompt}': {problem}")
    if any(mol.GetAtomWithIdx(i).GetDegree() != 1 for i in attachments(mol)):
        raise ConfigError(f"prompt '{prompt}': an attachment point '*' has one bond, to the atom that something is attached to")
    for i in attachments(mol):
        mol.GetAtomWithIdx(i).SetAtomMapNum(0)
        mol.GetAtomWithIdx(i).SetIsotope(0)
    return mol


def attachments(mol: Chem.Mol) -> list[int]:
    """The dummy atoms of `mol`."""
    return [atom.GetIdx() for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0]


def with_open_sites(mol: Chem.Mol, rng: np.random.Generator) -> Chem.Mol:
    """`mol` with a dummy atom, or two, in the place of hydrogens drawn at random.

    Raises
    ------
    ConfigError
        It has no hydrogen.
    """
    free = [atom.GetIdx() for atom in mol.GetAtoms() if atom.GetTotalNumHs()]
    if not free:
        raise ConfigError(f"prompt '{Chem.MolToSmiles(mol)}': no attachment point '*' and no hydrogen to put one at")
    copy = Chem.RWMol(mol)
    for index in rng.choice(free, min(len(free), int(rng.integers(1, 3))), replace=False):
        atom = copy.GetAtomWithIdx(int(index))
        if atom.GetNumExplicitHs():
            atom.SetNumExplicitHs(atom.GetNumExplicitHs() - 1)
        copy.AddBond(int(index), copy.AddAtom(Chem.Atom(0)), Chem.BondType.SINGLE)
    Chem.SanitizeMol(copy)
    return copy.GetMol()


def as_beginning(prompt: str) -> str:
    """The prompt as the beginning of a SMILES, for generators that write from left to right.

    Without `*` it is one already; a fragment with one `*` is written so that this comes last.

    Raises
    ------
    ConfigError
        It has several fragments or several `*`: what is between them can't be written from left to right.
    """
    if "*" not in prompt:
        return prompt
    mol = parsed(prompt)
    if len(attachments(mol)) > 1 or "." in prompt:
        raise ConfigError(
            f"prompt '{prompt}': a model that writes from left to right extends one fragment at one '*'; "
            "generator=diffusion joins several"
        )
    written = [text for text in Chem.MolToRandomSmilesVect(mol, TRIES, 1) if text.endswith("*")]
    if not written:
        raise ConfigError(f"prompt '{prompt}': it can't be written with its '*' last; try generator=diffusion")
    return min(written, key=lambda text: (len(text), text)).removesuffix("*").removesuffix("-")
