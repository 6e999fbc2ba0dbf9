"""HTML pages of a published dataset, each told with the sentences behind it (docs/pages.md).

A page is a complete HTML5 document that needs no script; all links within the dataset are
relative, so that the pages work wherever the base IRI is mapped to, or on any static host.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
import pyoxigraph as ox
from markupsafe import Markup, escape

from kg.asking.nodes import MANY, Nodes, Passage, Said
from kg.asking.published import Published
from kg.pages import form, home
from kg.pages.links import HOME, Links, anchor, has_page
from kg.pages.rows import Row, Rows
from kg.pages.texts import Sentence, Text, coverage, said_id
from kg.vocab import DCTERMS, KG, PROV, RDF, RDFS, SCHEMA, SH

STYLE = "style.css"
"""Where, below the base IRI, pages look for their style sheet."""

ENDPOINT = "sparql"
"""Where, below the base IRI, queries are answered."""

SHOWN = 100
"""How many incoming links a page shows."""

FORMATS = (
    (".ttl", "text/turtle", "Turtle"),
    (".jsonld", "application/ld+json", "JSON-LD"),
    (".nt", "application/n-triples", "N-Triples"),
)
"""The suffixes under which a description of what a page shows is looked for, and what they are."""

_HEAD = (
    *(SCHEMA.author, SCHEMA.publisher, SCHEMA.datePublished, SCHEMA.dateModified),
    *(SCHEMA.inLanguage, SCHEMA.url),
)
"""What the page of an article begins with."""

_QUERIES = (SH.select, SH.ask, SH.construct)

_SKIPPED = (RDF.subject, RDF.predicate, KG.fact, KG.inConflict, PROV.wasDerivedFrom)
"""How claims refer to what their page shows already."""

_TAG = re.compile("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
"""What may be a language tag (RFC 5646)."""

_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), "�")
for _kept in "\t\n\r":
    del _CONTROLS[ord(_kept)]


def style() -> bytes:
    """Return the style sheet of all pages."""
    return (Path(__file__).parent / STYLE).read_bytes()


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

    @cached_property
    def _templates(self) -> jinja2.Environment:
        return jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_written,
        )

    def prepare(self) -> None:
        """Read all that pages need but the texts of articles, before the first is asked for."""
        for name in self._templates.list_templates():
            self._templates.get_template(name)
        _ = self._sentences, self.nodes.known(self.nodes.dataset), self.published.vocabulary

    def page(self, path: str) -> str | None:
        """Return the page of what a path below the base IRI names, or None for what is unknown."""
        if not path:
            return self._home()
        if not has_page(path):
            return None
        try:
            node = ox.NamedNode(self.nodes.base + path)
        except ValueError:
            return None
        if not self.nodes.known(node):
            return None
        folder = path.partition("/")[0]
        if folder == "article" and (files := self.nodes.files(node)):
            return self._article(path, node, files[0], files)
        if folder == "file" and self.nodes.objects(node, KG.path):
            works = self.nodes.iris(node, PROV.specializationOf)
            return self._article(path, works[0] if works else node, node, [node])
        return self._node(path, node)

    def _render(self, template: str, path: str, **values: Any) -> str:
        links = Links(self.nodes, path)
        return self._templates.get_template(template).render(
            dataset=home.title(self.nodes),
            home=links.home,
            style=links.to(STYLE, ""),
            here=links.to(path),
            formats=[(links.to(path, suffix), kind, name) for suffix, kind, name in FORMATS],
            **values,
        )

    def _rows(self, path: str) -> Rows:
        return Rows(self.nodes, Links(self.nodes, path))

    def form(self, saved: str = "") -> str | None:
        """Return the page on which to write a query, or None if none is saved under this name."""
        queries = form.saved_queries(self.nodes)
        if saved and saved not in queries:
            return None
        return self._render(
            "form.html",
            ENDPOINT,
            iri=self.nodes.base + ENDPOINT,
            endpoint=f"./{ENDPOINT}",
            text=queries[saved].text if saved else form.EXAMPLE,
            title=queries[saved].title if saved else "",
            queries=queries,
            formats_of_answers=form.FORMATS,
            prefixes=sorted(self.published.prefixes.items()),
        )

    def _home(self) -> str:
        nodes, rows = self.nodes, self._rows(HOME)
        description = nodes.text(nodes.dataset, DCTERMS.description)
        return self._render(
            "home.html",
            HOME,
            iri=nodes.base,
            description=description,
            about=home.about(nodes, rows),
            counts=home.counts(nodes),
            articles=home.articles(nodes, rows),
            classes=home.classes(nodes, rows),
            downloads=home.downloads(nodes, rows),
            description_file=rows.links.to("data/dcat.ttl", ""),
            checksums=rows.links.to("data/SHA256SUMS", ""),
            queries=home.queries(nodes, rows),
            conflicts=home.conflicts(nodes, rows),
            endpoint=rows.links.to(ENDPOINT, ""),
            listed=home.LISTED,
        )

    def _node(self, path: str, node: ox.NamedNode) -> str:
        nodes, rows = self.nodes, self._rows(path)
        claims = nodes.claims(node)
        triples = nodes.triples(node)
        told = {(claim.predicate, claim.object) for claim in claims if claim.asserted}
        plain = [t for t in triples if (t.predicate, t.object) not in told]
        through = self._behind(node)
        incoming, count = self._incoming(node, rows)
        conflicts = dict.fromkeys(nodes.subjects(KG.conflictAbout, node))
        conflicts |= dict.fromkeys(conflict for claim in claims for conflict in claim.conflicts)
        queries = [t.object.value for t in triples if t.predicate in _QUERIES]
        return self._render(
            "node.html",
            path,
            iri=node.value,
            label=nodes.label(node),
            types=[rows.term(value) for value in nodes.iris(node, RDF.type)],
            rows=rows.said(claim for claim in claims if claim.asserted),
            plain=rows.facts(plain),
            recorded=rows.said(c for c in claims if not c.asserted and not c.external),
            elsewhere=rows.said(c for c in claims if not c.asserted and c.external),
            through=rows.said(through, subjects=True),
            quotes=[rows.quote(passage) for passage in self._quotes(node)],
            incoming=incoming,
            incoming_count=count,
            shown=SHOWN,
            many=MANY,
            capped=len(claims) >= MANY or len(triples) >= MANY,
            conflicts=[rows.term(conflict) for conflict in conflicts],
            run=[f"{rows.links.to(ENDPOINT, '')}?query={quote(text, safe='')}" for text in queries],
        )

    def _behind(self, node: ox.NamedNode) -> list[Said]:
        """Return the claims that came through a fact, or take part in a conflict."""
        through = self.nodes.claims(node, KG.fact)
        return through or self.nodes.claims(node, KG.inConflict)

    def _quotes(self, node: ox.NamedNode) -> list[Passage]:
        said = self.nodes.said(node)
        return self.nodes.passages([said])[:SHOWN] if said else []

    def _incoming(self, node: ox.NamedNode, rows: Rows) -> tuple[list[Row], int]:
        """Return what refers to a node: the first rows, and how many there are up to a limit."""
        nodes = self.nodes
        claims = nodes.subjects(RDF.object, node)
        if claims:
            found = (nodes.said(claim) for claim in claims[:SHOWN])
            return rows.said((c for c in found if c is not None), subjects=True), len(claims)
        others = [t for t in nodes.mentions(node) if t.predicate not in _SKIPPED]
        shown = (Row(rows.term(t.subject), rows.term(t.predicate), []) for t in others[:SHOWN])
        return list(shown), len(others)

    def _article(
        self, path: str, article: ox.NamedNode, file: ox.NamedNode, files: list[ox.NamedNode]
    ) -> str:
        nodes, rows = self.nodes, self._rows(path)
        where = nodes.text(file, KG.path)
        text = Text(nodes, file, self._sentences.get(where.value, []) if where else [])
        facts, count = text.facts(rows)
        about = [t for t in nodes.triples(article) if t.predicate in _HEAD]
        technical = [t for t in nodes.triples(file) if t.predicate != RDFS.label]
        incoming, incoming_count = self._incoming(article, rows)
        language = nodes.text(article, SCHEMA.inLanguage)
        return self._render(
            "article.html",
            path,
            iri=nodes.base + path,
            article=rows.term(article),
            label=nodes.label(article),
            language=language.value if language and _TAG.fullmatch(language.value) else "",
            about=rows.facts(about),
            technical=rows.facts(technical),
            text=text.text,
            text_file=rows.links.to(text.published, ""),
            marked=text.marked() if text.text is not None else None,
            anchor=anchor,
            quotes=[(p, rows.quote(p)) for p in text.passages],
            said_id=said_id,
            facts=facts,
            fact_count=count,
            others=[rows.term(f) for f in files if f != file],
            sentences=text.sentences,
            incoming=incoming,
            incoming_count=incoming_count,
            shown=SHOWN,
            many=MANY,
        )


def _written(value: Any) -> Any:
    """Return what is written for a value: no control characters, and every line end as it is.

    A browser takes CR, alone or before LF, for LF; written as a reference it stays.
    """
    if isinstance(value, Markup):
        return value
    text = escape(str(value).translate(_CONTROLS))
    return Markup(str(text).replace("\r", "&#13;"))
