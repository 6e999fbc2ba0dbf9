"""Who gets a worker, and what becomes of tasks: the pool alone, with workers that do as told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import cast

import pytest

from kg.server import frames, links
from kg.server import pool as pools
from kg.server.fairness import HALF_LIFE, LIGHT, REMEMBERED, Usage, who
from kg.server.links import Answer, Link
from kg.server.messages import File
from kg.server.pool import BusyError, EndedError, Pool

DONE = Answer(200, "text/plain", b"done")


class Worker:
    """Stands for a worker: remembers what it was sent."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.sent: list[bytes] = []

    def send(self, frames: bytes) -> None:
        self.sent += [bytes([c]) for c in frames]


class House:
    """A pool with its workers."""

    def __init__(self, size: int, timeout: float = 10) -> None:
        self.forked = 0
        self.killed: list[int] = []
        self.pool = Pool(size, timeout, self._fork, self.killed.append)
        self.workers = [Worker(-pid) for pid in range(1, size + 1)]
        for worker in self.workers:
            self.pool.add(cast(Link, worker))

    def _fork(self) -> None:
        self.forked += 1

    def ask(self, client: str, frame: bytes = b".") -> asyncio.Task[Answer]:
        return asyncio.get_running_loop().create_task(self.pool.do(client, frame))

    def answer(self, worker: Worker) -> None:
        self.pool.answered(cast(Link, worker), DONE)

    def busy(self) -> list[Worker]:
        return [worker for worker in self.workers if cast(Link, worker) in self.pool.running]


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await work()

    asyncio.run(main())


@pytest.fixture(autouse=True)
def unlowered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools.os, "setpriority", lambda *_: None)


def large(house: House) -> None:
    """Have tasks that are not small, so that each has a worker of its own."""
    house.pool._mean = 1.0


def test_a_task_is_answered() -> None:
    async def work() -> None:
        house = House(2)
        asked = house.ask("a")
        await settled()
        (worker,) = house.busy()
        house.answer(worker)
        assert await asked == DONE
        assert house.busy() == []
        assert len(house.pool.idle) == 2

    run(work)


def test_small_tasks_of_one_client_go_to_one_worker_together_and_in_order() -> None:
    async def work() -> None:
        house = House(4)
        asked = [house.ask("a", bytes([i])) for i in range(5)]
        await settled()
        (worker,) = house.busy()
        assert worker.sent == [bytes([i]) for i in range(5)]
        for _ in asked:
            house.answer(worker)
        assert await asyncio.gather(*asked) == [DONE] * 5

    run(work)


def test_a_client_holds_all_workers_but_one_at_most() -> None:
    async def work() -> None:
        house = House(4)
        large(house)
        for _ in range(9):
            house.ask("a")
        await settled()
        assert len(house.busy()) == 3
        assert house.pool.queued == 6
        for _ in range(3):
            house.ask("unknown")
        await settled()
        assert len(house.busy()) == 3
        house.pool.usage.add("b", 0.0)
        house.ask("b")
        await settled()
        assert len(house.busy()) == 4

    run(work)


def test_heavy_clients_leave_the_last_worker_to_others() -> None:
    async def work() -> None:
        house = House(3)
        large(house)
        for client in ("a", "b", "c"):
            house.pool.usage.add(client, 10 * LIGHT)
            house.ask(client)
        await settled()
        assert len(house.busy()) == 2
        house.pool.usage.add("light", 0.0)
        house.ask("light")
        await settled()
        assert len(house.busy()) == 3
        assert {r.client for r in house.pool.running.values()} >= {"light"}

    run(work)


def test_who_used_little_comes_before_who_came_first() -> None:
    async def work() -> None:
        house = House(2)
        large(house)
        house.pool.usage.add("heavy", 10 * LIGHT)
        for client in ("x", "y", "heavy"):
            house.ask(client)
        await settled()
        light = house.ask("light")
        await settled()
        first, _ = house.busy()
        house.answer(first)
        await settled()
        assert {r.client for r in house.pool.running.values()} >= {"light"}
        assert not light.done()

    run(work)


def test_the_heaviest_makes_room_for_a_light_one_that_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def work() -> None:
        house = House(2)
        large(house)
        for client in ("a", "b"):
            house.ask(client)
        await settled()
        for since, one in enumerate(house.pool.running.values()):
            one.since -= 3 + since
        heaviest = max(house.pool.running.values(), key=lambda one: -one.since)
        light = house.ask("light")
        await settled()
        house.pool.tick()
        assert house.killed == []  # it has not waited yet
        house.pool.waiting["light"][0].since -= 2 * pools.PATIENCE * house.pool.timeout
        house.pool.tick()
        assert house.killed == [heaviest.link.pid]
        house.pool.tick()
        assert house.killed == [heaviest.link.pid]  # one at a time
        house.pool.lose(heaviest.link, 9)
        house.pool.add(cast(Link, Worker(-9)))
        await settled()
        assert {r.client for r in house.pool.running.values()} >= {"light"}
        light.cancel()

    run(work)


