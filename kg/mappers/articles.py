"""The articles themselves, as works."""

from __future__ import annotations

from kg.fields import Concept, Language, Link, Node, Ref, Text
from kg.mapping import Triples, maps, properties
from kg.measures import Date
from kg.vocab import KG, RDF, RDFS, SCHEMA


class ArticleType(Concept):
    """What an article is: news-article, interview, blog-post, press-release …"""

    scheme = SCHEMA.Article


@maps
def article(
    *,
    article: Node,
    title: Text,
    type: ArticleType | None = None,
    subtitle: tuple[Text, ...] = (),
    language: Language | None = None,
    author: tuple[Ref, ...] = (),
    author_description: tuple[Text, ...] = (),
    publisher: tuple[Ref, ...] = (),
    section: tuple[Text, ...] = (),
    published: Date | None = None,
    updated: Date | None = None,
    about: tuple[Ref, ...] = (),
    based_on: tuple[Ref, ...] = (),
    url: Link | None = None,
    retrieved: Date | None = None,
) -> Triples:
    """The article of this fact file: its title and what it says of itself."""
    yield from properties(
        article,
        {
            RDF.type: (SCHEMA.Article, *((type,) if type else ())),
            RDFS.label: title,
            SCHEMA.headline: title,
            SCHEMA.alternativeHeadline: subtitle,
            SCHEMA.inLanguage: language,
            SCHEMA.author: author,
            KG.authorDescription: author_description,
            SCHEMA.publisher: publisher,
            SCHEMA.articleSection: section,
            SCHEMA.datePublished: published,
            SCHEMA.dateModified: updated,
            SCHEMA.about: about,
            SCHEMA.isBasedOn: based_on,
            SCHEMA.url: url,
            KG.retrieved: retrieved,
        },
    )
