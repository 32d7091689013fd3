"""Which pairs count: each outcome with real verdicts, the rules, alarms, and the rows that are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tests.builders import A_RESEARCHER, a_call, a_trajectory
from tests.unit.review.conftest import import_records
from xlam_backend.curation.evaluation_sets import mark
from xlam_backend.domain.candidate import Candidate
from xlam_backend.domain.filters import Filters
from xlam_backend.domain.finding import Finding
from xlam_backend.domain.pair import Pair, PairSide
from xlam_backend.domain.person import Person
from xlam_backend.domain.review import QueuePlan, VerdictDraft
from xlam_backend.errors import NotFoundError, SettingError
from xlam_backend.preference.counting import count_pairs
from xlam_backend.preference.figures import read_figures
from xlam_backend.preference.listing import ListWish, list_pairs, open_pair
from xlam_backend.preference.rows import read_rows
from xlam_backend.preference.selection import PairSelection
from xlam_backend.review.desk import claim_items, submit_verdict
from xlam_backend.review.queues import create_queue
from xlam_backend.store.candidates import write_candidates
from xlam_backend.store.connection import Store
from xlam_backend.store.pairs import write_pairs

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ANN, BOB = Person("ann", "annotator"), Person("bob", "annotator")
FLAG = Finding("argument_type", 1, "fix", "IAT", "A text.", 0, 0, "get_weather", "/days")
OSLO = PairSide("I look.", (a_call(city="Oslo", days=3),))

# One trajectory for each: what the rejected side is, its margin, its findings, and what Ann and Bob say.
PAIRS = {
    "confirmed": ({"city": "Rome"}, 0.2, (), ("chosen", "chosen")),
    "flipped": ({"city": "Rome"}, 2.0, (), ("rejected", "rejected")),
    "equal": ({"city": "Rome"}, 2.0, (), ("equal", "equal")),
    "both bad": ({"city": "Rome"}, 2.0, (), ("both_bad", "both_bad")),
    "disputed": ({"city": "Rome"}, 2.0, (), ("chosen", "rejected")),
    "half answered": ({"city": "Rome"}, 2.0, (), ("chosen",)),
    "large margin": ({"city": "Rome"}, 2.0, (), ()),
    "small margin": ({"city": "Rome"}, 0.5, (), ()),
    "unrated": ({"city": "Rome"}, None, (), ()),
    "flagged": ({"city": "Rome", "days": "3"}, 0.0, (FLAG,), ()),
    "scripted": ({"city": "Rome"}, 2.0, (), ()),
    "written otherwise": ({"city": "oslo", "days": 3}, 2.0, (), ()),
    "written wrongly": ({"city": "Oslo", "days": "3"}, 2.0, (FLAG,), ()),
    "upside down": ({"city": "Rome"}, -2.0, (), ()),
    "changed since": ({"city": "Rome"}, 2.0, (), ()),
    "wrong itself": ({"city": "Rome"}, 2.0, (), ()),
}
NAMES = list(PAIRS)


def number(name):
    """The number of a pair, and of its trajectory."""
    return NAMES.index(name) + 1


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store with one pair of each sort; no test changes it."""
    opened = Store.open(tmp_path_factory.mktemp("pairs") / "store", now=NOW)
    records = [
        a_trajectory(
            [a_call(city="Oslo", days="3" if name == "wrong itself" else 3)], query=f"{name}: Oslo, 3 days"
        )
        for name in NAMES
    ]
    import_records(opened, "weather", records)
    candidates = [_candidate(at, name) for at, name in enumerate(NAMES, 1)]
    with opened.write() as cursor:
        first = write_candidates(cursor, opened, candidates)
        write_pairs(cursor, opened, [_pair(at, name, first + at - 1) for at, name in enumerate(NAMES, 1)])
    _vote(opened)
    with opened.write() as cursor:  # what a fix leaves: a newer version, and the head on it
        changed = number("changed since")
        cursor.execute(
            "INSERT INTO trajectory SELECT * REPLACE (99 AS version_no, 1 AS version) FROM trajectory "
            f"WHERE version_no = {changed}"
        )
        cursor.execute(f"INSERT INTO head_change VALUES (1, {changed}, {changed}, 99, '', '', '')")
    yield opened
    opened.close()


