"""JSON values as HTML: coloured by kind, indented when long, inert whatever they hold."""

from __future__ import annotations

from typing import Any

from pages.parts.safe_text import LONGEST_TEXT, text_html
from xlam_backend.domain.shown_value import content_text as content_text
from xlam_backend.domain.shown_value import is_plain
from xlam_backend.domain.shown_value import json_text as json_text


def value_html(value: Any, longest: int = LONGEST_TEXT) -> str:
    """Return a JSON value as it would be written, its kind told by colour and by its quotes."""
    kind = "xs-str" if isinstance(value, str) else "xs-num" if is_plain(value) else "xs-val"
    return f'<span class="xs-val {kind}">{text_html(json_text(value), longest)}</span>'
