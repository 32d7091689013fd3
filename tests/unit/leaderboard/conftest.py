"""A store with evaluations and published tables."""

from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER
from xlam_backend.domain.evaluation import Evaluation, EvaluationItem
from xlam_backend.leaderboard.published import read_in_published
from xlam_backend.store.connection import Store
from xlam_backend.store.evaluations import write_evaluation, write_items

NOW = datetime(2026, 1, 1, tzinfo=UTC)

V4_HEADS = (
    "Rank,Overall Acc,Model,Model Link,Non-Live AST Acc,Non-Live Simple AST,Non-Live Multiple AST,"
    "Non-Live Parallel AST,Non-Live Parallel Multiple AST,Live Acc,Live Simple AST,Live Multiple AST,"
    "Live Parallel AST,Live Parallel Multiple AST,Multi Turn Acc,Web Search Acc,Memory Acc,"
    "Relevance Detection,Irrelevance Detection,Organization,License"
)


def v4_line(model, overall, *, web="50.00%", memory="50.00%"):
    return (
        f"1,{overall},{model},https://example.org/m,80.00%,80.00%,80.00%,80.00%,80.00%,70.00%,70.00%,70.00%,"
        f"70.00%,70.00%,40.00%,{web},{memory},75.00%,90.00%,Somebody,MIT"
    )


def v4_csv(*lines):
    return ("\n".join((V4_HEADS, *lines)) + "\n").encode()


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "opened", now=NOW)
    yield opened
    opened.close()


@pytest.fixture
def evaluate(store):
    """Write an evaluation; a mark for each question of a category: + right, - wrong, ? not answered."""

    def write(model="tiny", *, set_hash="h1", version="v4", **answers):
        evaluation = Evaluation(
            evaluation_no=0,
            model=model,
            question_set="small",
            set_hash=set_hash,
            version=version,
            mode="prompt",
            source="own",
            made_at=NOW,
            person="rita",
        )
        with store.write() as cursor:
            number = write_evaluation(cursor, store, evaluation)
            write_items(cursor, number, list(_items(answers)))
        return number

    return write


def _items(answers):
    place = 0
    for category, marks in answers.items():
        for number, mark in enumerate(marks):
            yield EvaluationItem(
                category=category,
                item_id=f"{category}_{number}",
                place=place,
                state="not answered" if mark == "?" else "answered",
                is_valid=None if mark == "?" else mark == "+",
            )
            place += 1


@pytest.fixture
def publish(store):
    """Read a published table in."""

    def read_in(content, name="v4_2025-12-16_overall.csv", **more):
        given = {"source": "a leaderboard", "person": A_RESEARCHER, "now": NOW, **more}
        return read_in_published(store, content, name, **given)

    return read_in
