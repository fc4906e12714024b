"""Work beside the page: it is done, watched and stopped; a few at once, the others in line."""

import ast
import gc
import threading
from pathlib import Path

import pytest

from ui import background
from ui.background import Runner

LONG = 20.0


class Gate:
    """Work that tells how far it is each time it is let through."""

    def __init__(self):
        self.open = threading.Semaphore(0)
        self.at = threading.Semaphore(0)
        self.told = 0

    def __call__(self, tell):
        self.at.release()
        for number in range(1, 4):
            assert self.open.acquire(timeout=LONG)
            tell(number / 3, f"part {number}")
            self.told = number
            self.at.release()
        return "made"

    def started(self):
        assert self.at.acquire(timeout=LONG)

    def go(self, parts=1):
        for _ in range(parts):
            self.open.release()
            assert self.at.acquire(timeout=LONG)


@pytest.fixture
def runner():
    return Runner(2)


def test_work_is_done_and_its_result_is_there(runner):
    gate = Gate()
    job = runner.start(gate)
    gate.started()
    assert (job.status, job.is_over, job.result) == ("running", False, None)
    gate.go()
    assert (job.share, job.latest) == (1 / 3, "part 1")
    gate.go(2)
    assert job.wait(LONG)
    assert (job.status, job.is_over, job.share, job.result) == ("done", True, 1.0, "made")


def test_a_stopped_job_ends_where_it_next_tells_and_keeps_what_it_told(runner):
    gate = Gate()
    job = runner.start(gate)
    gate.started()
    gate.go()
    job.stop()
    gate.open.release()
    assert job.wait(LONG)
    assert (job.status, job.result, job.latest, gate.told) == ("stopped", None, "part 1", 1)
    job.stop()
    assert job.status == "stopped"


def test_so_many_run_at_once_and_the_others_wait_in_the_order_in_which_they_came(runner):
    gates = [Gate() for _ in range(4)]
    jobs = [runner.start(gate) for gate in gates]
    gates[0].started()
    gates[1].started()
    assert [job.status for job in jobs] == ["running", "running", "waiting", "waiting"]
    assert [job.ahead for job in jobs] == [0, 0, 0, 1]
    gates[1].go(3)
    gates[2].started()
    assert [job.status for job in jobs[2:]] == ["running", "waiting"]
    assert jobs[3].ahead == 0
    for number in (0, 2):
        gates[number].go(3)
    gates[3].started()
    gates[3].go(3)
    assert all(job.wait(LONG) and job.status == "done" for job in jobs)


def test_a_waiting_job_that_is_stopped_never_begins(runner):
    gates = [Gate() for _ in range(4)]
    jobs = [runner.start(gate) for gate in gates]
    jobs[2].stop()
    assert (jobs[2].status, jobs[2].is_over, jobs[3].ahead) == ("stopped", True, 0)
    gates[0].started()
    gates[0].go(3)
    gates[3].started()
    assert not gates[2].at.acquire(blocking=False)
    gates[1].started()
    for number in (1, 3):
        gates[number].go(3)
    assert jobs[1].wait(LONG)
    assert jobs[3].wait(LONG)


def test_a_new_job_stops_the_one_that_it_replaces(runner):
    old, new = Gate(), Gate()
    before = runner.start(old)
    old.started()
    after = runner.start(new, before)
    old.open.release()
    assert before.wait(LONG)
    assert before.status == "stopped"
    new.started()
    new.go(3)
    assert after.wait(LONG)
    assert after.result == "made"


def test_work_that_fails_is_logged_says_so_and_makes_room(runner, caplog):
    def fail(tell):
        raise ZeroDivisionError("by design")

    jobs = [runner.start(fail) for _ in range(3)]
    assert all(job.wait(LONG) for job in jobs)
    assert {job.status for job in jobs} == {"failed"}
    assert "by design" in caplog.text
    gate = Gate()
    job = runner.start(gate)
    gate.started()
    gate.go(3)
    assert job.wait(LONG)


def test_a_job_that_nobody_holds_stops(runner):
    gates = [Gate() for _ in range(3)]
    jobs = [runner.start(gate) for gate in gates]
    gates[0].started()
    inner, waiting = jobs[0]._inner, jobs[2]._inner
    del jobs[2], jobs[0]
    gc.collect()
    assert waiting.ended.is_set()
    gates[0].open.release()
    assert inner.ended.wait(LONG)
    assert (inner.status, waiting.status) == ("stopped", "stopped")
    gates[1].started()
    gates[1].go(3)
    assert jobs[0].wait(LONG)


def test_all_sessions_share_one_runner():
    gates = [Gate() for _ in range(background.AT_ONCE + 1)]
    jobs = [background.start(gate) for gate in gates]
    for gate in gates[:-1]:
        gate.started()
    assert jobs[-1].status == "waiting"
    for gate in gates[:-1]:
        gate.go(3)
    gates[-1].started()
    gates[-1].go(3)
    assert all(job.wait(LONG) for job in jobs)


def test_the_thread_and_its_work_know_nothing_of_streamlit():
    for name in ("background", "learn_shapes", "shapes", "learn_kernel"):
        tree = ast.parse((Path(background.__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
        named = {
            alias.name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        named |= {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert "streamlit" not in named


def test_a_job_that_is_given_up_by_who_holds_the_lock_holds_nobody_up(runner):
    """Memory is collected anywhere, also amid the runner's own work."""
    gates = [Gate(), Gate(), Gate()]
    jobs = [runner.start(gate) for gate in gates]
    ended = threading.Event()

    def give_up():
        with runner._lock:
            jobs.pop()
            gc.collect()
        ended.set()

    threading.Thread(target=give_up, daemon=True).start()
    assert ended.wait(LONG)
    for job in jobs:
        job.stop()
    for gate in gates[:2]:
        gate.open.release(3)
    assert all(job.wait(LONG) for job in jobs)
