"""Curves read on as their file grows, let the last attempt of a step count, and keep peaks when thinned."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlam_backend.training.curves import Series, read_curves, smooth, thin_out
from xlam_backend.training.metrics_file import SamplePrediction, metrics_path, tell_metrics, tell_samples


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "state").mkdir()
    return tmp_path


def tell(folder, attempt, steps, **numbers):
    for step in steps:
        told = {name: of(step) for name, of in numbers.items()} or {"loss": attempt * 1000.0 + step}
        tell_metrics(folder, attempt=attempt, step=step, numbers=told, at=step * 2.0)


def losses(folder):
    series = read_curves(folder).series["loss"]
    return dict(zip(series.steps.astype(int).tolist(), series.values.tolist()))


def test_without_a_file_there_are_no_curves(folder):
    assert read_curves(folder).series == {}
    assert read_curves(folder).step_seconds is None


def test_only_what_was_added_is_read_and_a_line_still_being_written_waits(folder):
    tell(folder, 1, range(1, 4))
    assert losses(folder) == {1: 1001, 2: 1002, 3: 1003}
    tell(folder, 1, [4])
    whole = metrics_path(folder).read_bytes()
    metrics_path(folder).write_bytes(whole[:-5])  # the same file: its end is not written yet
    assert losses(folder) == {1: 1001, 2: 1002, 3: 1003}
    metrics_path(folder).write_bytes(whole)
    assert losses(folder)[4] == 1004
    assert read_curves(folder) is read_curves(folder)


def test_the_last_attempt_of_a_step_counts_and_what_lies_beyond_its_beginning_goes(folder):
    tell(folder, 1, range(1, 8))
    tell(folder, 2, [5])  # resumed from the checkpoint at 4
    assert losses(folder) == {1: 1001, 2: 1002, 3: 1003, 4: 1004, 5: 2005}
    tell(folder, 1, [8])  # a process of the first attempt that lives on
    tell(folder, 2, [6])
    found = read_curves(folder)
    assert losses(folder) == {1: 1001, 2: 1002, 3: 1003, 4: 1004, 5: 2005, 6: 2006}
    assert [(one.attempt, one.step) for one in found.attempts] == [(1, 1), (2, 5)]
    assert (found.line_count, found.undone_count, found.last_step) == (6, 4, 6)


def test_figures_told_beside_each_other_stay_apart(folder):
    tell(folder, 1, range(1, 5))
    tell_metrics(folder, attempt=1, step=4, numbers={"eval_loss": 7.0}, at=8.5)
    assert losses(folder)[4] == 1004
    assert read_curves(folder).latest("eval_loss") == 7.0
    assert read_curves(folder).latest("grad_norm") is None


def test_no_number_is_kept_as_none_and_the_last_number_is_still_known(folder):
    tell(folder, 1, [1, 2], loss=lambda step: math.nan if step == 2 else 0.5, grad_norm=lambda _: math.inf)
    found = read_curves(folder)
    assert math.isnan(found.series["loss"].values[1])
    assert found.latest("loss") == 0.5
    assert found.latest("grad_norm") is None


def test_torn_lines_are_counted_and_cost_no_other_line(folder):
    tell(folder, 1, [1])
    with metrics_path(folder).open("ab") as file:
        file.write(b'{"at":1.0,"attempt":1,"st')  # killed while it wrote
    tell(folder, 2, [2])
    assert losses(folder) == {1: 1001, 2: 2002}
    assert read_curves(folder).torn_count == 1


def test_samples_are_those_of_the_attempts_that_count(folder):
    sample = SamplePrediction("row", "Book <b>it</b>", "book()", "boot()")
    for attempt, step in [(1, 2), (1, 6), (2, 5)]:
        tell_samples(folder, attempt=attempt, step=step, samples=(sample,), at=1.0)
    assert [(one.attempt, one.step) for one in read_curves(folder).samples] == [(1, 2), (2, 5)]


def test_the_pace_is_that_of_the_present_attempt(folder):
    tell(folder, 1, range(1, 50))
    assert read_curves(folder).step_seconds == pytest.approx(2.0)
    for step in (31, 32):
        tell_metrics(folder, attempt=2, step=step, numbers={"loss": 1.0}, at=9_000 + 5.0 * step)
    assert read_curves(folder).step_seconds == pytest.approx(5.0)


values = st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), min_size=1, max_size=300)


@given(values, st.integers(2, 60))
def test_a_thinned_line_keeps_its_ends_its_order_and_its_peaks(numbers, most):
    whole = Series("x", np.arange(len(numbers), dtype=float), np.array(numbers))
    thin = thin_out(whole, most)
    assert thin.steps.size <= most + 4
    assert np.all(np.diff(thin.steps) > 0)
    assert (thin.steps[0], thin.steps[-1]) == (whole.steps[0], whole.steps[-1])
    if np.isfinite(whole.values).any():
        assert np.nanmax(thin.values) == np.nanmax(whole.values)
        assert np.nanmin(thin.values) == np.nanmin(whole.values)


@given(st.floats(-5, 5), st.integers(1, 30), st.sampled_from([0.0, 0.6, 0.99]))
def test_a_constant_line_is_its_own_mean(level, count, weight):
    flat = Series("x", np.arange(count, dtype=float), np.full(count, level))
    assert smooth(flat, weight).values == pytest.approx(flat.values)
