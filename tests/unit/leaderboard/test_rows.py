"""The rows of the leaderboard: own and published ones, each with its source, comparable or not."""

import pytest

from tests.unit.leaderboard.conftest import v4_csv, v4_line
from xlam_backend.errors import InputError
from xlam_backend.leaderboard.compare import compare_rows
from xlam_backend.leaderboard.paper import paper_table, read_paper
from xlam_backend.leaderboard.rows import leaderboard_rows, usual_version


def rows_by_model(store, version="v4"):
    return {row.model: row for row in leaderboard_rows(store, version)}


def test_an_empty_store_shows_the_papers_rows(store):
    rows = leaderboard_rows(store, "v2")
    assert len(rows) == 55
    assert rows[0].model == "xLAM-8x22b-r (FC)"
    assert rows[0].values["overall"] == 87.31
    assert rows[0].date == read_paper().date
    assert "authors" in rows[0].notes[0]
    assert rows[0].size.billions == 141
    assert not leaderboard_rows(store, "v4")
    assert usual_version(store) == "v2"


def test_an_own_run_is_withheld_where_categories_are_missing(store, evaluate):
    evaluate(multiple="+" * 150 + "-" * 50, irrelevance="+" * 120 + "-" * 120)
    [row] = leaderboard_rows(store, "v4")
    assert "overall" not in row.values
    assert row.values["multiple"] == 75
    assert row.of_what_was_run["overall"] == pytest.approx((75 + 50) / 2)
    low, high = row.intervals["multiple"]
    assert low < 75 < high
    assert row.is_comparable
    assert "20 of 22" not in row.notes[0]
    assert "2 of 22 categories were run" in row.notes[0]
    assert usual_version(store) == "v4"


def test_a_set_of_other_questions_is_not_comparable(store, evaluate, publish):
    publish(v4_csv(v4_line("m", "56.00%")))
    evaluate(multiple="++--")
    rows = rows_by_model(store)
    assert rows["tiny"].question_set == "small"
    assert not rows["tiny"].is_comparable
    compared = compare_rows(store, [rows["m"], rows["tiny"]])
    assert compared.others[0].deltas["multiple"].because == "they answer other questions"


def test_what_was_not_answered_is_neither_right_nor_wrong(store, evaluate):
    evaluate(multiple="+" * 100 + "-" * 90 + "?" * 10)
    [row] = leaderboard_rows(store, "v4")
    assert "multiple" not in row.values
    assert row.of_what_was_run["multiple"] == pytest.approx(100 * 100 / 190)
    assert any("190 of 200" in note for note in row.notes)


def test_a_published_overall_that_counts_what_was_not_run_says_so(store, publish):
    publish(v4_csv(v4_line("whole", "56.00%"), v4_line("part", "36.00%", web="N/A", memory="N/A")))
    rows = rows_by_model(store)
    assert rows["whole"].notes == ()
    assert "counts what was not run (N/A) as 0" in rows["part"].notes[0]
    assert rows["part"].values["overall"] == 36
    assert "agentic" not in rows["part"].values


def test_files_of_one_publication_make_one_row(store, publish):
    publish(v4_csv(v4_line("m", "56.00%")))
    more = (
        b"Rank,Model,Multi Turn Overall Acc,Base,Miss Func,Miss Param,Long Context\n1,m,41%,40%,40%,40%,40%\n"
    )
    publish(more, "v4_2025-12-16_multi_turn.csv")
    [row] = leaderboard_rows(store, "v4")
    assert row.values["multi_turn_base"] == 40
    assert row.values["multi_turn"] == 40
    assert "40.00 in one file, 41.00 in v4_2025-12-16_multi_turn.csv" in row.notes[0]


def test_published_rows_of_other_days_stand_beside_each_other(store, publish):
    publish(v4_csv(v4_line("m", "56.00%")))
    publish(v4_csv(v4_line("m", "55.99%")), "v4_2025-11-01_overall.csv")
    assert [row.date for row in leaderboard_rows(store, "v4")] == ["2025-12-16", "2025-11-01"]


def test_own_runs_are_compared_question_by_question(store, evaluate):
    evaluate("before", multiple="+" * 10 + "-" * 10, irrelevance="+-")
    evaluate("after", multiple="+" * 18 + "-" * 2, irrelevance="+-")
    rows = rows_by_model(store)
    delta = compare_rows(store, [rows["before"], rows["after"]]).others[0].deltas
    assert delta["multiple"].value == pytest.approx(40)
    assert delta["multiple"].is_paired
    assert delta["multiple"].is_clear
    assert (delta["multiple"].test.only_first, delta["multiple"].test.only_second) == (0, 8)
    assert delta["irrelevance"].value == 0
    assert not delta["irrelevance"].is_clear
    assert delta["irrelevance_both"].of_categories == 2
    assert delta["irrelevance_both"].categories == 1
    assert delta["live_ast"].because == "not run by both"
    back = compare_rows(store, [rows["after"], rows["before"]]).others[0].deltas["multiple"]
    assert (back.value, back.low, back.high) == pytest.approx(
        (-delta["multiple"].value, -delta["multiple"].high, -delta["multiple"].low)
    )


def test_a_published_row_is_compared_without_pairs(store, evaluate, publish):
    evaluate("mine", multiple="+" * 180 + "-" * 20)
    publish(v4_csv(v4_line("theirs", "56.00%")))
    rows = rows_by_model(store)
    delta = compare_rows(store, [rows["theirs"], rows["mine"]]).others[0].deltas["multiple"]
    assert delta.value == pytest.approx(10)
    assert not delta.is_paired
    assert delta.low < 10 < delta.high


def test_rows_of_a_table_without_counts_have_a_difference_and_no_interval(store):
    first, second = leaderboard_rows(store, "v2")[:2]
    delta = compare_rows(store, [first, second]).others[0].deltas["overall"]
    assert delta.value == pytest.approx(85.79 - 87.31)
    assert delta.low is None


def test_two_to_five_rows_of_one_version_are_compared(store, publish):
    publish(v4_csv(v4_line("m", "56.00%")))
    rows = leaderboard_rows(store, "v2")
    for chosen in (rows[:1], rows[:6], (rows[0], *leaderboard_rows(store, "v4"))):
        with pytest.raises(InputError):
            compare_rows(store, chosen)


def test_the_papers_tables_are_those_of_the_paper(shared_data):
    for number in range(1, 6):
        lines = (shared_data / "published" / f"table{number}.csv").read_text("utf-8").splitlines()[1:]
        wanted = [line.split(",")[1 if number == 5 else 0 :] for line in lines]
        table = paper_table(number)
        assert len(table.rows) == len(wanted)
        for row, cells in zip(table.rows, wanted, strict=True):
            if number == 5:
                cells = [cells[1], cells[0], *cells[2:]]
            assert len(row) == len(table.heads) == len(cells)
            for shown, cell in zip(row, cells, strict=True):
                assert shown == (None if cell == "-" else float(cell) if isinstance(shown, float) else cell)
