"""The record of a campaign: its molecules in SQLite and the strategy's state beside it, in whole batches."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DatabaseError, OperationalError

from molgen.errors import CampaignError, CheckpointError
from molgen.learn.checkpoint import pack, unpack
from molgen.scoring.scores import Scores
from molgen.search.oracle import Oracle, Result
from molgen.search.strategy import Proposal, State

FILE = "campaign.sqlite"
STATES = ("state-0.safetensors", "state-1.safetensors")
METADATA = MetaData()
MOLECULES = Table(
    "molecules",
    METADATA,
    Column("id", Integer, primary_key=True, doc="number of the oracle call"),
    Column("smiles", String, nullable=False, unique=True),
    Column("score", Float, nullable=False),
    Column("problem", String),
    Column("batch", Integer, nullable=False),
    Column("seconds", Float, nullable=False, doc="of work since the campaign began"),
    Column("operator", String, nullable=False),
    Column("parents", String, nullable=False, doc="JSON list of SMILES"),
    Column("island", Integer, doc="that proposed it, from 0; null where there is one strategy"),
)
VALUES = Table(
    "scores",
    METADATA,
    Column("molecule", Integer, ForeignKey("molecules.id"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("raw", Float),
    Column("scaled", Float),
)
STATE = Table(
    "state",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("batch", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


class RunStore:
    """Scored molecules and the strategy's states.

    A batch is what has been scored between two states. A state is written first, in turn to one of two files; what counts is
    the one that the database names. In SQLite it would be written twice.

    Parameters
    ----------
    folder
        The run folder; `campaign.sqlite` in it is created if need be.

    Raises
    ------
    CampaignError, CheckpointError
        The file can't be opened, or isn't a campaign.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.engine = create_engine(f"sqlite:///{self.path}")
        event.listen(self.engine, "connect", _configure)
        try:
            METADATA.create_all(self.engine)
            with self.engine.begin() as connection:
                row = connection.execute(select(STATE.c.batch, STATE.c.seconds)).first()
                if row is None:
                    connection.execute(insert(STATE).values(id=1, batch=0, seconds=0.0))
                self.batch, seconds = tuple(row) if row else (0, 0.0)
                self._numbers = {s: i for i, s in connection.execute(select(MOLECULES.c.id, MOLECULES.c.smiles))}
        except OperationalError as error:
            raise self._cannot_write(error) from error
        except DatabaseError as error:
            raise CheckpointError(f"{self.path}: can't be used ({error.orig}); restore a copy or start another run") from error
        self._started = time.monotonic() - seconds

    def __len__(self) -> int:
        return len(self._numbers)

    def commit(self, asked: Sequence[str], scores: Scores, state: State | None) -> None:
        """Record what was scored and the strategy's state after it, both or neither; None adds to the batch that goes on.

        Raises
        ------
        CampaignError
            They can't be written: a full disk, say.
        """
        batch, seconds = self.batch + 1, time.monotonic() - self._started
        molecules, values = [], []
        numbers: dict[str, int] = {}
        for i, smiles in enumerate(scores.smiles):
            problem = scores.problem[i]
            if smiles in self._numbers or smiles in numbers or (problem or "").startswith("invalid"):
                continue
            number = numbers[smiles] = len(self._numbers) + len(numbers) + 1
            molecules.append(
                {
                    "id": number,
                    "smiles": str(smiles),
                    "score": float(scores.total[i]),
                    "problem": problem,
                    "batch": batch,
                    "seconds": seconds,
                    "operator": getattr(asked[i], "operator", "given"),
                    "parents": json.dumps(getattr(asked[i], "parents", ())),
                    "island": getattr(asked[i], "island", None),
                }
            )
            values += [
                {"molecule": number, "name": name, "raw": _number(scores.raw[i, j]), "scaled": _number(scores.scaled[i, j])}
                for j, name in enumerate(scores.names)
            ]
        try:
            if state is not None:
                self._state_file(batch).write_bytes(pack(state | {"_batch": batch}))
            with self.engine.begin() as connection:
                if molecules:
                    connection.execute(insert(MOLECULES), molecules)
                if values:
                    connection.execute(insert(VALUES), values)
                current = self.batch if state is None else batch
                connection.execute(update(STATE).values(batch=current, seconds=seconds))
        except (OSError, DatabaseError) as error:
            raise self._cannot_write(error) from error
        self.batch = current
        self._numbers |= numbers

    def _state_file(self, batch: int) -> Path:
        return self.path.with_name(STATES[batch % 2])

    def _cannot_write(self, error: OSError | DatabaseError) -> CampaignError:
        cause = error.orig if isinstance(error, DatabaseError) else error.strerror
        return CampaignError(
            f"{self.path.parent}: can't be written ({cause}); nothing is lost: free space, then continue with "
            f"`molgen design resume={self.path.parent}`"
        )

    def state(self) -> State | None:
        """The strategy's state at the last commit; None before the first.

        Raises
        ------
        CheckpointError
            Its file is missing, damaged, or of another batch.
        """
        if not self.batch:
            return None
        path = self._state_file(self.batch)
        try:
            state = unpack(path.read_bytes(), path)
        except OSError as error:
            raise CheckpointError(f"{path}: {error.strerror}; restore a copy, or start another run") from error
        if state.pop("_batch") != self.batch:
            raise CheckpointError(f"{path}: not of batch {self.batch}, which {FILE} ends with; restore copies of both")
        return state

    def restore(self, oracle: Oracle) -> None:
        """Give `oracle` every scored molecule, in the order of the calls."""
        table = self.to_pandas()
        oracle.names = tuple(name for name in table if f"{name}_scaled" in table)
        raw = table[list(oracle.names)].to_numpy(float)
        scaled = table[[f"{name}_scaled" for name in oracle.names]].to_numpy(float)
        problems = [None if pd.isna(problem) else str(problem) for problem in table["problem"]]
        rows = zip(table["smiles"], table["score"], raw, scaled, problems, strict=True)
        oracle.known = {smiles: Result(score, *values) for smiles, score, *values in rows}

    def after_state(self) -> list[str]:
        """Molecules, as they were proposed, of which the state doesn't know yet."""
        late = select(MOLECULES).where(MOLECULES.c.batch > self.batch).order_by(MOLECULES.c.id)
        with self.engine.connect() as connection:
            rows = connection.execute(late).all()
        return [Proposal(row.smiles, row.operator, json.loads(row.parents), row.island) for row in rows]

    def to_pandas(self) -> pd.DataFrame:
        """One row a molecule in the order of the calls, `NAME` and `NAME_scaled` for every term."""
        with self.engine.connect() as connection:
            molecules = pd.read_sql(select(MOLECULES).order_by(MOLECULES.c.id), connection)
            values = pd.read_sql(select(VALUES), connection)
        if values.empty:
            return molecules
        names = list(dict.fromkeys(values["name"]))
        wide = values.pivot(index="molecule", columns="name", values=["raw", "scaled"])
        columns = {f"{name}{end}": wide[kind, name] for name in names for kind, end in (("raw", ""), ("scaled", "_scaled"))}
        return molecules.join(pd.DataFrame(columns), on="id")

    def close(self) -> None:
        """Fold the write-ahead log into the file, and drop the state before the last."""
        self.engine.dispose()
        self._state_file(self.batch + 1).unlink(missing_ok=True)


def _configure(connection: object, _: object) -> None:
    """A write-ahead log: a killed process leaves the last whole commit, without a sync a batch."""
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA page_size=32768")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA wal_autocheckpoint=4000")
    cursor.close()
