"""Golden cases of the mappers: what goes in, what comes out, how and from where it was got.

    tests/golden/KIND/article.txt       a small article
    tests/golden/KIND/facts.yaml        its facts; those of KIND are the case
    tests/golden/KIND/expected.txt      the claims of the facts of KIND

``python tests/golden.py`` writes what is missing; ``--force`` writes everything anew: read the
difference before you commit it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from sample import DESCRIPTION, REPOSITORY

import kg
from kg.dataset import Dataset
from kg.model import Claim

GOLDEN = REPOSITORY / "tests/golden"


def loaded(case: Path, root: Path) -> Dataset:
    """Load a golden case as a folder made in ``root``."""
    (root / "seeds").mkdir()
    (root / "ontology").mkdir()
    (root / "ontology/dataset.ttl").write_text(DESCRIPTION, "utf-8")
    (root / "seeds/a.txt").write_bytes((case / "article.txt").read_bytes())
    (root / "seeds/a.facts.yaml").write_bytes((case / "facts.yaml").read_bytes())
    return kg.load(root)


def shown(dataset: Dataset, kind: str) -> str:
    """Return the claims of the facts of a kind, one block each, for people to read."""
    claims = [c for c in (*dataset.claims, *dataset.links) if c.fact.kind == kind]
    return "".join(map(_block, claims))


def _block(claim: Claim) -> str:
    standing = "" if claim.standing.asserts else f" {claim.standing}"
    derivation = claim.derivation
    rule = f" by {derivation.rule} of {list(derivation.inputs)}" if derivation.rule else ""
    lines = [str(claim.triple), f"    {derivation.origin}{rule}{standing}"]
    lines += [f"    doubtful: {claim.doubt}"] if claim.doubt else []
    lines += [f"    {span.start}–{span.end} {span.quote!r}" for span in claim.spans]
    return "\n".join(lines) + "\n\n"


if __name__ == "__main__":
    for case in sorted(path for path in GOLDEN.iterdir() if (path / "facts.yaml").exists()):
        target = case / "expected.txt"
        with tempfile.TemporaryDirectory() as temporary:
            dataset = loaded(case, Path(temporary))
        for problem in dataset.problems:
            print(case.name, problem.place, problem.message, file=sys.stderr)
        if not target.exists() or "--force" in sys.argv:
            target.write_text(shown(dataset, case.name), "utf-8")
