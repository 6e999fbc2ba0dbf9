"""A folder built in shards of a few thousand facts: the same bytes, in bounded memory.

survey   one look through all fact files: names, and which articles belong together
mapping  shard by shard: facts -> claims, laid aside; what only all shards together can tell
joining  that: labels of things told elsewhere, conflicts between shards, numbers
writing  shard by shard: claims -> pieces of dumps, sorted
merging  the pieces of all shards, one dump after the other

A *spread* thing is one of which facts of several articles tell. All else is known in one shard, so
that what has to be joined is little. Each shard is a `kg.dataset.Dataset` like any other.
"""
