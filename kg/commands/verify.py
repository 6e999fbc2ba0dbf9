"""``kg verify``: check a published dump against its articles."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.argument("dump", default="public/data/kg.nq", type=click.Path(path_type=Path))
@click.argument("seeds", default="seeds", type=click.Path(path_type=Path))
@click.option(
    "--manifest",
    type=click.Path(path_type=Path),
    help="SHA256SUMS as it was published, got from elsewhere than the dump.",
)
def verify(dump: Path, seeds: Path, manifest: Path | None) -> None:
    """Check DUMP against the articles in SEEDS.

    It trusts neither the dump nor kgpress. DUMP is kg.nq, kg.jsonld or N-Triples of the merged
    graph (default: public/data/kg.nq), SEEDS the folder of the articles (default: seeds). The same
    check runs without kgpress: python3 kg/verify.py DUMP SEEDS. docs/verify.md says what it proves.
    """
    from kg.verify import run

    sys.exit(run(str(dump), str(seeds), str(manifest) if manifest else None))
