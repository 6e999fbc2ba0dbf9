"""What is told of requests: a line of JSON for each, and counts for Prometheus."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache

from kg.server.builds import Build
from kg.server.messages import Request, Response

BOUNDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Seconds: the upper bounds of the buckets of the histogram."""

UNWRITTEN = 1000
"""Lines that wait to be written together: to write each costs more than to make it."""


class Journal(logging.Handler):
    """Keeps account of requests and of builds, and takes what libraries log."""

    def __init__(self, *, queries: bool = False) -> None:
        """Say whether lines hold the text of queries: it may tell what a client looks for."""
        super().__init__()
        self._queries = queries
        self._requests: Counter[tuple[str, int]] = Counter()
        self._buckets: Counter[int] = Counter()
        self._seconds = 0.0
        self._bytes = 0
        self._unwritten: list[str] = []

    def note(
        self, request: Request, response: Response | None, seconds: float, *, whole: bool
    ) -> None:
        """Note a request, and whether its response was sent whole.

        There is none where the client went away before: that counts as status 499.
        """
        status = response.status if response is not None else 499
        length = response.length if response is not None else 0
        self._requests[_route(request.path), status] += 1
        self._buckets[bisect_left(BOUNDS, seconds)] += 1
        self._seconds += seconds
        self._bytes += length
        query = f', "query": {json.dumps(request.query[:4000])}' if self._queries else ""
        cut = "" if whole else ', "cut": true'
        self._unwritten.append(
            f'{{"time": "{_now()}", "client": {_text(request.client)}, '
            f'"method": {_text(request.method)}, "path": {_text(request.path[:500])}, '
            f'"status": {status}, "bytes": {length}, "ms": {seconds * 1000:.2f}{query}{cut}}}'
        )
        if len(self._unwritten) > UNWRITTEN:
            self.flush()

    def tell(self, event: str, **what: object) -> None:
        """Tell of something that is no request."""
        self._unwritten.append(json.dumps({"time": _now(), "event": event} | what))
        self.flush()

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of what a library, or a module of ours, logs."""
        what = {"message": record.getMessage().strip()}
        if record.exc_info:
            what["error"] = "".join(traceback.format_exception(record.exc_info[1]))
        self.tell(record.levelname.lower(), **what)

    def flush(self) -> None:
        """Write what is not yet written; to be called every second or so."""
        lines, self._unwritten = self._unwritten, []
        if lines:
            with suppress(OSError, ValueError):  # whoever read it has gone
                sys.stdout.write("\n".join(lines) + "\n")
                sys.stdout.flush()

    def metrics(self, build: Build) -> str:
        """Return the counts in the text format of Prometheus."""
        return "".join(f"{line}\n" for line in self._lines(build))

    def _lines(self, build: Build) -> Iterator[str]:
        yield "# HELP kg_requests_total Requests, by route and status."
        yield "# TYPE kg_requests_total counter"
        for (route, status), count in sorted(self._requests.items()):
            yield f'kg_requests_total{{route="{route}",status="{status}"}} {count}'
        yield "# HELP kg_request_seconds Time until a response was sent."
        yield "# TYPE kg_request_seconds histogram"
        total = 0
        for number, bound in enumerate(BOUNDS):
            total += self._buckets[number]
            yield f'kg_request_seconds_bucket{{le="{bound:g}"}} {total}'
        total += self._buckets[len(BOUNDS)]
        yield f'kg_request_seconds_bucket{{le="+Inf"}} {total}'
        yield f"kg_request_seconds_sum {self._seconds:.6f}"
        yield f"kg_request_seconds_count {total}"
        yield "# HELP kg_response_bytes_total Bytes of the bodies of responses."
        yield "# TYPE kg_response_bytes_total counter"
        yield f"kg_response_bytes_total {self._bytes}"
        for name, help_ in (("running", "Tasks with a worker"), ("waiting", "Tasks without")):
            yield f"# HELP kg_tasks_{name} {help_}, by kind."
            yield f"# TYPE kg_tasks_{name} gauge"
            for kind, pool in build.nursery.pools.items():
                number = len(pool.running) if name == "running" else pool.queued
                yield f'kg_tasks_{name}{{kind="{kind}"}} {number}'
        yield "# HELP kg_workers_ended_total Workers that were ended, by kind and reason."
        yield "# TYPE kg_workers_ended_total counter"
        for kind, pool in build.nursery.pools.items():
            for reason, count in sorted(pool.ended.items()):
                yield f'kg_workers_ended_total{{kind="{kind}",reason="{reason}"}} {count}'
        yield "# HELP kg_build_info The build that is served."
        yield "# TYPE kg_build_info gauge"
        yield f'kg_build_info{{build="{build.id}"}} 1'
        yield "# HELP kg_triples Triples of the default graph."
        yield "# TYPE kg_triples gauge"
        yield f"kg_triples {build.about['triples']}"


def _route(path: str) -> str:
    """Return which part of the server an address belongs to: few, whatever is asked for."""
    first = path.lstrip("/").partition("/")[0]
    known = ("sparql", "data", "id", "article", "file", "claim", "fact", "conflict", "query")
    return first if first in known else "other"


_text = lru_cache(maxsize=1024)(json.dumps)


@lru_cache(maxsize=2)
def _second(since: int) -> str:
    return datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _now() -> str:
    now = time.time()
    return f"{_second(int(now))}.{int(now % 1 * 1000):03}Z"