def test_what_takes_too_long_is_ended_waiting_included() -> None:
    async def work() -> None:
        house = House(2, timeout=10)
        large(house)
        asked = house.ask("a")
        await settled()
        (one,) = house.pool.running.values()
        one.tasks[0].since -= 10.1
        house.pool.tick()
        assert house.killed == [one.link.pid]
        house.pool.lose(one.link, 9)
        with pytest.raises(EndedError) as ended:
            await asked
        assert (ended.value.signal, ended.value.reason) == (9, "late")
        assert house.forked == 1
        assert house.pool.ended == {"late": 1}

    run(work)


def test_who_waits_half_the_time_is_told_whose_fault_it_is() -> None:
    async def work() -> None:
        house = House(2, timeout=10)
        large(house)
        house.ask("a")
        mine, other = house.ask("a"), house.ask("b")
        await settled()
        third = house.ask("c")
        await settled()
        for tasks in house.pool.waiting.values():
            for task in tasks:
                task.since -= 5.1
        house.pool.tick()
        for asked, fault in ((mine, True), (third, False)):
            with pytest.raises(BusyError) as busy:
                await asked
            assert busy.value.mine is fault
        assert not other.done()

    run(work)


def test_a_client_cannot_have_more_waiting_than_allowed() -> None:
    async def work() -> None:
        house = House(2)
        large(house)
        asked = [house.ask("a") for _ in range(pools.WAITING + 2)]
        await settled()
        done = [one for one in asked if one.done()]
        assert done
        assert all(isinstance(one.exception(), BusyError) for one in done)

    run(work)


def test_what_is_behind_a_long_task_goes_to_others_and_the_process_ends_with_it() -> None:
    async def work() -> None:
        house = House(3)
        asked = [house.ask("a", bytes([i])) for i in range(3)]
        await settled()
        (first,) = house.busy()
        (one,) = house.pool.running.values()
        one.since -= 2 * pools.BRIEF
        house.pool.tick()
        await settled()
        second = next(worker for worker in house.busy() if worker is not first)
        assert second.sent == [b"\x01", b"\x02"]
        house.answer(first)
        await settled()
        assert asked[0].done()
        assert house.killed == [first.pid]
        # What it answers of the tasks that were taken from it is for nobody.
        house.answer(first)
        house.pool.lose(cast(Link, first), 9)
        house.answer(second)
        house.answer(second)
        assert await asyncio.gather(*asked) == [DONE] * 3

    run(work)


def test_a_worker_that_dies_fails_its_own_task_alone() -> None:
    async def work() -> None:
        house = House(3)
        asked = [house.ask("a", bytes([i])) for i in range(3)]
        await settled()
        (first,) = house.busy()
        house.pool.lose(cast(Link, first), 11)
        await settled()
        with pytest.raises(EndedError) as ended:
            await asked[0]
        assert (ended.value.signal, ended.value.reason) == (11, "")
        (second,) = house.busy()
        assert second.sent == [b"\x01", b"\x02"]

    run(work)


def test_a_task_whose_client_has_gone_is_not_begun_and_ends_if_it_is_long() -> None:
    async def work() -> None:
        house = House(2)
        large(house)
        running, waiting = house.ask("a"), house.ask("a")
        await settled()
        (one,) = house.pool.running.values()
        for asked in (running, waiting):
            asked.cancel()
        await settled()
        one.since -= 2 * pools.BRIEF
        house.pool.tick()
        assert house.killed == [one.link.pid]
        house.pool.lose(one.link, 9)
        await settled()
        assert house.busy() == []

    run(work)


def test_a_worker_that_dies_idle_is_not_replaced_at_once() -> None:
    async def work() -> None:
        house = House(2)
        house.pool.lose(cast(Link, house.workers[0]), 9)
        await settled()
        assert house.forked == 0
        assert len(house.pool.idle) == 1

    run(work)


