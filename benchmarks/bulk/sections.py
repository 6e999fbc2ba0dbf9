"""What is measured beside others: mapping, the chain, validation, queries. Each prints a table."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from common.environments import rivals_python
from common.printing import table

from bulk import graphs, jena, judging, morph, ours
from bulk.folders import BASE
from bulk.measure import Contender, Run, interleaved, run
from bulk.printing import comparison, ratio
from bulk.violations import Violation, of_child, of_json, of_kg, of_turtle

THEIRS = Path(__file__).with_name("theirs")
VIOLATIONS = 20


@dataclass
class Setting:
    """How things are measured: where, how often, for how long at most, by how many workers."""

    work: Path
    rounds: int
    limit: float
    workers: int


def mapping(setting: Setting, facts: int) -> None:
    """Measure mapping to N-Quads with evidence, and all that `kg build` does, beside morph-kgc."""
    work = setting.work / f"morph-{facts}"
    dump = ours.published(setting.work, facts) / "data" / "kg.nq"
    folder, out = ours.folder_of(setting.work, facts), setting.work / "built"
    rival = morph.prepare(dump, work)
    failure = run(rival.command, setting.limit, cwd=work).failure
    differs = failure or morph.difference(dump, work / morph.MADE, work)
    everything = ours.built(folder, out, 1)
    everything.name += ": N-Quads, Turtle, JSON-LD, SHACL"
    sort = ["env", "LC_ALL=C", "sort", "-u", "-o", "sorted.nq", morph.MADE]
    contenders = [
        rival,
        Contender("sort -u of that, which morph-kgc leaves out", sort, cwd=work),
        ours.built(folder, out, 1, "kg.nq"),
        everything,
    ]
    runs = interleaved(contenders, setting.rounds, setting.limit)
    (work / "sorted.nq").unlink(missing_ok=True)
    ours.clear(out)
    with dump.open("rb") as lines:
        quads = sum(1 for _ in lines)
    same = f"**not the same quads: {differs}**" if differs else "the same as ours, checked"
    note = f"{quads:,} quads, {quads / facts:.0f} a fact. Those of morph-kgc are {same}."
    comparison(f"Mapping, {facts:,} facts", runs, rival.name, note)


def chain(setting: Setting, facts: int) -> None:
    """Measure the usual chain of tools beside `kg build`."""
    public = ours.published(setting.work, facts)
    work = setting.work / f"morph-{facts}"
    rival = morph.prepare(public / "data" / "kg.nq", work)
    shapes, ontology = graphs.shapes(public, setting.work), graphs.ontology(public, setting.work)
    rest = [rivals_python(), THEIRS / "chained.py", morph.MADE, shapes, ontology, "chained"]
    both = " && ".join(shlex.join(map(str, each)) for each in (rival.command, rest))
    folder, out = ours.folder_of(setting.work, facts), setting.work / "built"
    name = "morph-kgc, rdflib, pySHACL"
    contenders = [
        Contender(name, ["sh", "-c", both], cwd=work),
        *(ours.built(folder, out, workers) for workers in ours.workers(setting.workers)),
    ]
    runs = interleaved(contenders, setting.rounds, setting.limit)
    ours.clear(out)
    comparison(f"The usual chain, {facts:,} facts", runs, name)


def validation(setting: Setting, facts: int) -> None:
    """Measure validation beside pySHACL and Jena, and hold all to the same violations."""
    public = ours.published(setting.work, facts, VIOLATIONS)
    work = setting.work / f"validated-{facts}"
    work.mkdir(exist_ok=True)
    data, shapes = graphs.everything(public, work), graphs.shapes(public, setting.work)
    check = [ours.KG, "check", ours.folder_of(setting.work, facts, VIOLATIONS), "--format", "json"]
    if ours.has_option("check", "--workers"):
        check += ["--workers", "1"]
    pyshacl = [rivals_python(), THEIRS / "shacl.py", data, shapes]
    found: dict[str, set[Violation]] = {}

    def contender(
        name: str, command: list[str | Path], read: Callable[[str], set[Violation]]
    ) -> Contender:
        def note(done: Run) -> str:
            try:
                found[name] = read(done.output)
            except (ValueError, KeyError, SyntaxError) as error:
                return f"no report that can be read: {error}"
            return ""

        return Contender(name, command, check=note, sound=(0, 1))

    def read_ours(output: str) -> set[Violation]:
        return of_kg(output, shapes)

    base = "pySHACL, whole graph"
    contenders = [
        contender(base, pyshacl, of_json),
        contender("kg check (reads and maps, too)", check, read_ours),
    ]
    laid_out = judging.lay_out(ours.folder_of(setting.work, facts, VIOLATIONS), work / "kg")
    contenders.append(contender("kg's validation alone", laid_out, of_child))
    if ours.has_option("check", "--exact"):
        contenders.append(contender("kg check --exact", [*check, "--exact"], read_ours))
    if validate := jena.command(data, shapes, work):
        contenders.append(contender(f"Jena {jena.version()}", validate, of_turtle))
    runs = interleaved(contenders, setting.rounds, setting.limit)
    note = agreement(found, VIOLATIONS)
    if not validate:
        note += f" Jena is not installed (Debian's {jena.PACKAGE})."
    comparison(f"Validation, {facts:,} facts", runs, base, note)


def agreement(found: dict[str, set[Violation]], expected: int) -> str:
    """Say whether validators found the same violations, as many as were to be found."""
    names = ", ".join(found)
    counts = ", ".join(f"{name} {len(each)}" for name, each in found.items())
    if len({frozenset(each) for each in found.values()}) > 1:
        odd = set.union(*found.values()) - set.intersection(*found.values())
        return f"**They do not find the same violations**: {counts}; for one, {min(odd, key=str)}."
    if any(len(each) != expected for each in found.values()):
        return f"**Not the {expected} violations that were seeded**: {counts}."
    return f"The same {expected} violations (focus, path, component, value), checked: {names}."


def queries(setting: Setting, facts: int) -> None:
    """Measure opening a published dataset and asking it, beside rdflib."""
    public = ours.published(setting.work, facts)
    dump = public / "data" / "kg.nq"
    texts = list(QUERIES.values())
    cold = {
        "kg query": [ours.KG, "query", "--data", public, "--timeout", "0"],
        "rdflib": [rivals_python(), THEIRS / "asked.py", dump, "1"],
    }
    contenders = [Contender(name, [*start, texts[0]]) for name, start in cold.items()]
    runs = interleaved(contenders, setting.rounds, setting.limit)
    note = "From the start of the process to its end: it opens, and looks one provenance up."
    comparison(f"Asking from the command line, {facts:,} facts", runs, "rdflib", note)
    repeats = str(max(setting.rounds, 5))
    ask = [sys.executable, Path(__file__).with_name("asked.py"), public, repeats, *texts]
    other = [rivals_python(), THEIRS / "asked.py", dump, repeats, *texts]
    done = interleaved([Contender("kg", ask), Contender("rdflib", other)], 1, setting.limit)
    print(f"\n### Asking in one process, {facts:,} facts\n")
    print_queries({name: json.loads(r.output) for name, r in done.items() if not r.failure})


def print_queries(got: dict[str, dict[str, list[float]]]) -> None:
    """Print how long opening and each query took, and whether the answers are the same."""
    for name in {"kg", "rdflib"} - got.keys():
        print(f"**{name} did not come to its end.**\n")
    rows = []
    for number, what in enumerate(["opening", *QUERIES], -1):
        times = {
            n: each["opened"] if number < 0 else each["seconds"][number] for n, each in got.items()
        }
        cells = [f"{times[name] * 1000:,.3f}" if name in times else "" for name in ("kg", "rdflib")]
        share = ratio(times["kg"], times["rdflib"]) if len(times) == 2 else ""
        answers = [each["answers"][number] for each in got.values()] if number >= 0 else []
        same = "" if len(answers) < 2 else "same" if answers[0] == answers[1] else "**differ**"
        rows.append([what, *cells, share, same])
    table("query | kg ms | rdflib ms | rdflib / kg | answers", rows)


QUERIES = {
    "provenance of one triple": f"""
        PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
        SELECT ?quote ?start {{
          ?claim rdf:subject <{BASE}article/0000007> ;
            rdf:predicate <https://schema.org/headline> ;
            <http://www.w3.org/ns/prov#wasDerivedFrom> ?span .
          ?span <http://www.w3.org/ns/oa#hasSelector> ?words, ?place .
          ?words <http://www.w3.org/ns/oa#exact> ?quote .
          ?place <http://www.w3.org/ns/oa#start> ?start }}""",
    "things by class": "SELECT ?class (COUNT(?s) AS ?n) { ?s a ?class } GROUP BY ?class",
    "facts by kind": """
        SELECT ?kind (COUNT(?fact) AS ?n)
        { ?fact <https://w3id.org/kgpress/ns#kind> ?kind } GROUP BY ?kind""",
    "claims of one article": f"""
        SELECT (COUNT(?claim) AS ?n) {{
          ?claim <https://w3id.org/kgpress/ns#fact> ?fact .
          ?fact <https://w3id.org/kgpress/ns#inArticle> <{BASE}article/0000007> }}""",
}
"""What is asked, by what it asks for."""
