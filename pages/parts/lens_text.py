"""A training text as HTML: what is given, what is learnt, what is cut; told by more than colour."""

from __future__ import annotations

from collections.abc import Iterator

from pages.parts.safe_text import text_html
from xlam_backend.training_text.base import Segment

LONGEST_GIVEN = 12_000
LEGEND = (
    '<p class="xs-lens-legend"><span class="xs-given">given: the model reads it</span> '
    '<mark class="xs-learnt">learnt: the loss counts it</mark> '
    '<s class="xs-cut-off">cut: behind the context</s></p>'
)


def lens_html(segments: tuple[Segment, ...], cut_from: int | None, *, is_whole: bool) -> str:
    """Return the text; unless `is_whole`, the middle of long pieces is left out, with its length."""
    pieces = "".join(
        _piece_html(piece, is_cut, is_whole=is_whole) for piece, is_cut in _cut(segments, cut_from)
    )
    return f'<pre class="xs-lens" tabindex="0" aria-label="Training text">{pieces}</pre>'


def is_long(segments: tuple[Segment, ...]) -> bool:
    """Tell whether some piece is shown in part."""
    return any(len(segment.text) > LONGEST_GIVEN for segment in segments)


def _cut(segments: tuple[Segment, ...], cut_from: int | None) -> Iterator[tuple[Segment, bool]]:
    """Yield the pieces before and behind the place where the context ends."""
    at = 0
    for segment in segments:
        kept = len(segment.text) if cut_from is None else max(0, min(len(segment.text), cut_from - at))
        if kept:
            yield Segment(segment.text[:kept], segment.is_target), False
        if kept < len(segment.text):
            yield Segment(segment.text[kept:], segment.is_target), True
        at += len(segment.text)


def _piece_html(piece: Segment, is_cut: bool, *, is_whole: bool) -> str:
    shown = text_html(piece.text, len(piece.text)) if is_whole else _shortened(piece.text)
    tag, look = ("mark", "xs-learnt") if piece.is_target else ("span", "xs-given")
    inner = f'<{tag} class="{look}">{shown}</{tag}>'
    return f'<s class="xs-cut-off">{inner}</s>' if is_cut else inner


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_GIVEN:
        return text_html(text, len(text))
    half = LONGEST_GIVEN // 2
    between = f'<span class="xs-cut">… {len(text) - 2 * half:,} characters not shown …</span>'
    return f"{text_html(text[:half], half)}{between}{text_html(text[-half:], half)}"
