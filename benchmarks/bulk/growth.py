"""What is measured of kg by itself: growth, a second build, start-up."""

from __future__ import annotations

import sys
from itertools import count

from common.environments import ROOT, rivals_python
from common.printing import table, tell

from bulk import ours
from bulk.folders import Bulk
from bulk.measure import Contender, interleaved, run
from bulk.printing import comparison
from bulk.sections import Setting


def growth(setting: Setting, sizes: list[int]) -> None:
    """Measure a build from nothing at growing sizes: processor per fact, and memory."""
    rows = []
    for facts in sizes:
        folder, out = ours.folder_of(setting.work, facts), setting.work / "built"
        for workers in ours.workers(setting.workers):
            tell(f"Building {facts:,} facts by {workers} workers")
            ours.clear(out)
            done = run(ours.build_command(folder, out, workers), setting.limit)
            dumps = sum(f.stat().st_size for f in out.glob("data/*")) / 1e6
            if done.failure:
                rows.append([f"{facts:,}", str(workers), f"**{done.failure}**", *[""] * 4])
                continue
            cells = [f"{done.cpu:,.1f}", f"{done.cpu / facts * 1000:.3f}", f"{done.wall:,.1f}"]
            rows.append(
                [f"{facts:,}", str(workers), *cells, f"{done.memory:,.0f}", f"{dumps:,.0f}"]
            )
        ours.clear(out)
    print("\n### Growth: kg build from nothing\n")
    table("facts | workers | CPU s | CPU ms a fact | wall s | peak MB | dumps MB", rows)


def incremental(setting: Setting, facts: int) -> None:
    """Measure builds after the first: nothing has changed, or one article has.

    As a rule an edit changes nothing that other articles know; another article in its place gives
    what it introduces another name, which many others have.
    """
    folder, out = setting.work / f"changing-{facts}", setting.work / "built"
    if not folder.exists():
        Bulk(facts).write(folder)
    seeds = count(100)

    def change() -> None:
        Bulk(facts, next(seeds)).write_article(folder, 1)

    def edit() -> None:
        with (folder / "seeds/0000002.facts.jsonl").open("a", encoding="utf-8") as file:
            file.write("\n")

    command = ours.build_command(folder, out, setting.workers)
    contenders = [
        Contender("from nothing", command, prepare=lambda: ours.clear(out)),
        Contender("nothing changed", command),
        Contender("one article edited", command, prepare=edit),
        Contender("one article replaced", command, prepare=change),
    ]
    runs = interleaved(contenders, setting.rounds, setting.limit)
    ours.clear(out)
    comparison(f"Building again, {facts:,} facts", runs, "from nothing")


def startup(setting: Setting) -> None:
    """Measure what is paid however small the folder is."""
    out = setting.work / "five"
    theirs, morph = rivals_python(), rivals_python("rivals-bulk")
    command = ours.build_command(ROOT, out, 1)
    contenders = [
        Contender("kg --help", [ours.KG, "--help"]),
        Contender("kg build, this repository's articles", command, prepare=lambda: ours.clear(out)),
        Contender("kg build, nothing changed", command),
        Contender("python, for comparison", [sys.executable, "-c", "pass"]),
        Contender("import rdflib, pyshacl", [theirs, "-c", "import rdflib, pyshacl"]),
        Contender("import morph_kgc", [morph, "-c", "import morph_kgc"]),
    ]
    runs = interleaved(contenders, max(setting.rounds, 3), setting.limit)
    ours.clear(out)
    comparison("Start-up", runs, "import rdflib, pyshacl")
