"""docs/kinds.md lists every fact kind with its fields: ``python tests/kinds.py`` makes it anew."""

from __future__ import annotations

from collections.abc import Iterator

from sample import REPOSITORY

from kg.fields import Concept
from kg.folder import read_ontology
from kg.mappers import KINDS
from kg.mapping import Kind
from kg.vocab import Vocabulary

PAGE = REPOSITORY / "docs/kinds.md"
HEAD = """\
# Fact kinds and their fields

Made from the signatures of the mappers (`python tests/kinds.py`). Every fact may also have what
[facts.md](facts.md) says of all of them: `quote`, `context`, `said_by`, `modality`, `polarity`,
`doubt`, `label`, `id`. A worked case of each kind, with all that comes out, is in `tests/golden/`.

| type | what to write |
|---|---|
| Ref | the slug of another thing |
| Text | words of the article |
| Note | words of your own |
| Number | digits: `4806`, `1.5` |
| Date | `2018-11-28`, `2018-11`, `2018`, `--11`, `---28`, `2012/2017`, `197X` |
| Language | a language tag: `en`, `zh-hans` |
| Link | an IRI |
"""


def page() -> str:
    """Return the text of docs/kinds.md."""
    vocabulary, _ = read_ontology(REPOSITORY)
    return "\n".join([HEAD, *("\n".join(_kind(kind, vocabulary)) for kind in KINDS.values())])


def _kind(kind: Kind, vocabulary: Vocabulary) -> Iterator[str]:
    yield f"## {kind.name}\n\n{kind.help}\n\n| field | type | |\n|---|---|---|"
    for field in sorted(kind.fields.values(), key=lambda f: not f.required):
        type_ = field.type.__name__
        if issubclass(field.type, Concept):
            type_ = ", ".join(f"`{name}`" for name in vocabulary.concepts(field.type.scheme))
        notes = ["required"] * field.required + ["one or a list"] * field.many
        yield f"| `{field.name}` | {type_} | {', '.join(notes)} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
