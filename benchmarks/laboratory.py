"""Six rounds with a laboratory that nobody has, every command killed at a random moment and given again.

    python -m benchmarks.laboratory
    python -m benchmarks.laboratory --rounds 3 --kills 2

The hidden value is a sum of descriptors; a measurement adds an error of 0.3 and is told as a bound below 5. One compound in ten
isn't made, one in twenty is crossed out, one in six comes back two rounds later. Two projects with the same laboratory and the
same seeds are played side by side: the commands of one are killed (SIGKILL) while they run, those of the other aren't. Counted
are facts that were lost or doubled, compounds that were proposed twice (salts and stereo twins are the same), commands that
refuse to go on after a kill, files that are missing, and proposals that differ between the two.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rdkit import Chem, RDLogger
from rdkit.Chem import Crippen, rdMolDescriptors

from benchmarks.results import save, show
from molgen.chem.compounds import StandardParent, compounds
from molgen.chem.molecules import Molecules
from molgen.generators.shipped import load_generator
from molgen.project.facts import Measurement, NotMade, Proposed, Rejected
from molgen.project.project import Project
from molgen.project.proposals import ENDINGS, round_folder

GOALS = """goals:
  potency: {measured: pIC50, at_least: 8, weight: 2}
  tpsa: {computed: {descriptor: tpsa}, between: [20, 120]}
"""
NOISE, FLOOR = 0.3, 5.0
LATE, NOT_MADE, CROSSED_OUT = 1 / 6, 0.1, 0.05
PENDING = 2  # rounds that a late compound takes longer
ORIGINS = ("library", "library", "generate", "library", "library", "both")
ROUND = 12
FIRST = 10  # compounds measured before the first round
Answer = tuple[str, str]


def hidden(smiles: str) -> float:
    """The true value of a compound."""
    mol = Chem.MolFromSmiles(smiles)
    aromatic, donors = rdMolDescriptors.CalcNumAromaticRings(mol), rdMolDescriptors.CalcNumHBD(mol)
    return 4.0 + 0.5 * aromatic + 0.4 * min(donors, 3) + 0.3 * float(Crippen.MolLogP(mol))


def answer(smiles: str) -> Answer:
    """What the laboratory writes of a compound, the same whenever it is asked: its value, and its status."""
    rng = np.random.default_rng(zlib.crc32(smiles.encode()))
    if rng.random() < NOT_MADE:
        return "", "not made"
    value = hidden(smiles) + NOISE * rng.standard_normal()
    return (f"<{FLOOR:g}" if value < FLOOR else f"{value:.2f}"), ""


def share(smiles: str, name: str) -> float:
    """A number in [0, 1) of a compound's own."""
    return zlib.crc32(f"{name} {smiles}".encode()) / 2**32


def library(folder: Path, number: int) -> tuple[Path, list[str]]:
    """A library with salts, enantiomers and a row that is no molecule; and the molecules to begin with."""
    drawn = Molecules(load_generator("prior").sample(2 * number, seed=7)).canonical
    smiles = list(dict.fromkeys(text for text in drawn if text is not None))[: number + FIRST]
    start, rest = smiles[:FIRST], smiles[FIRST:]
    rows = [*rest, *(f"{text}.Cl" for text in rest[::9]), *(f"{text}.O" for text in start), "no-molecule"]
    rows += [text.replace("@@", "#").replace("@", "@@").replace("#", "@") for text in rest if "@" in text]
    path = folder / "library.smi"
    path.write_text("\n".join(rows) + "\n")
    return path, start


