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
ALMOST = 0.99
NEAR = 0.2  # from here on two tools are worth showing beside each other

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+")


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
    """Return the words that a name is made of; numbers in names say nothing.

    >>> sorted(words_of("weather.getForecast_v2"))
    ['forecast', 'get', 'v', 'weather']
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
        self._by_name_word: dict[str, list[int]] = {}
        counts: Counter[str] = Counter()
        for number, words in enumerate(self._names):
            counts.update(words | self._parameters[number])
            for word in words:
                self._by_name_word.setdefault(word, []).append(number)
        self._rarest = math.log(len(known) + 2)  # the weight of a word that no tool has
        self._weights = {word: math.log((len(known) + 2) / (count + 1)) for word, count in counts.items()}
        self._name_weights = [self._weight(words) for words in self._names]
        self._parameter_weights = [self._weight(words) for words in self._parameters]
        self._found: dict[ToolSignature, list[Match]] = {}

    def find(self, wanted: ToolSignature) -> list[Match]:
        """Return the tools that are like this one (NEAR at least), the most alike first."""
        if wanted not in self._found:
            self._found[wanted] = sorted(self._near(wanted), key=lambda match: self._order(match, wanted))
        return self._found[wanted]

    def _order(self, match: Match, wanted: ToolSignature) -> tuple[float, bool, ToolSignature]:
        known = self._known[match.number]
        return -match.likeness, known.name != wanted.name, known

    def _near(self, wanted: ToolSignature) -> Iterator[Match]:
        name, parameters = words_of(wanted.name), _parameter_words(wanted)
        name_weight, parameter_weight = self._weight(name), self._weight(parameters)
        for number in {number for word in name for number in self._by_name_word.get(word, ())}:
            by_name = self._share(name & self._names[number], name_weight + self._name_weights[number])
            shared = parameters & self._parameters[number]
            by_parameters = self._share(shared, parameter_weight + self._parameter_weights[number])
            takes_nothing = not parameters and not self._parameters[number]
            likeness = by_name if takes_nothing else NAME_SHARE * by_name + (1 - NAME_SHARE) * by_parameters
            if is_same_tool(wanted, self._known[number]):
                yield Match(number, SAME)
            elif likeness >= NEAR:
                # Below the same tool, however much is shared: it has other parameters, or another name.
                yield Match(number, min(ALMOST, likeness))

    def _share(self, shared: frozenset[str], both: float) -> float:
        """Return the weight of shared words as a share of all words of two sides, which weigh `both`."""
        weight = self._weight(shared)
        every = both - weight
        return weight / every if every > 0 else 1.0

    def _weight(self, words: Iterable[str]) -> float:
        return math.fsum(self._weights.get(word, self._rarest) for word in words)


def _parameter_words(signature: ToolSignature) -> frozenset[str]:
    return frozenset(word for name in signature.parameters for word in words_of(name))
