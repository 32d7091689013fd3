"""The app holds one store for as long as it lives, whatever happens to its modules."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.builders import AN_ADMIN
from tests.processes import ROOT, app_process, environment, start_command_line
from xlam_backend.errors import StoreBusyError
from xlam_backend.flow import fill_with_demo_data
from xlam_backend.owner.app import app_store, release_app_store
from xlam_backend.owner.card import read_card
from xlam_backend.owner.holding import Holding
from xlam_backend.store.dataset_list import list_datasets

# An edit of a file makes Streamlit drop every module of the app; the next rerun imports them anew.
EDITED = """
import sys
from xlam_backend.owner import app_store
first = app_store()
assert app_store() is first
for name in [name for name in sys.modules if name.startswith("xlam_backend")]:
    del sys.modules[name]
from xlam_backend.owner import app_store
from xlam_backend.store.connection import Store
second = app_store()
assert type(second) is Store
assert second is not first
with second.cursor() as cursor:
    print(cursor.execute("SELECT count(*) FROM dataset").fetchall()[0][0])
"""


@pytest.fixture
def released():
    yield
    release_app_store()


def test_every_call_gives_the_same_store(data_folder, released):
    assert app_store() is app_store()
    assert read_card(data_folder).doing == "the app"


def test_an_empty_store_is_filled_once(data_folder, released):
    store = app_store()
    names = [dataset.name for dataset in list_datasets(store)]
    assert names
    assert fill_with_demo_data(store, now=None, person=AN_ADMIN) == ()
    release_app_store()
    assert [dataset.name for dataset in list_datasets(app_store())] == names


def test_a_store_that_a_command_holds_is_waited_for(data_folder, released):
    holding = Holding.take(data_folder, "python -m xlam_backend import big.jsonl")
    with pytest.raises(StoreBusyError, match=r"import big\.jsonl") as caught:
        app_store()
    assert caught.value.retryable
    holding.close()
    assert app_store().folder == data_folder


def test_the_store_survives_an_edit_of_the_code(data_folder):
    result = subprocess.run(
        [sys.executable, "-c", EDITED],
        cwd=ROOT,
        env=environment(data_folder),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) > 0


# A first app is killed with an upload in its hands; a second one begins in the same folder.
LEFTOVERS = """
import io, os
from pathlib import Path
from xlam_backend.domain.person import Person
from xlam_backend.importers.uploads import Upload, keep_uploads
from xlam_backend.owner import app_store
store = app_store()
print(len(list(store.folder.glob("uploads/*"))), flush=True)
keep_uploads(store.folder, [Upload("a.jsonl", io.BytesIO(b"{}"))], person=Person("rita", "researcher"))
app_store()
print(len(list(store.folder.glob("uploads/*"))), flush=True)
os.kill(os.getpid(), 9)
"""


def test_uploads_that_a_killed_app_left_behind_are_dropped(data_folder):
    for _ in range(2):
        result = subprocess.run(
            [sys.executable, "-c", LEFTOVERS],
            cwd=ROOT,
            env=environment(data_folder),
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert result.stdout.split() == ["0", "1"], result.stderr


def test_an_app_that_ends_takes_its_card_along(data_folder):
    with app_process(data_folder) as app:
        app.stdin.close()
        assert app.wait(timeout=60) == 0
    assert read_card(data_folder) is None
    command = start_command_line(data_folder, "store")
    assert command.communicate(timeout=60) is not None
    assert command.returncode == 0
