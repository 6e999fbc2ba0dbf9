"""A sieve for SHACL: which shapes a node may break, found out fast; who breaks them pySHACL says.

    sieve = Sieve(shapes, Subclasses(nodes))    # shapes/*.ttl as nodes, see `kg.sieve.graph.tables`
    sifting = Sifting(sieve, Graph(nodes), sample=4)
    sifting.take(nodes.items())                 # in one batch, or in many
    sifting.finish(sieve.targets.named, nodes)
    sifting.suspects                            # the pairs (shape, node) for pySHACL to judge

Everything is text here: a term is its canonical N-Triples form, with language tags in lower case,
as Oxigraph writes them. The sieve never lets through a node that pySHACL would report; a node that
it holds back for nothing only costs time. What it cannot compile is in ``sieve.uncompiled``.
"""
