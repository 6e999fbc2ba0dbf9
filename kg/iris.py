"""The one place where IRIs are minted, from the base IRI of a dataset (RFC 3987, section 2.2).

{base}id/SLUG                                  a thing
{base}article/NAME                             an article as a work
{base}file/NAME/SHA12                          the file that was read
{base}file/NAME/SHA12#char=START,END           a span of it
{base}fact/NAME/ID, {base}claim/HASH           what kgpress adds
{base}conflict/HASH, {base}terms
{base}query/NAME                               a saved query
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, urlsplit

from pyoxigraph import NamedNode

from kg.model import Article, Claim, Fact, Span, Triple

SCHEMES = ("http", "https", "mailto", "urn", "doi", "ftp")
"""What an IRI in a fact file may begin with; ``javascript:`` and ``file:`` are valid IRIs too."""

EVIDENCE = ("claim", "fact", "file", "conflict")
"""The first part, after the base IRI, of what evidence is made of."""

MINTED = ("id", "article", *EVIDENCE, "query")
"""The first part, after the base IRI, of all that a dataset mints."""

SLUG = re.compile(r"[^\W_]+(?:[-._][^\W_]+)*")
"""Letters and digits of any script, single ``-``, ``.`` or ``_`` between them."""


_PLAIN = re.compile(r"[A-Za-z0-9._~-]*")
_USUAL = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+/[A-Za-z0-9._~/-]*(?:#[A-Za-z0-9._~-]*)?")
"""IRIs in which nothing can be wrong: such are most, and all that is minted of ASCII slugs."""


def is_slug(text: str) -> bool:
    """Whether a text may name a thing: letters and digits of any script joined by ``-._``."""
    if text.isascii():
        return len(text) <= 200 and SLUG.fullmatch(text) is not None
    # Combining marks belong to letters in many scripts, but are no word characters of their own.
    bare = "".join(c for c in text if unicodedata.category(c) not in ("Mn", "Mc"))
    kept = all(_is_kept(c) or c in "-._" for c in text)
    return len(text) <= 200 and SLUG.fullmatch(bare) is not None and is_nfc(text) and kept


def is_nfc(text: str) -> bool:
    """Whether a text is in Unicode normalisation form C."""
    return unicodedata.is_normalized("NFC", text)


def collision_key(text: str) -> str:
    """Return what two names share that would be taken for one another: case and composition."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())


@lru_cache(1 << 14)
def segment(text: str) -> str:
    """Return one path segment: NFC, letters and digits of any script kept, the rest encoded."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(
        c if _is_kept(c) else quote(c, safe="") for c in unicodedata.normalize("NFC", text)
    )


def _is_kept(c: str) -> bool:
    if c.isascii():
        return c.isalnum() or c in "-._~"
    # Planes from 14 on have no place in an IRI, nor has what is not assigned (RFC 3987, 2.2).
    return 0xA0 <= ord(c) < 0xE0000 and unicodedata.category(c)[0] in "LMN"


def iri_problem(text: str) -> str | None:
    """Return what is wrong with an IRI from outside, or None if it may be published."""
    if _USUAL.fullmatch(text):
        return None
    scheme = text.partition(":")[0]
    if any(c.isspace() or c in '<>"{}|\\^`' or ord(c) < 0x20 for c in text):
        return 'an IRI holds no spaces, line ends or any of < > " { } | \\ ^ `'
    if scheme not in SCHEMES:
        return f"an IRI here begins with one of {', '.join(SCHEMES)}"
    if any(unicodedata.category(c) in ("Cf", "Cc", "Cs", "Co", "Cn") for c in text):
        return "it holds an invisible or unassigned character"
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        return "% must be followed by two hexadecimal digits"
    try:
        if scheme in ("http", "https", "ftp") and not urlsplit(text).hostname:
            return "it names no host"
        NamedNode(text)
    except ValueError as error:
        return str(error)
    return None


def schemes_of(triples: Iterable[Triple]) -> set[str]:
    """Return the schemes of all IRIs in triples, those of datatypes too."""
    heads: set[str] = set()
    for triple in triples:
        for term in triple:
            iri = term.value if isinstance(term, NamedNode) else term.datatype.value
            heads.add(iri.partition(":")[0])
    return heads


class Iris:
    """Mints the IRIs of one dataset."""

    def __init__(self, base: str) -> None:
        """Take the base IRI, which ends in ``/``."""
        self.base = base

    def thing(self, slug: str) -> NamedNode:
        """The IRI of what a slug names."""
        return NamedNode(f"{self.base}id/{segment(slug)}")

    def article(self, article: Article) -> NamedNode:
        """The IRI of an article as a work."""
        return self.work(article.name)

    def work(self, name: str) -> NamedNode:
        """The IRI of the article of a name as a work."""
        return NamedNode(f"{self.base}article/{segment(name)}")

    def file(self, article: Article) -> NamedNode:
        """The IRI of the very bytes that were read."""
        return NamedNode(f"{self.base}file/{segment(article.name)}/{article.sha256[:12]}")

    def span(self, span: Span, selector: str = "") -> NamedNode:
        """The IRI of a span, or of one of its selectors (``quote``, ``position``).

        The fragment is that of RFC 5147, section 2.2, save that CR LF counts as two characters.
        """
        suffix = f"&selector={selector}" if selector else ""
        file = self.file(span.article).value
        return NamedNode(f"{file}#char={span.start},{span.end}{suffix}")

    def fact(self, fact: Fact) -> NamedNode:
        """The IRI of a fact."""
        return self.fact_of(fact.id)

    def fact_of(self, id_: str) -> NamedNode:
        """The IRI of the fact of an id, ``ARTICLE/ID``."""
        article, _, name = id_.partition("/")
        return NamedNode(f"{self.base}fact/{segment(article)}/{segment(name)}")

    def query(self, name: str) -> NamedNode:
        """The IRI of a saved query."""
        return NamedNode(f"{self.base}query/{segment(name)}")

    def claim(self, claim: Claim) -> NamedNode:
        """The IRI of a claim."""
        return NamedNode(f"{self.base}claim/{claim.hash}")

    def conflict(self, hash_: str) -> NamedNode:
        """The IRI of a conflict, by its hash."""
        return NamedNode(f"{self.base}conflict/{hash_}")

    @property
    def terms(self) -> NamedNode:
        """The IRI of the labels of the terms that are used."""
        return NamedNode(f"{self.base}terms")
