"""Who is light and who is heavy, of those who ask."""

from __future__ import annotations

import pytest

from kg.server.fairness import FREE, HALF_LIFE, LIGHT, REMEMBERED, Usage


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def usage(clock: Clock) -> Usage:
    return Usage(clock)


def test_who_asks_much_but_little_at_a_time_is_light(usage: Usage) -> None:
    for _ in range(100_000):
        usage.add("brief", FREE)
    assert usage.of("brief") == 0


def test_one_long_task_makes_heavy_and_so_do_many_middling_ones(usage: Usage) -> None:
    usage.add("long", 10)
    for _ in range(20):
        usage.add("middling", 0.1)
    assert usage.of("long") == pytest.approx(10 - FREE)
    assert usage.of("middling") > LIGHT
    assert usage.of("nobody") == 0


def test_use_fades(usage: Usage, clock: Clock) -> None:
    usage.add("a", 4 + FREE)
    clock.now += HALF_LIFE
    assert usage.of("a") == pytest.approx(2)
    usage.add("a", 1 + FREE)
    assert usage.of("a") == pytest.approx(3)


def test_who_used_least_is_forgotten_first(usage: Usage) -> None:
    usage.add("heavy", 100)
    for number in range(REMEMBERED):
        usage.add(f"client {number}", 0.1)
    assert usage.of("heavy") == pytest.approx(100 - FREE)
    assert usage.of("client 0") == 0
