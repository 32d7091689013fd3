"""The block that shows a trajectory: everything in its place, and whatever the data holds is inert."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.parts.evidence_marks import EvidenceMarks
from pages.parts.json_html import json_text
from pages.parts.safe_text import one_line, show_hidden, text_html
from pages.parts.trajectory_view import is_cut, trajectory_html
from tests.builders import a_call, a_step, a_tool, a_trajectory
from xlam_backend.domain.evidence import Evidence
from xlam_backend.domain.finding import Finding
from xlam_backend.domain.tool_schema import schemas_by_name
from xlam_backend.domain.trajectory import Observation, Step, ToolCall
from xlam_backend.explore.trajectory_page import (
    StoredFinding,
    TrajectoryPage,
    evidence_by_call,
)
from xlam_backend.store.dataset_list import DatasetRow
from xlam_backend.store.version_findings import VersionFindings

MARKUP = "<script>x</script><img src=x onerror=y></div>'\"&amp;"
TAGS = {
    "div",
    "section",
    "h4",
    "span",
    "details",
    "summary",
    "pre",
    "p",
    "b",
    "i",
    "a",
    "mark",
    "header",
    "code",
    "table",
    "colgroup",
    "col",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "br",
}


def a_page(trajectory, findings=(), ratings=()):
    schemas = schemas_by_name(trajectory.tools)
    stored = tuple(StoredFinding(number, "", finding) for number, finding in enumerate(findings, 1))
    return TrajectoryPage(
        trajectory_id="id",
        trajectory_no=1,
        version_no=1,
        version=0,
        is_current=True,
        trajectory=trajectory,
        schemas=schemas,
        evidence=evidence_by_call(trajectory, schemas),
        findings=VersionFindings(stored, (), (), was_checked=True),
        ratings=tuple(ratings),
        versions=(),
        history=(),
        places=(),
        dataset=DatasetRow(1, "d", "s", "unified_1", 1, "none"),
    )


class Tags(HTMLParser):
    """Collects tags and attributes, and that every one that opens is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.attributes = [], set(), set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("col", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def read(shown):
    tags = Tags()
    tags.feed(shown)
    assert tags.open == []
    return tags


def hostile(text):
    call = ToolCall(text, {text: text, "deep": {text: [text]}}, unreadable=text)
    steps = (
        Step(text, (call,), (Observation(text, name=text), Observation({text: text})), text),
        Step(text, (call,), (), text),
    )
    tool = a_tool(
        text, {text: {"type": text, "description": text, "default": text, "enum": [text]}}, description=text
    )
    trajectory = a_trajectory(
        steps=list(steps),
        tools=[tool],
        query=text,
        task_instruction=text,
        format_instruction=text,
        few_shot_examples=(text,),
        extra={text: text},
    )
    finding = Finding(text, 1, "reject", "IAV", text, 0, 0, text, "/" + text, {text: text})
    return a_page(trajectory, [finding])


@given(st.text(max_size=40).map(lambda more: MARKUP + more))
def test_no_text_becomes_markup(text):
    page = hostile(text)
    tags = read(trajectory_html(page))
    assert tags.seen <= TAGS
    assert tags.attributes <= {"class", "id", "href", "title", "style", "colspan", "aria-hidden"}


def test_text_is_shown_as_it_is():
    shown = html.unescape(re.sub("<[^>]+>", "", trajectory_html(hostile(MARKUP))))
    assert shown.count(MARKUP) > 20


def test_hidden_characters_are_shown_by_their_codes():
    assert text_html("a\u202eb\x00") == 'a<i class="xs-hidden">U+202E</i>b<i class="xs-hidden">U+0000</i>'
    assert show_hidden("a\ufeffb") == "a⟨U+FEFF⟩b"
    assert one_line("a\n\tb" + "c" * 500, 5) == "a bcc…"


def test_long_texts_are_cut_and_say_so_until_they_are_asked_for_whole():
    page = a_page(a_trajectory(query="q" * 30_000))
    assert "10,000 more characters not shown" in trajectory_html(page)
    assert is_cut(page.trajectory)
    assert "more characters" not in trajectory_html(page, longest=1_000_000)


@pytest.mark.parametrize("level", ["reject", "fix", "warn", "judge"])
def test_a_finding_marks_the_row_of_its_argument(level):
    look = {"reject": "xs-bad", "fix": "xs-mend"}.get(level, "xs-look")
    finding = Finding("argument_type", 1, level, "IAT", "the days are odd", 0, 0, "get_weather", "/days")
    shown = trajectory_html(a_page(a_trajectory([a_call(city="Oslo", days="2")]), [finding]))
    row = shown.split(f'<tr class="{look}">')[1].split("</tr>")[0]
    assert "days" in row
    assert "integer" in row
    assert "the days are odd" in shown


def test_a_missing_argument_has_a_row_and_an_unknown_one_says_so():
    missing = Finding("missing_argument", 1, "reject", "IAV", "city is missing", 0, 0, "get_weather", "/city")
    shown = trajectory_html(a_page(a_trajectory([a_call(town="Oslo")]), [missing]))
    assert "not given" in shown
    assert "not among the parameters" in shown


def test_a_value_leads_to_the_words_that_support_it():
    trajectory = a_trajectory(
        query="What is the weather in Oslo?",
        steps=[
            a_step(a_call(city="Oslo"), observations=("Bergen is warmer",)),
            a_step(a_call(city="Bergen")),
            a_step(a_call(city="Rome")),
        ],
    )
    shown = trajectory_html(a_page(trajectory))
    for words in ("Oslo", "Bergen"):
        mark = re.search(rf'<mark id="([^"]+)">{words}</mark>', shown)
        assert f'href="#{mark[1]}"' in shown
    assert "no support" in shown.split("Rome")[1]


def test_overlapping_words_are_marked_once():
    found = {
        "/a": Evidence("query", "exact", "Oslo now", 0, 8),
        "/b": Evidence("query", "exact", "now", 5, 8),
    }
    marks = EvidenceMarks({(0, 0): found})
    assert marks.marked_html("Oslo now", ("query", -1, -1)).count("<mark") == 1


def test_a_source_without_tools_is_not_held_against_them():
    shown = trajectory_html(a_page(a_trajectory(tools=[], tools_stated=False)))
    assert "The source does not say which tools there were." in shown
    assert "not on offer" not in shown


def test_numbers_that_json_cannot_write_are_shown():
    assert json_text(float("inf")) == "inf"
    assert json_text({"a": 2**70}).startswith('{"a": 118')
