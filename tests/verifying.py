"""Dumps to verify, and to forge: a small folder in which every rule and standing occurs."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from sample import REPOSITORY, Folder

from kg.dataset import load
from kg.exporters import EXPORTERS

FIRST = """\
\ufeffThe Old Bridge 🌉 opened\r
\r
May 4, 2020. The Town Council opened the Old Bridge on Monday. “It is long”, said Jo Bell, “and it \
will stand.” Bell is mayor of the Town Council. The crossing is 51.50 metres long, over \
1,200 people came; sixteen thousand are said to live nearby. It was begun in April, and painted on \
the 29 day. See https://example.net/bridge for more. It may have cost 3 million. Last December the \
Counsel met. The Old Bridge is not the New Bridge. The Old Bridge is red. The Old Bridge is safe.\r
"""
FIRST_FACTS = """\
article:
  title: The Old Bridge 🌉 opened
  language: en
  published: {value: 2020-05-04, rule: iso-date, text: "May 4, 2020"}
  about: old-bridge
  url: {value: "https://example.net/bridge", quote: "See https://example.net/bridge for more."}
  quote: [The Old Bridge 🌉 opened, "May 4, 2020."]

facts:
  - place: old-bridge
    name: Old Bridge
    mention: crossing
    quote:
      - The Town Council opened the Old Bridge on Monday.
      - The crossing is 51.50 metres long

  - organisation: town-council
    name: Town Council
    quote: The Town Council opened the Old Bridge on Monday.

  - organisation: town-council
    alias: {value: Council, rule: translation, text: Counsel}
    mention: Counsel
    quote: Last December the Counsel met.

  - person: jo-bell
    name: Jo Bell
    mention: Bell
    quote: said Jo Bell

  - role: jo-bell-mayor
    person: jo-bell
    title: mayor
    organisation: town-council
    quote: Bell is mayor of the Town Council.

  - statement: bell-on-the-bridge
    speaker: jo-bell
    form: direct
    text: [It is long, and it will stand.]
    about: old-bridge
    quote: "“It is long”, said Jo Bell, “and it will stand.”"
    context: The Town Council opened the Old Bridge on Monday.
    doubt: That it means the bridge is read from the sentence before.

  - figure: bridge-length
    of: old-bridge
    value: 51.50
    unit: metres
    counted: long
    quote: The crossing is 51.50 metres long

  - figure: guests
    of: old-bridge
    bound: more-than
    value: {value: 1200, rule: number, text: "1,200"}
    counted: people
    quote: over 1,200 people came
    context: The crossing is 51.50 metres long

  - figure: neighbours
    of: old-bridge
    value: {value: 16000, rule: number, text: sixteen thousand}
    counted: live nearby
    modality: hedged
    quote: sixteen thousand are said to live nearby
    context: The crossing is 51.50 metres long

  - event: opening
    id: opening
    name: opened
    start:
      value: 2020-04-27
      rule: relative-date
      text: [on Monday, "May 4, 2020"]
      quote: ["The Town Council opened the Old Bridge on Monday.", "May 4, 2020."]
    location: old-bridge
    organiser: town-council
    quote: The Town Council opened the Old Bridge on Monday.

  - event: meeting
    name: met
    start:
      value: 2019-12
      rule: relative-date
      text: [Last December, "May 4, 2020"]
      quote: [Last December the Counsel met., "May 4, 2020."]
    organiser: town-council
    quote: Last December the Counsel met.

  - event: work
    name: begun
    start:
      value: 2020-04
      rule: date-in-year
      text: [April, "May 4, 2020"]
      quote: ["It was begun in April, and painted on the 29 day.", "May 4, 2020."]
    end: {value: "---29", rule: partial-date, text: the 29 day}
    quote: It was begun in April, and painted on the 29 day.

  - project: painting
    name: red
    purpose: safe
    quote: [The Old Bridge is red., The Old Bridge is safe.]

  - observation: cost
    about: old-bridge
    text: It may have cost 3 million
    modality: hedged
    quote: It may have cost 3 million.
    context: The crossing is 51.50 metres long

  - product: safety
    id: safe
    name: safe
    manufacturer: old-bridge
    quote: The Old Bridge is safe.

  - place: new-bridge
    name: New Bridge
    quote: The Old Bridge is not the New Bridge.

  - identity: bridges
    of: old-bridge
    distinct_from: new-bridge
    reason: The article says so.
    quote: The Old Bridge is not the New Bridge.
"""
LATER = """\
Correction of June 1, 2020

The Town Council did open the Old Bridge, but on May 3, 2020. Jo Bell says Ann Lee built it. It \
was not built by Ann Lee, the Town Council says. The Old Bridge is not safe. The chip is made by \
the Town Council.
"""
LATER_FACTS = """\
article:
  title: Correction
  language: en
  published: {value: 2020-06-01, rule: iso-date, text: "June 1, 2020"}
  quote: "Correction of June 1, 2020"

facts:
  - event: opening
    alias: open
    corrects: a/opening
    start: {value: 2020-05-03, rule: iso-date, text: "May 3, 2020"}
    quote: The Town Council did open the Old Bridge, but on May 3, 2020.

  - person: ann-lee
    name: Ann Lee
    quote: Jo Bell says Ann Lee built it.

  - product: chip
    name: chip
    manufacturer: town-council
    quote: The chip is made by the Town Council.

  - project: building
    name: built
    carried_out_by: ann-lee
    said_by: jo-bell
    quote: Jo Bell says Ann Lee built it.

  - project: building
    carried_out_by: ann-lee
    polarity: negated
    said_by: town-council
    quote: It was not built by Ann Lee, the Town Council says.

  - observation: unsafe
    about: old-bridge
    text: The Old Bridge is not safe
    retracts: a/safe
    quote: The Old Bridge is not safe.
"""


class Made(NamedTuple):
    """Dumps by file name, and the articles they were made from."""

    dumps: dict[str, bytes]
    articles: dict[str, bytes]

    def __repr__(self) -> str:
        return f"<dumps of {', '.join(self.articles)}>"


def make(folder: Path, *, allow_code: bool = False) -> Made:
    """Make the dumps of a folder; ``kg.nt`` is what `kg.nq` holds, in no graph."""
    dataset = load(folder, allow_code=allow_code)
    assert dataset.errors == []
    dumps = {name: b"".join(EXPORTERS[name].write(dataset)) for name in ("kg.nq", "kg.jsonld")}
    lines = {line.rpartition(" <")[0] + " ." for line in dumps["kg.nq"].decode().splitlines()}
    dumps["kg.nt"] = "".join(f"{line}\n" for line in sorted(lines)).encode()
    files = sorted((folder / "seeds").glob("*.txt"))
    return Made(dumps, {file.name: file.read_bytes() for file in files})


def small_folder(root: Path) -> Folder:
    """Write the small folder."""
    folder = Folder(root)
    folder.write("seeds/a.txt", FIRST)
    folder.write("seeds/a.facts.yaml", FIRST_FACTS)
    folder.write("seeds/b.txt", LATER)
    folder.write("seeds/b.facts.yaml", LATER_FACTS)
    return folder


@cache
def five_articles() -> Made:
    """The dataset of this repository."""
    return make(REPOSITORY)


@cache
def lighthouses() -> Made:
    """The folder with kinds of its own, in German and Japanese."""
    return make(REPOSITORY / "tests/folders/lighthouses", allow_code=True)