def _candidate(at, name):
    arguments, margin, findings, _ = PAIRS[name]
    return Candidate(
        "r1", at, at, 0, "weak", "here", 0, "respond_next_step", 1, "h", "parsed", "rejected", "told so",
        NOW, tool_calls=(a_call(**arguments),), findings=findings, is_scripted=name == "scripted",
        score=None if margin is None else 3.0 - margin, own_score=None if margin is None else 3.0,
    )  # fmt: skip


def _pair(at, name, candidate_no):
    arguments, margin, _, _ = PAIRS[name]
    rejected = PairSide("", (a_call(**arguments),))
    return Pair(0, at, at, 0, candidate_no, "generated", OSLO, rejected, "wrong value", False, margin, NOW)


def _vote(store):
    queue_no = create_queue(store, QueuePlan("pairs", "pair", overlap=2), person=A_RESEARCHER, now=NOW)
    with store.cursor() as cursor:
        pair_of = dict(cursor.execute("SELECT item_no, pair_no FROM review_item").fetchall())
    for turn, person in enumerate((ANN, BOB)):
        for claim in claim_items(store, queue_no, person=person, count=len(NAMES), now=NOW):
            said = PAIRS[NAMES[pair_of[claim.item_no] - 1]][3]
            if len(said) > turn:
                draft = VerdictDraft(
                    f"{person.name}-{claim.item_no}", claim.item_no, claim.lease, preference=said[turn]
                )
                later = NOW + timedelta(seconds=9)
                assert submit_verdict(store, draft, person=person, now=later).state == "stored"


def outcomes(store, **selection):
    counted = count_pairs(store, PairSelection(**selection))
    return {NAMES[pair.facts.pair_no - 1]: pair.outcome for pair in counted.pairs}


def counting(store, **selection):
    return {name for name, outcome in outcomes(store, **selection).items() if outcome == "counts"}


def test_every_pair_has_one_outcome(store):
    assert outcomes(store) == {
        "confirmed": "counts",
        "flipped": "counts",
        "equal": "people see no better side",
        "both bad": "people see no better side",
        "disputed": "people disagree",
        "half answered": "people disagree",
        "large margin": "counts",
        "small margin": "the margin is too small",
        "unrated": "nothing shows that one side is worse",
        "flagged": "counts",
        "scripted": "counts",
        "written otherwise": "both sides mean the same",
        "written wrongly": "counts",
        "upside down": "the margin is too small",
        "changed since": "the trajectory was changed since",
        "wrong itself": "a rule flags the chosen side",
    }


def test_the_rule_decides_what_nobody_settled(store):
    people = {"confirmed", "flipped"}
    assert counting(store, rule="confirmed") == people
    # Of four settled pairs of this kind people confirmed one.
    assert counting(store, rule="sampled", least_share=0.3, least_settled=4) == people
    assert counting(store, rule="sampled", least_share=0.25, least_settled=5) == people
    vouched = counting(store, rule="sampled", least_share=0.25, least_settled=4)
    assert vouched == {
        *people, "large margin", "small margin", "unrated", "flagged", "scripted", "written wrongly",
        "upside down",
    }  # fmt: skip
    assert "small margin" in counting(store, least_margin=0.5)
    assert "scripted" not in counting(store, has_scripted=False)
    assert counting(store, origins=("corruption",)) == set()
    assert counting(store, filters=Filters(text="large margin")) == {"large margin"}
    for wrong in ({"rule": "mood"}, {"origins": ("air",)}, {"least_share": 2.0}, {"least_margin": 99.0}):
        with pytest.raises(SettingError):
            PairSelection(**wrong)