@dataclass
class Campaign:
    """One project, given commands in subprocesses, which are killed `kills` times each before they may end.

    Attributes
    ----------
    sent
        Rows of each kind of fact that the laboratory has sent and that were taken.
    """

    folder: Path
    kills: int
    seed: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        self.rng = random.Random(self.seed)
        self.name = self.folder / "lab"
        self.before: list[Any] = []

    def command(self, *arguments: object, done: Any = lambda: False) -> None:
        """Give a command, kill it, and give it again until it ends by itself, unless a kill came once all was `done`."""
        words = [str(each) for each in arguments]
        kind = words[1] if words[0] == "project" else words[0]
        for kill in range(self.kills + 1):
            last, began = kill == self.kills, time.monotonic()
            code, text = self._run(words, None if last else self.rng.uniform(0.3, 1.0) * self.seconds.get(kind, 8.0))
            if code is not None:
                self.seconds[kind] = time.monotonic() - began
                if code:
                    self.counts["dead ends"] += 1
                    self.said.append(f"{' '.join(words)}: {text.strip().splitlines()[-1]}")
                break
            self.counts["kills"] += 1
            self._check()
            if done():
                self.counts["killed when all was done"] += 1
                break
        self.counts["commands"] += 1
        self._check()

    def _run(self, words: Sequence[str], after: float | None = None) -> tuple[int | None, str]:
        command = [sys.executable, "-m", "molgen.cli", *words]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            text, _ = process.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return None, ""
        return process.returncode, text

    def _check(self) -> None:
        """Facts that were there before are there still, and none is there twice."""
        if not self.name.exists():
            return
        facts = Project.open(self.name).facts()
        lost = sum(before != now for before, now in zip(self.before, facts[: len(self.before)], strict=False))
        self.counts["facts lost"] += lost + max(0, len(self.before) - len(facts))
        self.before = facts

    def play(self, rounds: int, listed: Path, start: Sequence[str]) -> None:
        """All rounds."""
        goals, first = self.folder / "goals.yaml", self.folder / "start.csv"
        goals.write_text(GOALS)
        measured = [(text, *answer(text)) for text in start]
        first.write_text("smiles,pIC50,status\n" + "".join(f"{','.join(row)}\n" for row in measured))
        self.sent.update("not made" if status else "measured" for _, _, status in measured)
        self.command("project", "new", self.name, f"goals={goals}", f"data={first}", done=self.name.exists)
        late: list[tuple[int, Proposed]] = []
        for number in range(1, rounds + 1):
            origin = ORIGINS[(number - 1) % len(ORIGINS)]
            words = [f"n={ROUND}", f"from={origin}", f"seed={number}"]
            words += [f"library={listed}"] * (origin != "generate") + ["budget=40", "near=0"] * (origin != "library")
            self.command("propose", self.name, *words, done=lambda number=number: self._written(number))
            proposed = Project.open(self.name).propositions(number)
            self.counts["files missing"] += len(ENDINGS) - sum(path.is_file() for path in self._files(number))
            crossed = [fact for fact in proposed if share(fact.compound, "crossed out") < CROSSED_OUT]
            rest = [fact for fact in proposed if fact not in crossed]
            late += [(number + PENDING, fact) for fact in rest if share(fact.compound, "late") < LATE]
            now = [fact for fact in rest if share(fact.compound, "late") >= LATE]
            now += [fact for due, fact in late if due == number]
            if crossed:
                path = self.folder / f"crossed-{number}.csv"
                path.write_text("id,reason\n" + "".join(f"{fact.name},too ugly\n" for fact in crossed))
                self.command("observe", self.name, path, "--rejected")
                self.sent["crossed out"] += len(crossed)
            answers = [(fact.name, *answer(fact.compound)) for fact in now]
            path = self.folder / f"results-{number}.csv"
            path.write_text("id,pIC50,status\n" + "".join(f"{','.join(row)}\n" for row in answers))
            self.sent.update("not made" if status else "measured" for _, _, status in answers)
            self.command("observe", self.name, path)
            self.command("project", "status", self.name)
            self.counts["files missing"] += not (self.name / "project.html").is_file()

    def _files(self, number: int) -> list[Path]:
        folder = round_folder(Project.open(self.name), number)
        return [folder / f"proposals.{ending}" for ending in ENDINGS]

    def _written(self, number: int) -> bool:
        return all(path.is_file() for path in self._files(number))

    def figures(self) -> dict[str, Any]:
        """What was counted."""
        project = Project.open(self.name)
        facts = project.facts()
        kinds = {"measured": Measurement, "not made": NotMade, "crossed out": Rejected}
        found = {name: sum(isinstance(fact, kind) for fact in facts) for name, kind in kinds.items()}
        self.counts["facts lost"] += sum(max(0, self.sent[name] - number) for name, number in found.items())
        self.counts["facts doubled"] += sum(max(0, number - self.sent[name]) for name, number in found.items())
        known: set[str] = set()
        for fact in facts:
            (compound,) = compounds([fact.compound])
            assert isinstance(compound, StandardParent)
            self.counts["proposed twice"] += isinstance(fact, Proposed) and compound.twins in known
            known.add(compound.twins)
        best = max(hidden(fact.compound) for fact in facts if isinstance(fact, Measurement))
        names = ("commands", "kills", "killed when all was done")
        names += ("facts lost", "facts doubled", "proposed twice", "dead ends", "files missing")
        own = {name: self.counts[name] for name in names}
        return {"facts": len(facts), "proposed": len(project.propositions()), **found, "best": best, **own}


def main() -> None:
    """Play both projects and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--kills", type=int, default=1, help="of each command")
    parser.add_argument("--molecules", type=int, default=300, help="of the library")
    parser.add_argument("--seed", type=int, default=0, help="of the moments of the kills")
    args = parser.parse_args()
    RDLogger.DisableLog("rdApp.*")  # type: ignore[attr-defined]
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        listed, start = library(Path(folder), args.molecules)
        killed = Campaign(Path(folder) / "killed", args.kills, args.seed)
        quiet = Campaign(Path(folder) / "quiet", 0)
        beside = threading.Thread(target=quiet.play, args=(args.rounds, listed, start))
        beside.start()
        killed.play(args.rounds, listed, start)
        beside.join()
        rows = [{"project": name, **each.figures()} for name, each in (("killed", killed), ("left alone", quiet))]
        chosen = [[fact.compound for fact in Project.open(each.name).propositions()] for each in (killed, quiet)]
        differing = sum(a != b for a, b in zip(*chosen, strict=False)) + abs(len(chosen[0]) - len(chosen[1]))
    names = [name for name in rows[0] if name != "project"]
    show("Rounds with a laboratory", [{"": name, **{row["project"]: row[name] for row in rows}} for name in names])
    print(*killed.said, *quiet.said, sep="\n")
    print(f"proposals that differ: {differing} of {len(chosen[1])}")
    settings = {"rounds": args.rounds, "kills": args.kills, "molecules": args.molecules, "seed": args.seed}
    save("laboratory", {**settings, "differing": differing, "seconds": time.monotonic() - began, "projects": rows})


if __name__ == "__main__":
    main()
