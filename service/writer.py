"""Writers of an embedded database take turns on one connection and share the wait for the disk (group commit).

Each works inside a savepoint of its own. Who is followed by somebody leaves the commit to them; nobody goes on before
the commit that holds their work is durable, so "returning commits" stays true. (DeWitt and others, SIGMOD 1984.)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock
from time import monotonic

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import TimeoutError as WaitedTooLong

MOST_TOGETHER = 64
LONGEST_SECONDS = 0.005  # after this the first of a batch has waited long enough for the others


class Batch:
    """One transaction of several writers."""

    def __init__(self, engine: Engine) -> None:
        self.connection = engine.connect()
        self._ends = monotonic() + LONGEST_SECONDS
        self._writers = 0
        self._settled = Event()
        self._failure: BaseException | None = None
        try:
            self._transaction = self.connection.begin()
        except BaseException:
            self.connection.close()
            raise

    def joined(self) -> None:
        self._writers += 1

    @property
    def full(self) -> bool:
        return self._writers >= MOST_TOGETHER or monotonic() > self._ends

    @property
    def lost(self) -> bool:
        """SQLite rolls everything back by itself when the disk is full or cannot be read."""
        return not self.connection.connection.dbapi_connection.in_transaction  # type: ignore[union-attr]

    def settle(self) -> None:
        try:
            if self.lost:
                raise WaitedTooLong("the batch was rolled back by the database")
            self._transaction.commit()
        except BaseException as failure:  # every writer of the batch has to hear of it
            self._failure = failure
            self.connection.invalidate()
        finally:
            self.connection.close()
            self._settled.set()

    def durable(self) -> None:
        """Waits; raises what kept the batch from being committed."""
        self._settled.wait()
        if self._failure is not None:
            raise self._failure


class Writer:
    def __init__(self, engine: Engine, patience: float) -> None:
        """``patience``: for how many seconds a writer waits for their turn before ``sqlalchemy.exc.TimeoutError``."""
        self._engine, self._patience = engine, patience
        self._guard, self._queue, self._busy = Lock(), deque[Lock](), False
        self._batch: Batch | None = None

    @contextmanager
    def turn(self) -> Iterator[Connection]:
        """A connection inside a transaction: work in a savepoint of your own. Raising waits for nobody."""
        self._take()
        batch = None
        try:
            batch = self._batch = self._batch or Batch(self._engine)
            yield batch.connection
            batch.joined()
        finally:
            self._leave()
        batch.durable()

    def _take(self) -> None:
        mine = Lock()
        with self._guard:
            if not self._busy:
                self._busy = True
                return
            mine.acquire()
            self._queue.append(mine)
        if mine.acquire(timeout=self._patience):
            return
        with self._guard:
            if mine in self._queue:  # else the turn came at the last moment
                self._queue.remove(mine)
                raise WaitedTooLong("too many are writing")

    def _leave(self) -> None:
        with self._guard:
            if self._queue and self._batch and not self._batch.full and not self._batch.lost:
                self._queue.popleft().release()
                return
        batch, self._batch = self._batch, None
        if batch is not None:
            batch.settle()
        with self._guard:
            if self._queue:
                self._queue.popleft().release()
            else:
                self._busy = False