def test_rows_are_what_counts_with_the_sides_as_people_want_them(store):
    rows = {NAMES[row.pair_no - 1]: row for row in read_rows(store, PairSelection())}
    assert set(rows) == counting(store)
    plain, turned = rows["large margin"], rows["flipped"]
    assert (plain.chosen, plain.margin, plain.reason, plain.standing) == (
        OSLO,
        2.0,
        "wrong value",
        "not reviewed",
    )
    assert (turned.rejected, turned.margin, turned.reason, turned.standing) == (
        OSLO,
        -2.0,
        "other",
        "flipped",
    )
    assert turned.chosen.tool_calls == (a_call(city="Rome"),)
    assert plain.trajectory.query == "large margin: Oslo, 3 days"
    assert (plain.dataset, plain.source, plain.model, plain.origin) == (
        "weather",
        "weather",
        "weak",
        "generated",
    )
    assert rows["scripted"].is_scripted
    assert len({row.row_id for row in rows.values()}) == len(rows)
    assert [row.row_id for row in read_rows(store, PairSelection())] == [row.row_id for row in rows.values()]


def test_figures_add_up(store):
    figures = read_figures(store, PairSelection())
    assert (figures.total, figures.counting) == (len(NAMES), len(counting(store)))
    assert sum(figures.outcomes.values()) == figures.total
    assert sum(each.total for each in figures.margins) + figures.unrated == figures.total
    assert sum(each.counting for each in figures.margins) == figures.counting
    assert [each.low for each in figures.margins] == [-2 + 0.5 * step for step in range(9)]
    assert figures.reasons == {"wrong value": {"generated": figures.counting - 1}, "other": {"generated": 1}}
    [generated, corruption] = figures.origins
    assert (generated.standings["confirmed"], generated.standings["flipped"], generated.scripted) == (1, 1, 1)
    assert corruption.total == 0
    [known] = figures.confirmed
    assert (known.origin, known.reason, known.rate.hits, known.rate.total) == (
        "generated",
        "wrong value",
        1,
        4,
    )
    assert msgspec.json.decode(msgspec.json.encode(figures))["counting"] == figures.counting  # for commands


def test_sides_that_may_stand_the_wrong_way_round_raise_an_alarm(store):
    found = list_pairs(store, PairSelection(), ListWish(is_alarmed=True))
    assert {NAMES[each.judged.facts.pair_no - 1]: each.alarms for each in found.rows} == {
        "flipped": ("people prefer the rejected side",),
        "upside down": ("the chosen side is rated lower",),
        "wrong itself": ("the chosen side has more findings",),
    }
    assert found.total == 3
    assert found.rows[0].judged.standing == "flipped"  # people's word is the gravest
    assert sum(read_figures(store, PairSelection()).alarms.values()) == 3


def test_a_list_can_be_narrowed_and_a_pair_opened(store):
    wish = ListWish(outcome="counts", origin="generated", reason="wrong value")
    page = list_pairs(store, PairSelection(), wish, first=1, count=2)
    assert page.total == len(counting(store))
    assert len(page.rows) == 2
    opened = open_pair(store, number("flagged"), PairSelection(rule="confirmed"))
    assert (opened.listed.judged.outcome, opened.corruption) == ("nobody has confirmed it", None)
    assert [pair.kind for pair in opened.alignment.pairs] == ["other arguments"]
    with pytest.raises(NotFoundError):
        open_pair(store, 999, PairSelection())


def test_no_pair_of_an_evaluation_set_or_of_what_was_made_of_it_counts(tmp_path):
    opened = Store.open(tmp_path / "store", now=NOW)
    for name in ("quiz", "made", "talks"):
        import_records(opened, name, [a_trajectory([a_call(city="Oslo", days=3)], query=name)])
    pairs = [_pair(at, "large margin", 0) for at in (1, 2, 3)]
    with opened.write() as cursor:
        write_pairs(cursor, opened, pairs)
        cursor.execute(
            "INSERT INTO derivation VALUES (2, 1, 1, 'a', 'augmented', 'null', '', false, 7, '{}', 'r', ?)",
            [NOW.replace(tzinfo=None)],
        )
    assert count_pairs(opened, PairSelection()).numbers == [1, 2, 3]
    mark(opened, 1, is_evaluation=True, person=A_RESEARCHER, now=NOW)
    assert count_pairs(opened, PairSelection()).numbers == [3]
    opened.close()
