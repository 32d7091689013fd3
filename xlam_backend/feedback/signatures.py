"""What tells one tool from another: its name and its parameters, as words; and how alike two tools are."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from xlam_backend.domain.near_names import bare_name
from xlam_backend.domain.tool import Tool
from xlam_backend.domain.tool_schema import read_schema

NAME_SHARE = 0.6  # how much of the likeness the name decides, the parameters the rest
SAME = 1.0
NEAR = 0.3  # from here on two tools are worth showing beside each other

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+|\d+")


class ToolSignature(msgspec.Struct, frozen=True, order=True):
    """A tool by its name and the names of its parameters, in order of the alphabet."""

    name: str
    parameters: tuple[str, ...] = ()


def signature_of(tool: Tool) -> ToolSignature:
    """Return the signature of a tool in whatever form its parameters are written.

    >>> signature_of(Tool("get_weather", parameters={"days": {"type": "int"}, "city": {"type": "str"}}))
    ToolSignature(name='get_weather', parameters=('city', 'days'))
    """
    return ToolSignature(tool.name, tuple(sorted(read_schema(tool).parameters)))


def words_of(name: str) -> frozenset[str]:
    """Return the words that a name is made of.

    >>> sorted(words_of("weather.getForecast_v2"))
    ['2', 'forecast', 'get', 'v', 'weather']
    """
    return frozenset(word.casefold() for word in _WORD.findall(name))


def is_same_tool(one: ToolSignature, other: ToolSignature) -> bool:
    """Tell whether two tools have the same name, but for case and separators, and the same parameters."""
    return bare_name(one.name) == bare_name(other.name) and one.parameters == other.parameters


class Match(msgspec.Struct, frozen=True):
    """A known tool, by its number, and how like it is to the one asked about: 1 is the same."""

    number: int
    likeness: float


class SignatureSearch:
    """Finds the tools of a list that are most like a given one.

    Likeness is the share of words in common, rare words counting more than frequent ones (the logarithm of
    how few tools have them): that two tools both "get" something says little.
    """

    def __init__(self, known: Sequence[ToolSignature]) -> None:
        self._known = known
        self._names = [words_of(one.name) for one in known]
        self._parameters = [_parameter_words(one) for one in known]
        self._by_word: dict[str, list[int]] = {}
        for number, words in enumerate(self._names):
            for word in words | self._parameters[number]:
                self._by_word.setdefault(word, []).append(number)
        self._counts = Counter({word: len(numbers) for word, numbers in self._by_word.items()})

    def find(self, wanted: ToolSignature, *, least: float = NEAR) -> list[Match]:
        """Return the tools at least so like this one, the most alike first."""
        name, parameters = words_of(wanted.name), _parameter_words(wanted)
        found = [
            Match(number, SAME if is_same_tool(wanted, self._known[number]) else likeness)
            for number, likeness in self._near(name, parameters)
        ]
        return sorted(
            (match for match in found if match.likeness >= least),
            key=lambda match: (
                -match.likeness,
                self._known[match.number].name != wanted.name,
                self._known[match.number],
            ),
        )

    def _near(self, name: frozenset[str], parameters: frozenset[str]) -> Iterator[tuple[int, float]]:
        for number in self._sharing(name):
            by_name = self._share(name, self._names[number])
            by_parameters = self._share(parameters, self._parameters[number])
            # Below the same tool, however much is shared: it has other parameters, or another name.
            yield number, min(0.99, NAME_SHARE * by_name + (1 - NAME_SHARE) * by_parameters)

    def _sharing(self, words: Iterable[str]) -> set[int]:
        """Return the tools whose name or parameters share a word with the name asked about."""
        return {number for word in words for number in self._by_word.get(word, ())}

    def _share(self, one: frozenset[str], other: frozenset[str]) -> float:
        if not one and not other:
            return 1.0
        every = self._weight(one | other)
        return self._weight(one & other) / every if every else 0.0

    def _weight(self, words: Iterable[str]) -> float:
        count = len(self._known)
        return math.fsum(math.log((count + 2) / (self._counts[word] + 1)) for word in words)


def _parameter_words(signature: ToolSignature) -> frozenset[str]:
    return frozenset(word for name in signature.parameters for word in words_of(name))
