#!/usr/bin/env python3
"""Measures bulk beside morph-kgc, rdflib, pySHACL and Jena, and kg by itself as it grows.

    make bench                            all of it
    python benchmarks/scale.py --quick    a look whether all works, about two minutes
    python benchmarks/scale.py mapping growth --facts 10000 100000

Tables go to the standard output in Markdown, what is being done to the standard error. Dumps take
about 35 kB of disk a fact, and mapping thrice that for what others read and write.
docs/scale.md says what is compared, and how.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from bulk import growth, jena, sections
from bulk.ours import CannotPrepareError
from bulk.sections import Setting
from common.environments import rivals_python, versions
from common.printing import hardware, load

BYTES = 35_000
"""What the dumps of a fact take on disk."""
TIMES = {"mapping": 4, "chain": 4, "validation": 3, "growth": 1, "incremental": 2, "queries": 1}
"""How many times that a section keeps at once."""

SIZES = {
    "mapping": [10_000, 100_000],
    "chain": [10_000],
    "validation": [10_000],
    "growth": [10_000, 100_000, 1_000_000],
    "incremental": [10_000],
    "queries": [10_000],
    "startup": [0],
}
"""The sections in their order, and at how many facts each is measured."""
QUICK = [200]


def main() -> None:
    """Measure, and print."""
    options = arguments()
    # What runs is killed on the way out: a command that is measured must not outlive this one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    with tempfile.TemporaryDirectory(prefix="kg-bench-", dir=options.work) as name:
        work = options.keep or Path(name)
        work.mkdir(exist_ok=True)
        os.environ["XDG_CACHE_HOME"] = f"{name}/cache"  # what kg keeps is removed with what it made
        rounds = options.rounds or (1 if options.quick else 3)
        setting = Setting(work, rounds, options.limit, options.workers)
        machine(setting)
        for section in options.sections or SIZES:
            sizes = options.facts or (QUICK if options.quick else SIZES[section])
            measure(section, sizes if SIZES[section][0] else [0], setting)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SIZES)}")
    parser.add_argument("--facts", type=int, nargs="+", help="sizes, instead of each one's own")
    parser.add_argument("--quick", action="store_true", help="one round of everything, very small")
    parser.add_argument("--rounds", type=int, help="how often each is run (default: 3)")
    parser.add_argument("--limit", type=float, default=3600, help="seconds that a run may take")
    parser.add_argument("--workers", type=int, default=2, help="of kg where it may have several")
    parser.add_argument("--work", type=Path, help="where to make a temporary folder")
    parser.add_argument("--keep", type=Path, help="a folder for what is made, kept for next time")
    given = parser.parse_args()
    if unknown := set(given.sections) - SIZES.keys():
        parser.error(f"no section {', '.join(unknown)}: there are {', '.join(SIZES)}")
    given.keep = given.keep and given.keep.resolve()
    return given


def machine(setting: Setting) -> None:
    """Print what is measured on what."""
    theirs = versions(rivals_python(), "rdflib", "pyshacl")
    morph = versions(rivals_python("rivals-bulk"), "morph-kgc", "rdflib", "pandas")
    print(f"{hardware()}.")
    print(f"kgpress {version('kgpress')} on pyoxigraph {version('pyoxigraph')};")
    print(f"morph-kgc {morph['morph-kgc']} on rdflib {morph['rdflib']}, pandas {morph['pandas']};")
    print(
        f"rdflib {theirs['rdflib']}, pySHACL {theirs['pyshacl']}; Jena {jena.version() or 'none'}."
    )
    print(f"Medians of {setting.rounds} rounds in turn. {load()}")


def measure(section: str, sizes: list[int], setting: Setting) -> None:
    """Measure one section at its sizes; say so where the disk is too small or kg has no answer."""
    one: dict[str, Callable[[Setting, int], None]] = {
        "mapping": sections.mapping,
        "chain": sections.chain,
        "validation": sections.validation,
        "queries": sections.queries,
        "incremental": growth.incremental,
        "startup": lambda setting, _: growth.startup(setting),
    }
    free = shutil.disk_usage(setting.work).free
    fitting = [size for size in sizes if size * BYTES * TIMES.get(section, 0) <= free]
    for size in sorted({*sizes} - {*fitting}):
        needed = size * BYTES * TIMES[section] / 1e9
        print(f"\n{section}, {size:,} facts: left out, needs {needed:.0f} GB of disk.")
    try:
        if section == "growth":
            growth.growth(setting, fitting)
        else:
            for size in fitting:
                one[section](setting, size)
    except CannotPrepareError as error:
        print(f"\n### {section}\n\nNot measured: what is measured cannot be made. {error}")


if __name__ == "__main__":
    main()
