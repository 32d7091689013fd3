"""Keys from the environment never reach a file of a run: their values are struck out of what is written."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import lru_cache

_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)S?$", re.IGNORECASE)
# Shorter values ("1", "none", "dummy") are no keys, and would be struck out of ordinary words.
_SHORTEST = 8

STRUCK_OUT = "[key struck out]"


def redact(text: str, environment: Mapping[str, str] | None = None) -> str:
    """Return the text without the values of the environment's keys.

    >>> redact("sent sk-12345678 along", {"OPENAI_API_KEY": "sk-12345678", "HOME": "sent"})
    'sent [key struck out] along'
    """
    for value in secret_values(os.environ if environment is None else environment):
        if value in text:
            text = text.replace(value, STRUCK_OUT)
    return text


def secret_values(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values of the variables whose names say that they are keys, the longest first."""
    found = {value for name, value in environment.items() if len(value) >= _SHORTEST and _is_secret(name)}
    found |= {json.dumps(value)[1:-1] for value in found}  # as it stands inside a JSON document
    return tuple(sorted(found, key=lambda value: (-len(value), value)))


@lru_cache(maxsize=4096)
def _is_secret(name: str) -> bool:
    return bool(_SECRET_NAME.search(name))
