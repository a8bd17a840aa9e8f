"""Questions of many clients, answered in batches by one thread."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from molgen.scoring.scores import Scores, joined


class OverloadedError(Exception):
    """More molecules wait than the service takes."""


class Batcher:
    """Has a scorer score whatever has come while it was busy, at most `batch` molecules at a time.

    Parameters
    ----------
    score
        Takes distinct SMILES [n]; called from one thread at a time.
    waiting
        Molecules that may wait.
    """

    def __init__(self, score: Callable[[Sequence[str]], Scores], batch: int, waiting: int) -> None:
        self.score = score
        self.batch = batch
        self.limit = waiting
        self.waiting = 0
        self._thread = ThreadPoolExecutor(1, "scoring")

    async def __call__(self, smiles: list[str]) -> Scores:
        """The scores of SMILES [n], in their order.

        Raises
        ------
        OverloadedError
            Too many are waiting.
        """
        if self.waiting + len(smiles) > self.limit:
            raise OverloadedError
        answer: asyncio.Future[Scores] = asyncio.get_running_loop().create_future()
        self.waiting += len(smiles)
        try:
            self._queue.put_nowait((smiles, answer))
            return await answer
        finally:
            self.waiting -= len(smiles)

    async def run(self) -> None:
        """Answer, until cancelled."""
        self._queue: asyncio.Queue[tuple[list[str], asyncio.Future[Scores]]] = asyncio.Queue()
        while True:
            questions = [await self._queue.get()]
            size = len(questions[0][0])
            while size < self.batch and not self._queue.empty():
                questions.append(self._queue.get_nowait())
                size += len(questions[-1][0])
            alive = [(smiles, answer) for smiles, answer in questions if not answer.done()]
            try:
                found = await asyncio.get_running_loop().run_in_executor(self._thread, self._scored, [s for s, _ in alive])
            except Exception as error:
                for _, answer in alive:
                    _settle(answer, error)
            else:
                for (_, answer), scores in zip(alive, found, strict=True):
                    _settle(answer, scores)

    def _scored(self, questions: list[list[str]]) -> list[Scores]:
        distinct = list(dict.fromkeys(text for smiles in questions for text in smiles))
        parts = [self.score(distinct[i : i + self.batch]) for i in range(0, len(distinct), self.batch)]
        rows = {text: (part, i) for part in parts for i, text in enumerate(part.smiles)}
        return [joined([rows[text] for text in smiles]) for smiles in questions]


def _settle(answer: "asyncio.Future[Any]", result: Any) -> None:
    if answer.done():  # its client has gone
        return
    if isinstance(result, Exception):
        answer.set_exception(result)
    else:
        answer.set_result(result)
