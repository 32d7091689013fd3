"""The ways in which the sections of a prompt are put together: the marks between them.

Styles of the xLAM paper (section 3.2), and the marks of the released models. A style is refused for a
prompt in whose texts its own marks stand: the model could not tell where a section ends.
"""

from __future__ import annotations

from functools import cache

import msgspec

from xlam_backend.domain.telling import SECTIONS as SECTIONS
from xlam_backend.domain.telling import Section as Section
from xlam_backend.errors import UnknownNameError

# What the sections are called inside marks, as the released models know them.
_TITLES: dict[Section, str] = {
    "task instruction": "TASK INSTRUCTION",
    "tools": "AVAILABLE TOOLS",
    "format instruction": "FORMAT INSTRUCTION",
    "examples": "FEW SHOT EXAMPLES",
    "query": "QUERY",
    "history": "HISTORY STEPS",
}


class SectionStyle(msgspec.Struct, frozen=True):
    """One way of putting sections together.

    begin, end   the marks around a section; "" where it stands without
    head, tail   what stands before the first and behind the last section
    is_fixed     the order of the sections is part of the style
    tool_indent  each tool as indented JSON with an empty line between; None = all tools as one JSON list
    """

    name: str
    title: str
    begin: dict[Section, str]
    end: dict[Section, str]
    head: str = ""
    tail: str = ""
    is_fixed: bool = False
    tool_indent: int | None = None

    def join(self, texts: dict[Section, str]) -> str:
        """Write the sections in the order given."""
        written = [f"{self.begin[section]}{text}{self.end[section]}" for section, text in texts.items()]
        return self.head + "\n\n".join(written) + self.tail

    def fits(self, texts: dict[Section, str]) -> bool:
        """Tell whether none of the style's marks stands inside a section's own text."""
        marks = marks_of(self.name)
        return not any(mark in text for text in texts.values() for mark in marks)


def _style(name: str, title: str, begin: str, end: str, **more: str | bool) -> SectionStyle:
    """Make a style whose marks name the section: {TITLE} in capitals, {tag} with underscores."""

    def mark(pattern: str, section: Section) -> str:
        return pattern.format(TITLE=_TITLES[section], tag=_TITLES[section].lower().replace(" ", "_"))

    return SectionStyle(
        name,
        title,
        {section: mark(begin, section) for section in SECTIONS},
        {section: mark(end, section) for section in SECTIONS},
        **more,  # type: ignore[arg-type]  # texts and booleans of the fields by their names
    )


_PLAIN_BEGIN: dict[Section, str] = {
    "task instruction": "",
    "tools": "These tools can be called:\n",
    "format instruction": "",
    "examples": "These are examples:\n",
    "query": "This is the query:\n",
    "history": "These steps were taken before:\n",
}
_NO_END: dict[Section, str] = dict.fromkeys(SECTIONS, "")

# The released models' own first and last lines (the model cards of xLAM-1b-fc-r and xLAM-7b-fc-r).
_FC_R_HEAD = (
    "You are an AI assistant for function calling. \nFor politically sensitive questions, security and "
    "privacy issues, \nand other non-computer science questions, you will refuse to answer### Instruction:\n"
)

STYLES: tuple[SectionStyle, ...] = (
    _style("start_end", "[START OF QUERY] … [END OF QUERY]", "[START OF {TITLE}]\n", "\n[END OF {TITLE}]"),
    _style("tags", "<query> … </query>", "<{tag}>\n", "\n</{tag}>"),
    SectionStyle("plain", "Plain text", _PLAIN_BEGIN, _NO_END),
    _style(
        "xlam_fc_r",
        "Marks of xLAM-1b-fc-r and xLAM-7b-fc-r",
        "[BEGIN OF {TITLE}]\n",
        "\n[END OF {TITLE}]",
        head=_FC_R_HEAD,
        tail="\n\n\n### Response:\n",
        is_fixed=True,
    ),
    _style(
        "xlam_r",
        "Marks of xLAM-7b-r, 8x7b-r and 8x22b-r",
        "[BEGIN OF {TITLE}]\n",
        "\n[END OF {TITLE}]",
        is_fixed=True,
    ),
    SectionStyle(
        "xlam_2",
        "Text of xLAM-2-fc-r",
        {**_NO_END, "tools": "The available tools are:\n\n"},
        _NO_END,
        is_fixed=True,
        tool_indent=4,
    ),
)

_BY_NAME = {style.name: style for style in STYLES}


@cache
def marks_of(name: str) -> tuple[str, ...]:
    """Return the marks of a style, without the line breaks around them."""
    style = style_by_name(name)
    marks = (*style.begin.values(), *style.end.values())
    return tuple(dict.fromkeys(mark.strip() for mark in marks if mark))


@cache
def encoded_marks_of(name: str) -> tuple[bytes, ...]:
    """Return the marks as they stand in JSON; none of them needs an escape there."""
    return tuple(mark.encode() for mark in marks_of(name))


def style_by_name(name: str) -> SectionStyle:
    """Return the style of this name."""
    style = _BY_NAME.get(name)
    if style is None:
        raise UnknownNameError("section style", name, _BY_NAME)
    return style
