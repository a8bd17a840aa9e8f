"""Prompts of the diffusion model: steps that write given fragments, and masked steps around them."""

from collections.abc import Sequence

import numpy as np
from rdkit import Chem

from molgen.chem.assembly import FREE, piece_named, pieces_of, random_root
from molgen.chem.pieces import PieceGraph
from molgen.errors import ConfigError
from molgen.generators.piece_vocabulary import SPECIAL, PieceVocabulary
from molgen.generators.prompts import attachments, parsed, with_open_sites
from molgen.generators.skeletons import Skeletons

Steps = list[tuple[int, int]]  # names (behind the last of them: masked) and shapes, by their numbers


def completed(prompt: str, vocabulary: PieceVocabulary, skeletons: Skeletons, rng: np.random.Generator) -> Steps:
    """The steps of a molecule around `prompt`, about as large as those of the training set.

    One fragment, drawn at random, comes first. The others take the places of leaves on branches that grow from it.

    Raises
    ------
    ConfigError
        `prompt` is no molecule, has pieces that the model doesn't know, or no place where something can be attached.
    """
    mol = parsed(prompt)
    parts = [part if attachments(part) else with_open_sites(part, rng) for part in Chem.GetMolFrags(mol, asMols=True)]
    try:
        graphs = [vocabulary.graph(parts[i]) for i in rng.permutation(len(parts))]
        first = pieces_of(graphs[0], random_root(graphs[0], rng))
        guests = [_as_branch(graph, rng) for graph in graphs[1:]]
        free = [i for i, name in enumerate(first) if name == FREE]
        hosts = rng.choice(free, len(guests)).tolist()
        growth = iter(_growth(sum(text.count(FREE) for text in (first, *guests)), mol, skeletons, rng))

        def written(names: Sequence[str], guests_at: dict[int, list[list[str]]]) -> Steps:
            steps: Steps = []
            for i, (name, order) in enumerate(zip(names, _orders(names), strict=True)):
                if name == FREE:
                    steps += branched(order, guests_at.get(i, []))
                else:
                    number = vocabulary.index[name]
                    steps.append((number, int(vocabulary.shape[number])))
            return steps

        def branched(order: int, texts: list[list[str]]) -> Steps:
            branch = skeletons.branch(order, next(growth) + len(texts), len(texts), rng)
            places = dict(zip(rng.permutation(skeletons.leaves(branch)).tolist(), texts, strict=False))
            steps: Steps = []
            for i, shape in enumerate(branch):
                steps += written(places[i], {}) if i in places else [(len(vocabulary), shape)]
            return steps

        return written(first, {i: [text for text, host in zip(guests, hosts, strict=True) if host == i] for i in free})
    except ValueError as error:
        raise ConfigError(f"prompt '{prompt}': {error}") from error


def _as_branch(graph: PieceGraph, rng: np.random.Generator) -> list[str]:
    """`graph` written from one of its open slots with a single bond."""
    orders = [piece_named(piece).slots for piece in graph.pieces]
    free = [(i, k) for i, links in enumerate(graph.links) for k, link in enumerate(links) if link is None and orders[i][k] == 1]
    if not free:
        raise ValueError("fragments are joined by single bonds")
    return pieces_of(graph, *free[rng.integers(len(free))])


def _orders(names: Sequence[str]) -> list[int]:
    """Bond orders of the slots that `names` fill."""
    filled, stack = [], [0]
    for name in names:
        filled.append(stack.pop())
        if name not in (FREE, *SPECIAL):
            stack += reversed(piece_named(name).slots)
    return filled


def _growth(branches: int, mol: Chem.Mol, skeletons: Skeletons, rng: np.random.Generator) -> list[int]:
    """Number of steps that each branch may have, at least one."""
    steps = max(branches, skeletons.steps_to_add(mol.GetNumHeavyAtoms(), rng))
    return (1 + rng.multinomial(steps - branches, [1 / branches] * branches)).tolist()
