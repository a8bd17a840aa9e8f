"""Questions of many clients, answered in batches by one thread."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from molgen.errors import MolgenError

Results = TypeVar("Results")  # of molecules [n], such as Scores
SHARE = 2000  # characters of a question that are scored before it is the next one's turn
STOPPED = "the service is being stopped"
LENGTH = 50  # characters of a molecule in a batch, on average; with longer ones it has fewer


class UnavailableError(Exception):
    """A question that isn't answered now, and why."""


@dataclass(eq=False)
class _Question:
    smiles: list[str]
    answer: "asyncio.Future[Any]"
    rows: list[tuple[Any, int]] = field(default_factory=list)
    taken: int = 0

    def take(self, molecules: int) -> list[str]:
        """The next share, of at most `molecules`, and of one at least."""
        begin, characters = self.taken, 0
        while self.taken < min(len(self.smiles), begin + molecules) and characters < SHARE:
            characters += len(self.smiles[self.taken])
            self.taken += 1
        return self.smiles[begin : self.taken]


Turn = list[tuple[_Question, list[str]]]


class Batcher(Generic[Results]):
    """Has a scorer or predictor work on what waits, at most `batch` molecules at a time.

    Waiting requests are served in turn, a share of the characters each, so that one with many or large molecules doesn't
    delay small ones. Molecules whose requests were cancelled aren't scored.

    Parameters
    ----------
    score
        Takes distinct SMILES [n]; called from one thread at a time.
    join
        Makes one result of rows [m] of several.
    waiting
        Molecules that may wait.
    """

    def __init__(
        self,
        score: Callable[[Sequence[str]], Results],
        join: Callable[[Sequence[tuple[Results, int]]], Results],
        batch: int,
        waiting: int,
    ) -> None:
        self.score = score
        self.join = join
        self.batch = batch
        self.limit = waiting
        self.waiting = 0
        self._open: set[_Question] = set()
        self._stopped = False
        self._thread = ThreadPoolExecutor(1, "scoring")

    async def __call__(self, smiles: list[str]) -> Results:
        """The results of SMILES [n], in their order; a request that is cancelled leaves the queue.

        Raises
        ------
        UnavailableError
            Too many are waiting, or it has been stopped.
        """
        if self._stopped:
            raise UnavailableError(STOPPED)
        if self.waiting + len(smiles) > self.limit:
            raise UnavailableError("too many molecules are waiting; come again")
        question = _Question(smiles, asyncio.get_running_loop().create_future())
        self.waiting += len(smiles)
        self._open.add(question)
        try:
            self._queue.append(question)
            self._asked.set()
            found: Results = await question.answer
            return found
        finally:
            self.waiting -= len(smiles)
            self._open.remove(question)
            with contextlib.suppress(ValueError):
                self._queue.remove(question)

    def stop(self) -> None:
        """Stop answering: waiting requests get an UnavailableError."""
        self._stopped = True
        for question in self._open:
            if not question.answer.done():
                question.answer.set_exception(UnavailableError(STOPPED))

    async def run(self) -> None:
        """Answer, until cancelled."""
        self._queue: deque[_Question] = deque()
        self._asked = asyncio.Event()
        while True:
            await self._asked.wait()
            if turn := self._next_turn():
                await self._score(turn)
            else:
                self._asked.clear()

    def _next_turn(self) -> Turn:
        """Shares of those that wait, round after round, until the batch is full."""
        turn: Turn = []
        molecules, characters = 0, 0
        while self._queue and molecules < self.batch and characters < self.batch * LENGTH:
            question = self._queue.popleft()
            if question.answer.done():  # its client has gone just now, or a part of it has failed
                continue
            share = question.take(self.batch - molecules)
            turn.append((question, share))
            molecules += len(share)
            characters += sum(map(len, share))
            if question.taken < len(question.smiles):
                self._queue.append(question)
        return turn

    async def _score(self, turn: Turn) -> None:
        distinct = list(dict.fromkeys(text for _, share in turn for text in share))
        try:
            scores = await asyncio.get_running_loop().run_in_executor(self._thread, self.score, distinct)
        except Exception as error:
            questions = {question: None for question, _ in turn}
            if len(questions) > 1 and not isinstance(error, MolgenError):  # one of them is no reason for the others to fail
                for question in questions:
                    await self._score([(asked, share) for asked, share in turn if asked is question])
                return
            for question in questions:
                if not question.answer.done():
                    question.answer.set_exception(error)
            return
        rows = {text: (scores, i) for i, text in enumerate(distinct)}
        for question, share in turn:
            question.rows.extend(rows[text] for text in share)
            if len(question.rows) == len(question.smiles) and not question.answer.done():
                question.answer.set_result(self.join(question.rows))
