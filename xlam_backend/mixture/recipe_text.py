"""Recipes as YAML: read with every fault named by its line, and written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from xlam_backend.domain.filters import Filters
from xlam_backend.domain.near_names import nearest_names
from xlam_backend.errors import InputError
from xlam_backend.mixture.recipe import MOST_EPOCHS, Recipe, Rules, Source
from xlam_backend.mixture.yaml_places import Path, Placed, PlacedFault, YamlFaultError, read_placed

LONGEST_NAME = 80
MOST_SOURCES = 50
_MOST_ROWS = 1_000_000_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+-]*")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_PLACE = re.compile(r" - at `\$(.*)`$")
_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]")
_ROUNDING = 1e-9


class RecipeFaultError(InputError):
    """A text is no recipe; `faults` says what is wrong on which line."""

    def __init__(self, faults: tuple[PlacedFault, ...]) -> None:
        words = "; ".join(f"line {fault.line}: {fault.words}" for fault in faults)
        super().__init__(f"This recipe cannot be used: {words}.", "Correct these lines.")
        self.faults = faults


def read_recipe(text: str) -> Recipe:
    """Return the recipe that a text says.

    Raises:
        RecipeFaultError: it says none.
    """
    placed = _placed(text)
    recipe = _convert(placed)
    faults = tuple(PlacedFault(placed.line_of(path), words) for path, words in find_faults(recipe))
    if faults:
        raise RecipeFaultError(faults)
    return recipe


def read_draft(text: str) -> Recipe:
    """Return what a text says that has the form of a recipe, even where it cannot be carried out.

    Raises:
        RecipeFaultError: it has not even the form.
    """
    return _convert(_placed(text))


def _placed(text: str) -> Placed:
    try:
        placed = read_placed(text)
    except YamlFaultError as error:
        raise RecipeFaultError((error.fault,)) from error
    if not isinstance(placed.value, dict):
        raise RecipeFaultError((PlacedFault(1, "a recipe is a list of keys, beginning with `name:`"),))
    unknown = tuple(_unknown_keys(placed))
    if unknown:
        raise RecipeFaultError(unknown)
    return placed


def _convert(placed: Placed) -> Recipe:
    try:
        return msgspec.convert(_with_shares(placed), Recipe)
    except msgspec.ValidationError as error:
        raise RecipeFaultError((_fault_of(placed, str(error)),)) from error


def write_recipe(recipe: Recipe) -> str:
    """Return a recipe as YAML; reading it again gives the same recipe."""
    import yaml  # here: pages and commands that write no recipe need not wait for it

    said = msgspec.to_builtins(recipe)
    ordered = {key: said[key] for key in Recipe.__struct_fields__ if key in said and key != "sources"}
    ordered["sources"] = [_source_as_said(source) for source in said["sources"]]
    text: str = yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=100)
    return text


def find_faults(recipe: Recipe) -> Iterator[tuple[Path, str]]:
    """Yield what makes a recipe impossible, whatever the store holds, with the place of each."""
    if not _NAME.fullmatch(recipe.name) or len(recipe.name) > LONGEST_NAME:
        yield (
            ("name",),
            f"a name has letters, digits, spaces, . _ + - and at most {LONGEST_NAME} characters",
        )
    if not recipe.sources:
        yield ("sources",), "there is no source; name at least one"
    if len(recipe.sources) > MOST_SOURCES:
        yield ("sources",), f"there are more than {MOST_SOURCES} sources"
    if recipe.size is not None and not 0 < recipe.size <= _MOST_ROWS:
        yield ("size",), "a size is a number of rows above 0"
    if not 0 < recipe.context <= _MOST_ROWS:
        yield ("context",), "a context is a number of tokens above 0"
    if not -(2**63) <= recipe.seed < 2**63:
        yield ("seed",), "a seed has at most 63 bits"
    names: set[str] = set()
    for at, source in enumerate(recipe.sources):
        for key, words in _source_faults(source):
            called = source.name.strip()[:LONGEST_NAME] or f"source {at + 1}"
            yield ("sources", at, key), f"{called}: {words}"
        if source.name in names:
            yield ("sources", at, "name"), f"a second source is called {source.name!r}"
        names.add(source.name)
    yield from _share_faults(recipe)


def _source_faults(source: Source) -> Iterator[tuple[str, str]]:
    if not source.name.strip() or len(source.name) > LONGEST_NAME:
        yield "name", f"a source has a name of 1 to {LONGEST_NAME} characters"
    if source.share is not None and source.count is not None:
        yield "count", "a source has a share or a count, not both"
    if source.share is not None and not 0 < source.share <= 1:
        yield "share", f"a share is above 0 % and at most 100 %, this is {100 * source.share:g} %"
    if source.count is not None and not 0 < source.count <= _MOST_ROWS:
        yield "count", "a count is a number of rows above 0"
    if not 1 <= source.epochs <= MOST_EPOCHS:
        yield "epochs", f"epochs are a whole number from 1 to {MOST_EPOCHS}"
    rating = source.filters.min_rating
    if rating is not None and not 0 <= rating <= 1:
        yield "filters", "min_rating is a share of the scale, from 0 to 1"


def _share_faults(recipe: Recipe) -> Iterator[tuple[Path, str]]:
    shares = [source.share for source in recipe.sources if source.share is not None]
    if not all(0 < share <= 1 for share in shares):
        return  # such a share was told already; what it adds up to says nothing
    total = sum(shares)
    if total > 1 + _ROUNDING:
        yield ("sources",), f"the shares add up to {100 * total:g} %, which is over 100 %"
    elif shares and len(shares) == len(recipe.sources) and total < 1 - _ROUNDING:
        yield ("sources",), f"the shares add up to {100 * total:g} %; nothing says what the rest is"
    elif shares and len(shares) < len(recipe.sources) and total > 1 - _ROUNDING:
        yield ("sources",), "the shares add up to 100 %, so sources without a share have no room"
    if recipe.size is not None and recipe.sources and len(shares) < len(recipe.sources):
        yield ("size",), "a size needs a share for every source; give shares, or leave the size out"


def _unknown_keys(placed: Placed) -> Iterator[PlacedFault]:
    recipe = placed.value
    yield from _unknown_in(placed, recipe, (), Recipe)
    yield from _unknown_in(placed, recipe.get("rules"), ("rules",), Rules)
    sources = recipe.get("sources")
    for at, source in enumerate(sources if isinstance(sources, list) else ()):
        yield from _unknown_in(placed, source, ("sources", at), Source)
        if isinstance(source, dict):
            yield from _unknown_in(placed, source.get("filters"), ("sources", at, "filters"), Filters)


def _unknown_in(placed: Placed, value: Any, path: Path, kind: type[msgspec.Struct]) -> Iterator[PlacedFault]:
    if not isinstance(value, dict):
        return
    known = kind.__struct_fields__
    for key in value:
        if key not in known:
            near = nearest_names(key, known)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
            yield PlacedFault(placed.line_of((*path, key)), f"there is no key {key[:80]!r} here; {hint}")


def _with_shares(placed: Placed) -> dict[str, Any]:
    """Return the value with shares such as 25 % as numbers, and a lone name where a list may stand as one."""
    recipe: dict[str, Any] = placed.value
    sources = recipe.get("sources")
    if not isinstance(sources, list):
        return recipe
    return {**recipe, "sources": [_plain_source(source) for source in sources]}


def _plain_source(source: Any) -> Any:
    if not isinstance(source, dict):
        return source
    plain = {key: value for key, value in source.items() if value is not None}
    share = plain.get("share")
    if isinstance(share, str) and (percent := _PERCENT.fullmatch(share.strip())):
        plain["share"] = float(percent[1]) / 100
    for key in ("datasets", "read_as"):
        if isinstance(plain.get(key), str):
            plain[key] = [plain[key]]
    return plain


def _fault_of(placed: Placed, words: str) -> PlacedFault:
    found = _PLACE.search(words)
    path: Path = ()
    if found:
        path = tuple(name or int(number) for name, number in _STEP.findall(found[1]))
    what = _PLACE.sub("", words)
    named = f"{path[-1]}: " if path and isinstance(path[-1], str) else ""
    return PlacedFault(placed.line_of(path), f"{named}{what[0].lower()}{what[1:]}")


def _source_as_said(source: dict[str, Any]) -> dict[str, Any]:
    ordered = {key: source[key] for key in Source.__struct_fields__ if key in source}
    share = ordered.get("share")
    if isinstance(share, float):
        percent = f"{100 * share:.12g}"
        if float(percent) / 100 == share:
            ordered["share"] = f"{percent} %"
    return ordered
