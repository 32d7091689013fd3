"""What people type as a path is looked at, or refused with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlam_backend.errors import InputError
from xlam_backend.settings import named_folder, named_path


@pytest.mark.parametrize("typed", ["~nobody-has-this-name/data", "x" * 5000])
def test_a_path_that_nothing_can_have_is_refused(typed):
    with pytest.raises(InputError, match="cannot be looked at"):
        named_path(typed)
    assert named_folder(typed) is None


def test_a_path_is_taken_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert named_path("~/not there") == tmp_path / "not there"
    assert named_folder("~") == tmp_path
    assert named_folder("") is None
    assert named_path("") == Path()
