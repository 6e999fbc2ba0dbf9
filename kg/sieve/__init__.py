"""A sieve for SHACL: which shapes a node may break, found out fast; who breaks them pySHACL says.

    from kg.sieve.graph import Graph, grouped
    from kg.sieve.sieve import Sieve

    sieve = Sieve(shapes, subclasses)      # shapes/*.ttl as tables, see `kg.sieve.graph.tables`
    graph = Graph(nodes)                   # what paths and classes are looked up in
    for subject, table in grouped(lines):
        for shape in sieve.targets.aim(table).shapes:
            sieve.may_break(shape, subject, graph)

Everything is text here: a term is its canonical N-Triples form, with language tags in lower case,
as Oxigraph writes them. The sieve never lets through a node that pySHACL would report; a node that
it holds back for nothing only costs time. What it cannot compile is in ``sieve.uncompiled``.
"""
