"""What of the leaderboard is shown, and in which order."""

import csv
import io

import pytest

from tests.builders import A_RESEARCHER, AN_ANNOTATOR
from tests.unit.leaderboard.conftest import NOW, v4_csv, v4_line
from xlam_backend.errors import AccessDeniedError, UnknownNameError
from xlam_backend.leaderboard.compare import comparable_values
from xlam_backend.leaderboard.rows import leaderboard_rows
from xlam_backend.leaderboard.view import LeaderView, arrange, render_rows, rows_by_key, sources_of


@pytest.fixture
def rows(store, evaluate, publish):
    evaluate("mine", multiple="+" * 150 + "-" * 50)
    publish(v4_csv(v4_line("low", "46.00%"), v4_line("high", "56.00%")))
    publish(v4_csv(v4_line("=cmd", "50.00%")), "v4_2025-11-01_overall.csv", source="another, (FC)")
    return leaderboard_rows(store, "v4")


def models(rows, **asked):
    return [row.model for row in arrange(rows, LeaderView(**asked))]


def test_whole_scores_are_ranked_and_what_was_run_in_part_is_not(rows):
    assert models(rows) == ["mine", "high", "=cmd", "low"]
    assert models(rows, sort="multiple") == ["high", "=cmd", "low", "mine"]
    assert models(rows, sort="model") == ["=cmd", "high", "low", "mine"]
    assert models(rows, sort="date")[0] == "mine"


def test_rows_are_filtered_and_pinned_ones_stay_on_top(rows):
    assert models(rows, text="somebody HIGH") == ["high"]
    assert models(rows, origin="own") == ["mine"]
    assert models(rows, source="another, (FC), 2025-11-01") == ["=cmd"]
    low = next(row.key for row in rows if row.model == "low")
    assert models(rows, text="high", pinned=(low,)) == ["low", "high"]
    assert sources_of(rows) == ("a leaderboard, 2025-12-16", "another, (FC), 2025-11-01")


def test_a_part_stands_beside_the_same_part_alone(rows):
    mine, high = (next(row for row in rows if row.model == name) for name in ("mine", "high"))
    assert comparable_values([high, mine], "overall") == (56, None)
    assert comparable_values([high, mine], "multiple") == (80, 75)
    assert comparable_values([mine, mine], "overall") == (75, 75)


def test_rows_are_found_by_their_keys(rows):
    assert [row.model for row in rows_by_key(rows, [rows[1].key, rows[0].key])] == [
        rows[1].model,
        rows[0].model,
    ]
    with pytest.raises(UnknownNameError):
        rows_by_key(rows, ["own-99"])


def test_the_csv_holds_every_column_and_starts_no_formula(store, rows):
    content = render_rows(store, rows, "v4", person=A_RESEARCHER, now=NOW)
    lines = list(csv.DictReader(io.StringIO(content.decode())))
    by_model = {line["Model"]: line for line in lines}
    assert by_model["mine"]["Overall"] == "N/A"
    assert by_model["mine"]["Overall of what was run"] == "75.00"
    assert by_model["high"]["Overall"] == "56.00"
    assert by_model["high"]["Date"] == "2025-12-16"
    assert "'=cmd" in by_model
    with pytest.raises(AccessDeniedError):
        render_rows(store, rows, "v4", person=AN_ANNOTATOR, now=NOW)
