"""HTML pages of a published dataset, each told with the sentences behind it (docs/pages.md).

A page is a complete HTML5 document that can be read without a script; all links within the dataset
are relative, so that the pages work wherever the base IRI is mapped to, or on any static host.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import jinja2
import pyoxigraph as ox
from markupsafe import Markup, escape

from kg.asking.nodes import Nodes
from kg.asking.published import Published
from kg.asking.terms import OVERVIEW, SHAPES
from kg.links import ENDPOINT, Links, has_page
from kg.pages import article, form, home, node, ontology, overviews, search, shapes, terms
from kg.pages.furniture import SCRIPT, STYLE, furniture
from kg.pages.made import POLICY, Document, Made, Maker
from kg.pages.metadata import Metadata
from kg.pages.rows import Rows
from kg.pages.texts import Sentence, coverage
from kg.vocab import KG, PROV

SPECIAL: Mapping[str, Maker] = {
    "": home.page,
    ENDPOINT: form.page,
    OVERVIEW: ontology.overview,
    SHAPES: shapes.page,
    search.PATH: search.page,
    **overviews.PAGES,
}
"""The pages that are of no node, by their paths."""

FORMATS = (
    (".ttl", "text/turtle", "Turtle"),
    (".jsonld", "application/ld+json", "JSON-LD"),
    (".nt", "application/n-triples", "N-Triples"),
)
"""The suffixes under which a description of what a page shows is looked for, and what they are."""

DOCUMENTS: Mapping[str, Document] = {
    terms.TERMS: Document("application/json", terms.terms),
    **overviews.DOCUMENTS,
}
"""What may lie beside the pages and is made of the dataset, by its path."""

_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), "�")
for _kept in "\t\n\r":
    del _CONTROLS[ord(_kept)]


class Pages:
    """Renders the pages of one published dataset."""

    def __init__(self, published: Published) -> None:
        """Take the dataset, which is read when it is first needed."""
        self.published = published

    @cached_property
    def nodes(self) -> Nodes:
        """What is known of the nodes of the dataset."""
        return Nodes(self.published)

    @cached_property
    def _sentences(self) -> dict[str, list[Sentence]]:
        return coverage(self.published.out / "data")

    def prepare(self) -> None:
        """Read all that pages need but the texts of articles, before the first is asked for."""
        for name in _templates().list_templates():
            _templates().get_template(name)
        _ = self._sentences, self.nodes.known(self.nodes.dataset), self.nodes.terms.places
        furniture()

    @cached_property
    def special(self) -> tuple[str, ...]:
        """The paths of all pages that are of no node: no data of one lies beside them."""
        return (*SPECIAL, *self.nodes.terms.namespaces)

    def page(self, path: str) -> str | None:
        """Return the page of what a path below the base IRI names, or None for what is unknown."""
        rows = Rows(self.nodes, Links(self.nodes, path))
        if path in SPECIAL:
            made = SPECIAL[path](rows)
        else:
            made = ontology.page(rows, path) or self._of_node(rows, path)
        return None if made is None else self._render(made, rows.links)

    def document(self, path: str) -> tuple[str, bytes] | None:
        """Return the media type and the content of one of `DOCUMENTS`, None if there is none."""
        document = DOCUMENTS.get(path)
        data = document.make(self.nodes) if document else None
        return None if document is None or data is None else (document.media_type, data)

    @cached_property
    def overviews(self) -> list[tuple[str, str]]:
        """The overviews that the dataset has something for: path, title."""
        return [(found.name, found.title) for found in overviews.present(self.nodes)]

    def _of_node(self, rows: Rows, path: str) -> Made | None:
        if not has_page(path):
            return None
        try:
            this = ox.NamedNode(self.nodes.base + path)
        except ValueError:
            return None
        if not self.nodes.known(this):
            return None
        folder = path.partition("/")[0]
        if folder == "article" and (files := self.nodes.files(this)):
            return article.page(rows, this, files[0], files, self._sentences)
        if folder == "file" and self.nodes.objects(this, KG.path):
            work = next(iter(self.nodes.iris(this, PROV.specializationOf)), this)
            return article.page(rows, work, this, [this], self._sentences)
        return node.page(rows, this)

    def _render(self, made: Made, links: Links) -> str:
        values: dict[str, Any] = {
            "dataset": home.title(self.nodes),
            "policy": POLICY,
            "metadata": Metadata("website", self.nodes.base + links.path, made.about, None),
            "home": links.home,
            "search": links.to(search.PATH),
            "where": "",
            "style": links.to(STYLE, ""),
            "script": links.to(SCRIPT, ""),
            "nav": self._nav(links),
            "here": links.to(links.path) if links.path else links.home,
            "formats": [(links.to(links.path, end), kind, name) for end, kind, name in FORMATS],
        }
        return _templates().get_template(made.template).render(values | made.values)

    def _nav(self, links: Links) -> list[tuple[str, str]]:
        """Return where the head of each page leads, with the words for it."""
        found = [(f"{links.home}#things", "Things")]
        found += [(links.to(path), title) for path, title in self.overviews]
        if self.nodes.terms.all:
            found.append((links.to(OVERVIEW), "Ontology"))
        return [*found, (links.to(ENDPOINT), "Query")]

    def form(self, saved: str = "") -> str | None:
        """Return the page on which to write a query, or None if none is saved under this name."""
        rows = Rows(self.nodes, Links(self.nodes, ENDPOINT))
        made = form.page(rows, saved)
        return None if made is None else self._render(made, rows.links)


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_written,
    )


def _written(value: Any) -> Any:
    """Return what is written for a value: no control characters, and every line end as it is.

    A browser takes CR, alone or before LF, for LF; written as a reference it stays.
    """
    if isinstance(value, Markup):
        return value
    text = str(value)
    if text.isprintable():  # nearly all are, and nothing is written as often
        return escape(text)
    return Markup(str(escape(text.translate(_CONTROLS))).replace("\r", "&#13;"))
