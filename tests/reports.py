"""One set of findings, hostile ones among them, and its report in each format.

    tests/reports/FORMAT.txt       what `kg check --format FORMAT` says of it

``python tests/reports.py`` writes what is missing; ``--force`` writes everything anew: read the
difference before you commit it.
"""

from __future__ import annotations

import sys

from sample import REPOSITORY

from kg.checklist import KSH, checks_of
from kg.model import Place, Problem, Severity
from kg.reports import FORMATS, report
from kg.reports.findings import Findings

REPORTS = REPOSITORY / "tests/reports"

PROBLEMS = (
    Problem(
        Place("data/seeds/a.facts.yaml", 12, 12),
        "the quote is not in the article; the nearest passage differs so: Acme{+ Works+} won",
        "copy the words from the article exactly",
        check="quote",
        see=Place("data/seeds/a.txt", 3, 17),
    ),
    Problem(
        Place("data/seeds/a.facts.yaml", 40, 5),
        "'golden-cog' has no value, which breaks sh:minCount 1",
        "An award has a name.",
        Severity.WARNING,
        check=f"{KSH}Article-some-inLanguage",
    ),
    Problem(
        Place("data/seeds/a: b,c#d%25?é🎉.facts.yaml"),
        "100 % of\r\n::error file=x::it, {0} [click](javascript:alert(1)) "
        "</failure>]]>&amp;<x a='\"'>",
        "mend: it, 'so'\n::stop-commands::x\n",
        check="facts",
    ),
    Problem(
        Place("data/seeds/\x1b[31m\u202ered\u2028.txt", 7, 3),
        "bell \x07, escape \x1b]0;title\x07, C1 \x9b31m, null \x00, DEL \x7f, \u202eleft\u2066, "
        "\ufffe not a character, \U000e0041 tag, half a pair \ud83d, Größe 中文 🎉",
        "",
        Severity.INFO,
        check="https://example.org/shapes#Größe",
    ),
    Problem(Place("kgpress/shapes/award.ttl"), "validation did not end", "", check="shapes"),
    Problem(Place("kgpress/shapes/award.ttl"), "validation did not end", "", check="shapes"),
)

FINDINGS = Findings(
    problems=PROBLEMS,
    checks=checks_of((problem.check for problem in PROBLEMS), REPOSITORY),
    files=tuple(
        sorted({"data/seeds/b.facts.yaml", "data/seeds/b.txt"} | {p.place.path for p in PROBLEMS})
    ),
    facts=1234,
    claims=56789,
)

if __name__ == "__main__":
    for name in FORMATS:
        target = REPORTS / f"{name}.txt"
        if not target.exists() or "--force" in sys.argv:
            target.write_bytes(report(name, FINDINGS))
