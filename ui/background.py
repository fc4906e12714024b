"""Long work beside the page: started, watched, stopped, and never more at once than the machine can bear.

A page is a script that is run again and again, and a run that lasts is a page that does not answer. So the work is
done in a thread of its own, and the page looks at how far it is. The thread knows nothing of Streamlit. It tells
how far it is (`Tell`), and learns there that it is to stop. The session holds the `Job`; when it lets go of it,
because the person has left, the work stops, too.
"""

import logging
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

__all__ = ["AT_ONCE", "Job", "Runner", "Status", "StoppedError", "Tell", "start"]

AT_ONCE = 2
"""How many jobs run at the same time, of all sessions together; the others wait in line."""

Status = Literal["waiting", "running", "done", "stopped", "failed"]

P = TypeVar("P")
R = TypeVar("R")

Tell = Callable[[float, P], None]
"""What the work calls now and then: how much of it is done, from 0 to 1, and what there is to show."""

_log = logging.getLogger(__name__)


class StoppedError(Exception):
    """Raised inside the work, where it tells how far it is, when it is to stop."""


@dataclass
class _Inner:
    """What the thread and the job share: the thread must not keep the job alive."""

    work: Callable[[Tell[Any]], Any]
    status: Status = "waiting"
    share: float = 0.0
    latest: Any = None
    result: Any = None
    stop: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)


class Job(Generic[P, R]):
    """One piece of work; see `Runner.start`."""

    def __init__(self, inner: _Inner, runner: "Runner") -> None:
        self._inner, self._runner = inner, runner
        # Not a method of this object, which would keep it alive.
        weakref.finalize(self, runner.stop, inner)

    @property
    def status(self) -> Status:
        """``"waiting"`` in line, ``"running"``, or how it has ended."""
        return self._inner.status

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return self._inner.ended.is_set()

    @property
    def share(self) -> float:
        """How much is done, from 0 to 1."""
        return self._inner.share

    @property
    def latest(self) -> P | None:
        """What the work has told last; kept when it was stopped."""
        told: P | None = self._inner.latest
        return told

    @property
    def result(self) -> R | None:
        """What came out; None unless it is done."""
        made: R | None = self._inner.result
        return made

    @property
    def ahead(self) -> int:
        """How many jobs are before this one in the line."""
        return self._runner.ahead(self._inner)

    def stop(self) -> None:
        """Let it stop where it next tells how far it is; nothing happens if it is over."""
        self._runner.stop(self._inner)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it is over, at most so long, and tell whether it is. Pages look, and do not wait."""
        return self._inner.ended.wait(seconds)


class Runner:
    """Runs jobs in threads, a few at once, in the order in which they came.

    Parameters
    ----------
    at_once : int
        How many, at least 1.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        # A job may be given up, and so stopped, wherever memory is collected: also by who holds the lock.
        self._lock = threading.RLock()
        self._line: list[_Inner] = []
        self._running = 0

    def start(self, work: Callable[[Tell[P]], R], before: "Job[Any, Any] | None" = None) -> Job[P, R]:
        """Begin a piece of work, or put it in line.

        Parameters
        ----------
        work : callable
            Takes `Tell`, calls it now and then, and returns the result. It touches nothing of the session.
        before : Job, optional
            One that this replaces: it is stopped.

        Returns
        -------
        Job
            To be kept: the work stops when nobody holds it any more.
        """
        if before is not None:
            before.stop()
        inner = _Inner(work)
        job: Job[P, R] = Job(inner, self)
        with self._lock:
            self._line.append(inner)
        self._go_on()
        return job

    def ahead(self, inner: _Inner) -> int:
        """Return how many are before this one in the line; 0 for what is not in it."""
        with self._lock:
            line = list(self._line)
        return line.index(inner) if inner in line else 0

    def stop(self, inner: _Inner) -> None:
        """Stop a job: at once if it waits, else where it next tells how far it is."""
        inner.stop.set()
        with self._lock:
            if inner in self._line:
                self._line.remove(inner)
                inner.status = "stopped"
                inner.ended.set()

    def _go_on(self) -> None:
        with self._lock:
            while self._line and self._running < self._at_once:
                inner = self._line.pop(0)
                inner.status = "running"
                self._running += 1
                # A server that ends does not wait for it.
                threading.Thread(target=self._run, args=(inner,), name="learning", daemon=True).start()

    def _run(self, inner: _Inner) -> None:
        def tell(share: float, latest: object) -> None:
            if inner.stop.is_set():
                raise StoppedError
            inner.share, inner.latest = share, latest

        status: Status
        try:
            inner.result = inner.work(tell)
            inner.share, status = 1.0, "done"
        except StoppedError:
            status = "stopped"
        except Exception:
            _log.exception("a job has failed")
            status = "failed"
        with self._lock:
            self._running -= 1
        inner.status = status
        inner.ended.set()
        self._go_on()


_runner = Runner(AT_ONCE)


def start(work: Callable[[Tell[P]], R], before: Job[Any, Any] | None = None) -> Job[P, R]:
    """Begin a piece of work in the one runner that all sessions share; see `Runner.start`."""
    return _runner.start(work, before)