def test_usage_fades_and_is_bounded() -> None:
    now = [0.0]
    usage = Usage(lambda: now[0])
    usage.add("a", 8.0)
    now[0] = 2 * HALF_LIFE
    assert usage.of("a") == pytest.approx(2.0)
    usage.add("a", 1.0)
    assert usage.of("a") == pytest.approx(3.0)
    for number in range(2 * REMEMBERED):
        usage.add(f"client {number}", 0.001)
    assert len(usage._used) <= REMEMBERED
    assert usage.of("a") == pytest.approx(3.0)
    assert usage.of("nobody") == 0.0


def test_brief_tasks_do_not_count() -> None:
    async def work() -> None:
        house = House(2)
        large(house)
        for took, burden in ((0.1, 0.0), (0.5, pytest.approx(0.5, abs=0.05))):
            asked = house.ask("a")
            await settled()
            (one,) = house.pool.running.values()
            one.since -= took
            house.answer(cast(Worker, one.link))
            await asked
            assert house.pool.usage.of("a") == burden

    run(work)


def test_a_client_does_not_make_room_for_itself() -> None:
    async def work() -> None:
        house = House(3)
        large(house)
        for _ in range(4):
            house.ask("a")
        await settled()
        for one in house.pool.running.values():
            one.since -= 3
        house.pool.waiting["a"][0].since -= 3
        house.pool.tick()
        assert house.killed == []

    run(work)


def test_where_all_workers_have_long_tasks_one_makes_room_soon() -> None:
    async def work() -> None:
        house = House(3)
        large(house)
        for client in ("a", "b", "c"):
            house.ask(client)
        await settled()
        runs = list(house.pool.running.values())
        for one in runs[1:]:
            one.since -= 2 * pools.BRIEF
        light = house.ask("light")
        await settled()
        house.pool.waiting["light"][0].since -= 1
        house.pool.tick()
        assert house.killed == []  # the first may have done its task soon
        runs[0].since -= 3 * pools.BRIEF
        house.pool.tick()
        assert house.killed == [runs[0].link.pid]
        light.cancel()

    run(work)


def test_a_client_known_for_brief_tasks_comes_first_every_second_time() -> None:
    async def work() -> None:
        house = House(2)
        large(house)
        house.pool.usage.add("good", 0.0)
        for client in ("a", "b"):
            house.ask(client)
        await settled()
        for _ in range(3):
            for client in ("x", "y", "good"):
                house.ask(client)
        await settled()
        served: list[str] = []
        for _ in range(4):
            one = next(iter(house.pool.running.values()))
            house.answer(cast(Worker, one.link))
            await settled()
            served += [r.client for r in house.pool.running.values()][-1:]
        assert set(served[:2]) >= {"good"}
        assert set(served) & {"x", "y"}

    run(work)


def test_a_task_whose_worker_somebody_killed_is_done_again_as_often_as_there_are_workers() -> None:
    async def work() -> None:
        house = House(2)
        asked = [house.ask("a", bytes([i])) for i in range(2)]
        for number in range(3):
            await settled()
            (worker,) = house.busy()
            assert worker.sent == [b"\x00", b"\x01"]
            house.pool.lose(cast(Link, worker), 9)
            house.workers.append(Worker(-10 - number))
            house.pool.add(cast(Link, house.workers[-1]))
        with pytest.raises(EndedError):
            await asked[0]
        await settled()
        (last,) = house.busy()
        house.answer(last)
        assert await asked[1] == DONE

    run(work)


@pytest.mark.parametrize(
    "address, expected",
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff:1:2:3", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::1", "2001:db8:0:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
        ("a:b", "a:b"),
    ],
)
def test_who_is_at_an_address(address: str, expected: str) -> None:
    assert who(address) == expected


def test_large_answers_have_so_much_room_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MOST_SPOOLED", 5 << 20)
    got: list[Answer] = []
    link = Link(1, lambda _, answer: got.append(answer))
    body = bytes(range(256)) * (8 << 10)
    for _ in range(3):
        frame = frames.head(frames.Answer(200, "text/csv", body)) + body
        for start in range(0, len(frame), 100_000):
            link.data_received(frame[start : start + 100_000])
    link.data_received(frames.head(frames.Answer(200, "text/csv", b"small")) + b"small")
    assert [answer.status for answer in got] == [200, 200, 503, 200]
    assert got[2].media_type == "text/plain; charset=utf-8"
    first = got[0].body
    assert isinstance(first, File)
    assert os.pread(first.fd, len(body) + 1, 0) == body
    for answer in got[:2]:
        assert isinstance(answer.body, File)
        answer.body.close()
        answer.body.close()
    assert links.Spool.held == 0
    link.data_received(frames.head(frames.Answer(200, "text/csv", body)) + body)
    assert got[-1].status == 200
    assert isinstance(got[-1].body, File)
    got[-1].body.close()
