"""What a judge said, in words: its chip, its reason, and the label of what the scripted model said."""

from __future__ import annotations

from html import escape

from pages.parts.levels import level_chip
from pages.parts.names import judge_title
from pages.parts.safe_text import text_html
from xlam_backend.domain.rating import SCRIPTED_LABEL, Rating
from xlam_backend.explore.trajectory_page import StoredRating

_LONGEST_REASON = 400


def said_words(rating: Rating) -> str:
    """Return what was said in a few words of our own: the verdict, the score with its scale, or nothing.

    The words of a verdict come from the judge's own list, never from the reply as it was.
    """
    if rating.state == "not_judged":
        return "not judged"
    if rating.score is not None:
        return f"{rating.score:g} on a scale of {rating.scale_low:g} to {rating.scale_high:g}"
    return rating.verdict


def rating_chip(rating: Rating) -> str:
    """Return the chip of a rating: a flag looks like the level judge, all else is plain."""
    if rating.is_flagged:
        return level_chip("judge", said_words(rating))
    mark = "–" if rating.state == "not_judged" else "✔"
    look = "plain" if rating.state == "not_judged" else "good"
    return f'<span class="xs-chip xs-{look}">{mark} {text_html(said_words(rating), 80)}</span>'


def scripted_chip() -> str:
    """Return the label of what the scripted local model rated or wrote."""
    return f'<span class="xs-chip xs-warn">{escape(SCRIPTED_LABEL)}</span>'


def rating_line(stored: StoredRating) -> str:
    """Return one rating on a line: chip, judge, reason; for the place it is about."""
    rating = stored.rating
    scripted = f" {scripted_chip()}" if rating.is_scripted else ""
    return (
        f"<div>{rating_chip(rating)} <b>{text_html(judge_title(rating.judge))}</b> "
        f"{text_html(rating.rationale, _LONGEST_REASON)}{scripted}</div>"
    )
