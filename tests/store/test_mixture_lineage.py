"""Where a row comes from: its raw records, the fixes that led to its version, and what it was made of."""

from __future__ import annotations

from tests.builders import a_call, a_trajectory
from xlam_backend.store.mixture_lineage import LineageReader

_SECOND_VERSION = """
INSERT INTO trajectory SELECT * REPLACE (version_no + 100 AS version_no, 1 AS version, 'ab' AS content_id)
FROM trajectory WHERE version_no = 1;
INSERT INTO fix_act VALUES (1, 'one', 0, '', 'days as a number', 'ann', '2026-01-01'),
    (2, 'one', 0, '', 'a mistake', 'bob', '2026-01-02'),
    (3, 'undo', 2, '', 'taken back', 'bob', '2026-01-03');
INSERT INTO head_change VALUES (1, 1, 1, 101, '[]', '[]', '[]'), (2, 1, 101, 102, '[]', '[]', '[]'),
    (3, 1, 102, 101, '', '[]', '[]');
"""
_MADE = """
INSERT INTO derivation VALUES (2, 1, 101, 'ab', 'augmented',
    '{"format_name": "yaml", "style_name": "tags"}', '', false, 7, '{}', 'run', '2026-01-04');
INSERT INTO derivation VALUES (3, 99, 99, 'gone', 'augmented', 'null',
    '', false, 7, '{}', 'run', '2026-01-04');
"""


def test_a_lineage_holds_what_led_to_the_version_and_what_its_parent_went_through(store, fill):
    fill("weather", [a_trajectory([a_call(city=city)], query=city) for city in ("Oslo", "Rome", "Bern")])
    fill("again", [a_trajectory([a_call(city="Oslo")], query="Oslo")], file="other.jsonl")
    with store.write() as cursor:
        for statement in (*_SECOND_VERSION.split(";\n"), *_MADE.split(";\n")):
            if statement.strip():
                cursor.execute(statement)
    reader = LineageReader(store)
    told = {
        number: [(step.kind, step.words) for step in steps]
        for number, steps in reader.read({1: 101, 2: 2, 3: 3}).items()
    }
    own = [
        ("raw record", "again: other.jsonl, line 1"),
        ("raw record", "weather: rows.jsonl, line 1"),
        ("fix", "days as a number"),
    ]
    assert told[1] == own
    assert told[2] == [*own, ("augmentation", "augmented")]
    assert told[3] == [("augmentation", "augmented")]
    assert reader.read({1: 1})[1] == reader.read({1: 101})[1][:2]
    facts = reader.read({2: 2})[2][-1].facts
    assert (facts["seed"], facts["format"], facts["style"]) == (7, "yaml", "tags")
    assert facts["parent"] != "ab", "a parent is named by its permalink"
