"""The name of a model or tokenizer as it may stand in what leaves this machine."""

from __future__ import annotations

_OF_A_HUB = 1  # "organisation/model" has one stroke, a folder as a rule more


def portable_name(name: str) -> str:
    """Return a hub name as it is, and of a folder its last part: where it lies is nobody's business.

    >>> portable_name("Salesforce/xLAM-2-1b-fc-r"), portable_name("/home/ann/models/xlam/")
    ('Salesforce/xLAM-2-1b-fc-r', 'xlam')
    """
    plain = name.replace("\\", "/").rstrip("/")
    if plain.count("/") <= _OF_A_HUB and not plain.startswith(("/", "~", ".")):
        return name
    return plain.rpartition("/")[2]
