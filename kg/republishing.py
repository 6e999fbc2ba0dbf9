"""Which articles are published with the dataset, and of which only the quotes may be.

``kg:republish`` in ``ontology/dataset.ttl`` says so, ``"whole"`` (the default) or ``"quotes"``: of
the dataset for all articles, of one article (by its IRI) for that one.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode

from kg.dataset import Dataset
from kg.folder import DESCRIPTION
from kg.model import Article, Place, Problem, Term
from kg.vocab import KG

WHOLE, QUOTES = Literal("whole"), Literal("quotes")


def republished(dataset: Dataset) -> Iterator[tuple[str, Article]]:
    """Yield the articles that are published whole, each with the path of its text.

    It is that of the IRI of the file, decoded as web servers do it, with ``.txt`` behind it.
    """
    assert dataset.description is not None
    said = _said(dataset)
    default = said.get(dataset.description.iri, [WHOLE])
    for article in dataset.articles.values():
        if said.get(dataset.iris.article(article), default) == [WHOLE]:
            yield f"file/{article.name}/{article.sha256[:12]}.txt", article


def check(dataset: Dataset) -> Iterator[Problem]:
    """Yield what is wrong with what the description says of republishing."""
    assert dataset.description is not None
    known = {dataset.description.iri, *dataset.works.values()}
    for node, values in _said(dataset).items():
        if node not in known:
            message = f"kg:republish is said of {node}, which is no article of this folder"
            mend = f"name the dataset, or an article: <{dataset.iris.base}article/NAME>"
            yield Problem(Place(DESCRIPTION), message, mend, check="folder")
        if len(values) > 1 or values[0] not in (WHOLE, QUOTES):
            shown = " and ".join(map(str, values))
            message = f"kg:republish of {node} is {shown}"
            mend = 'say "whole" or "quotes"'
            yield Problem(Place(DESCRIPTION), message, mend, check="folder")


def _said(dataset: Dataset) -> dict[NamedNode, list[Term]]:
    assert dataset.description is not None
    said: dict[NamedNode, list[Term]] = {}
    for subject, predicate, value in dataset.description.triples:
        if predicate == KG.republish and value not in said.setdefault(subject, []):
            said[subject].append(value)
    return said
