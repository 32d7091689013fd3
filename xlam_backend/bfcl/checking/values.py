"""Whether a value is among those allowed: texts loosely, lists item by item, dicts key by key.

>>> check_value("when", "April 1, 2024", ["april 1 2024"], Declared("string", str)) is None
True
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from xlam_backend.bfcl.checking.base import Fault, fault, shown, wrong_value
from xlam_backend.bfcl.checking.types import Declared

_IGNORED = str.maketrans({**dict.fromkeys(" ,./-_*^"), "'": '"'})


def loose(value: Any) -> Any:
    """A text without case, spaces and punctuation, with one kind of quotes; anything else as it is.

    >>> loose("New York, N.Y."), loose(3)
    ('newyorkny', 3)
    """
    return value.translate(_IGNORED).lower() if isinstance(value, str) else value


def check_value(
    name: str, value: Any, allowed: Sequence[Any], declared: Declared, *, is_counted: bool = False
) -> Fault | None:
    """The fault of a value that is not allowed, by the way in which values of its type are compared.

    With `is_counted`, as in v1, a dict must have as many keys as the allowed one.
    """
    python_type = declared.python_type
    if python_type is dict:
        return _check_dict(value, allowed, is_counted=is_counted)
    if python_type is list and declared.item_type is dict:
        return _check_dicts(value, allowed, is_counted=is_counted)
    if python_type is str:
        texts = [loose(answer) for answer in allowed if isinstance(answer, str)]
        return None if loose(value) in texts else wrong_value(name, value, allowed, "value_error:string")
    if python_type is list:
        lists = [_loose_items(answer) for answer in allowed]
        fits = _loose_items(value) in lists
        return None if fits else wrong_value(name, value, allowed, "value_error:list/tuple")
    return check_exactly(name, value, allowed)


def check_exactly(name: str, value: Any, allowed: Sequence[Any]) -> Fault | None:
    """The fault of a value that equals none of those allowed (in Python's sense: 1 equals 1.0)."""
    return None if value in allowed else wrong_value(name, value, allowed, "value_error:others")


def _loose_items(value: Any) -> list[Any]:
    # "" among the allowed answers gives []: an empty list may stand for what may be left out.
    return [loose(item) for item in value] if isinstance(value, Iterable) else [value]


def _check_dict(value: Any, allowed: Sequence[Any], *, is_counted: bool) -> Fault | None:
    """None as soon as one allowed dict fits, otherwise what is wrong compared to the last one."""
    found = Fault("dict_checker:unclear")
    for answer in allowed:
        if answer == "":
            continue
        against = _compare_dicts(value, answer, is_counted=is_counted)
        if against is None:
            return None
        found = against
    return found


def _compare_dicts(value: Any, answer: Any, *, is_counted: bool) -> Fault | None:
    if not isinstance(value, Mapping) or not isinstance(answer, Mapping):
        return Fault("dict_checker:unclear")
    if not is_counted:
        return _check_keys(value, answer)
    if len(value) != len(answer):
        return fault("value_error:dict_items", "Wrong number of parameters for dictionary.")
    return _check_given(value, answer)


def _check_keys(value: Mapping[Any, Any], answer: Mapping[Any, Any]) -> Fault | None:
    faults = [found for found in (_check_given(value, answer), _check_missing(value, answer)) if found]
    if not faults:
        return None
    # A missing key is looked for in any case, and names the error if there is one.
    return Fault(faults[-1].error_type, tuple(error for found in faults for error in found.errors))


def _check_given(value: Mapping[Any, Any], answer: Mapping[Any, Any]) -> Fault | None:
    for key, item in value.items():
        if key not in answer:
            return fault("value_error:dict_key", f"Unexpected dict key parameter: {shown(key)}.")
        allowed = [loose(one) for one in _listed(answer[key])]
        if loose(item) not in allowed:
            return wrong_value(str(key), item, allowed, "value_error:dict_value")
    return None


def _check_missing(value: Mapping[Any, Any], answer: Mapping[Any, Any]) -> Fault | None:
    for key, allowed in answer.items():
        if key not in value and "" not in _listed(allowed):
            return fault("value_error:dict_key", f"Missing dict key parameter: {shown(key)}.")
    return None


def _listed(allowed: Any) -> Sequence[Any]:
    """The allowed values of a key; question sets of one's own may give one value instead of a list."""
    return allowed if isinstance(allowed, list | str) else [allowed]


def _check_dicts(value: Sequence[Any], allowed: Sequence[Any], *, is_counted: bool) -> Fault | None:
    """Lists of dicts are compared one by one, in their order."""
    found = Fault("list_dict_checker:unclear")
    for answer in allowed:
        if not isinstance(answer, list | str) or len(value) != len(answer):
            found = fault("value_error:list_dict_count", "Wrong number of dictionaries in the list.")
            continue
        checked = (_check_dict(one, [other], is_counted=is_counted) for one, other in zip(value, answer))
        against = next(filter(None, checked), None)
        if against is None:
            return None
        found = against
    return found
