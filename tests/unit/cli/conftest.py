"""A command run inside the test's own process, on a store that is open."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec
import pytest

from xlam_backend.cli import studio
from xlam_backend.cli.caller import Caller
from xlam_backend.cli.command import run_command

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Answer(msgspec.Struct):
    """What a command said, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def command(store, tmp_path):
    """Run a command line on the store of the test; returns what it answered."""

    def run(*argv):
        out, err = [], []
        caller = Caller(
            argv=[str(word) for word in argv],
            cwd=tmp_path,
            now=NOW,
            write_out=out.append,
            write_err=err.append,
            store_at_hand=store,
        )
        return Answer(run_command(studio, caller), "".join(out), "".join(err))

    return run


@pytest.fixture
def run_group(command):
    """Run a command of a group; returns the JSON of its answer, or with `text` its words."""

    def of_group(group):
        def run(*argv, status=0, text=False):
            answer = command(group, *argv, *([] if text else ["--json"]))
            assert answer.status == status, answer
            return answer.out + answer.err if text else answer.json

        return run

    return of_group
