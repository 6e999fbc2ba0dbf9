"""The triple patterns of a query, with its property paths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.asking import paths
from kg.asking.tokens import Tokens, UnfollowedError, fresh_name, variable
from kg.vocab import RDF

TYPE = f"<{RDF.type.value}>"


@dataclass(frozen=True)
class Pattern:
    """A triple pattern. A variable is ``?name``; other terms are as the query writes them."""

    order: int
    """Its place among the patterns of the query."""
    subject: str
    verb: str
    path: paths.Path | None
    """None where the verb is a variable."""
    object: str


class PatternReader(Tokens):
    """Reads triple patterns; blank nodes, which a query uses as variables, become such."""

    def __init__(self, text: str) -> None:
        """Begin at the beginning of a query."""
        super().__init__(text)
        self.patterns = self.nodes = 0
        self.fresh = fresh_name(text)

    def same_subject(self) -> Iterator[Pattern]:
        """Read the patterns that begin with one subject."""
        bare = not self.sees("[")
        subject, inner = self._node()
        yield from inner
        if bare or not self.sees(".", "}"):
            yield from self._properties(subject)

    def _properties(self, subject: str) -> Iterator[Pattern]:
        """Read verbs and objects, as far as they are given."""
        while True:
            start = self.peek()
            path = None
            if start.kind == "variable":
                verb = variable(self.next().text)
            else:
                path = self._path()
                verb = self.text[start.start : self.offset]
            while True:
                order = self.patterns
                self.patterns += 1
                object_, inner = self._node()
                yield Pattern(order, subject, verb, path, object_)
                yield from inner
                if not self.taken(","):
                    break
            while more := self.taken(";"):
                if not self.sees(";"):
                    break
            if not more or self.sees(".", "}", "]"):
                return

    def _node(self) -> tuple[str, list[Pattern]]:
        if not self.taken("["):
            return self.term(), []
        self.nodes += 1
        node = f"?{self.fresh}node{self.nodes}"
        inner = [] if self.sees("]") else list(self._properties(node))
        self.take("]")
        return node, inner

    def term(self) -> str:
        """Read a variable or a term; a literal with its language or datatype."""
        found = self.next()
        if found.kind == "variable":
            return variable(found.text)
        if found.kind == "blank":
            name = re.sub(r"\W", lambda match: f"_{ord(match[0]):x}_", found.text[2:])
            return f"?{self.fresh}blank_{name}"
        if found.kind == "string":
            if self.peek().kind == "language" or self.taken("^^"):
                self.next()
        elif found.kind not in ("iri", "name", "number") and found.text not in ("TRUE", "FALSE"):
            raise UnfollowedError(f"'{found.text}'", found.start)
        return self.text[found.start : self.offset]

    def _path(self) -> paths.Path:
        either = [self._sequence()]
        while self.taken("|"):
            either.append(self._sequence())
        return either[0] if len(either) == 1 else paths.Either(tuple(either))

    def _sequence(self) -> paths.Path:
        path = self._step()
        return paths.Then(path, self._sequence()) if self.taken("/") else path

    def _step(self) -> paths.Path:
        if self.taken("^"):
            return paths.Inverse(self._step())
        if self.taken("!"):
            path = self._negated()
        elif self.taken("("):
            path = self._path()
            self.take(")")
        else:
            path = paths.Link(self._predicate())
        if self.sees("?", "*", "+"):
            path = paths.Repeated(path, self.next().text)
        return path

    def _negated(self) -> paths.Path:
        bracket = self.taken("(")
        forward: list[str] = []
        backward: list[str] = []
        while True:
            (backward if self.taken("^") else forward).append(self._predicate())
            if not (bracket and self.taken("|")):
                break
        if bracket:
            self.take(")")
        other, inverse = paths.Other(tuple(forward)), paths.Inverse(paths.Other(tuple(backward)))
        if not backward:
            return other
        return paths.Either((other, inverse)) if forward else inverse

    def _predicate(self) -> str:
        found = self.next()
        if found.kind in ("iri", "name"):
            return found.text
        if found.text != "A":
            raise UnfollowedError(f"'{found.text}'", found.start)
        return TYPE
