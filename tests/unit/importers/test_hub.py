"""Data sets by their Hugging Face name: without network, and from a local folder."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime

import pytest

from tests.builders import A_RESEARCHER
from xlam_backend.errors import HubUnavailableError, SourceUnreadableError, StoppedError
from xlam_backend.importers.container import Limits
from xlam_backend.importers.hub import HubName, fetch_dataset, parse_hub_name
from xlam_backend.importers.pipeline import default_dataset_name, import_source
from xlam_backend.store.connection import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = [
    {"id": 1, "query": "Hello", "answers": "[]", "tools": "[]"},
    {"id": 2, "query": "Bye", "answers": "[]", "tools": "[]", "origin": {"by": "hand"}},
]


@pytest.fixture
def local_dataset(tmp_path, monkeypatch):
    """A folder that `datasets` can load, and a cache of its own."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    (folder / "test.jsonl").write_text(json.dumps(ROWS[0]) + "\n")
    return folder


@pytest.fixture
def closed_port():
    """A local port where nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("hf:owner/name", HubName("owner/name")),
        ("hf:owner/name:train", HubName("owner/name", split="train")),
        ("hf:owner/na-me.x/config:train", HubName("owner/na-me.x", "config", "train")),
    ],
)
def test_names_are_read(source, name):
    assert parse_hub_name(source) == name


@pytest.mark.parametrize(
    "source", ["hf:", "hf:name", "hf:../etc/passwd", "hf:a/b/c/d", "hf:a/b:c:d", "hf:http://x/y"]
)
def test_what_is_no_name_is_refused(source):
    with pytest.raises(SourceUnreadableError, match="no name of a Hugging Face data set"):
        parse_hub_name(source)


def test_offline_mode_says_so_at_once(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(HubUnavailableError, match="HF_HUB_OFFLINE") as refused:
        fetch_dataset("hf:owner/name", tmp_path, Limits())
    assert "file or folder" in refused.value.way_out


def test_a_hub_that_cannot_be_reached_is_named_with_the_way_out(tmp_path, monkeypatch, closed_port):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{closed_port}")
    with pytest.raises(HubUnavailableError, match="cannot be reached") as refused:
        fetch_dataset("hf:owner/name", tmp_path, Limits())
    assert refused.value.retryable
    assert "file or folder" in refused.value.way_out


@pytest.mark.filterwarnings("ignore")
def test_all_splits_of_a_data_set_are_imported(local_dataset, tmp_path):
    store = Store.open(tmp_path / "store")
    report = import_source(store, f"hf:{local_dataset}", now=NOW, dataset="made", person=A_RESEARCHER)
    assert (report.importer, report.read_count, report.new_count) == ("xlam_60k", 3, 2)
    assert sorted(file.file for file in report.files) == ["test.jsonl", "train.jsonl"]
    with store.cursor() as cursor:
        extras = cursor.execute("SELECT extra FROM trajectory ORDER BY query DESC").fetchall()
    assert extras == [("{}",), ('{"origin":{"by":"hand"}}',)]
    store.close()


@pytest.mark.filterwarnings("ignore")
def test_one_split_is_chosen_and_a_wrong_one_named(local_dataset, tmp_path):
    (tmp_path / "out").mkdir()
    fetch_dataset(f"hf:{local_dataset}:test", tmp_path / "out", Limits())
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["test.jsonl"]
    with pytest.raises(SourceUnreadableError, match="no split 'dev'") as refused:
        fetch_dataset(f"hf:{local_dataset}:dev", tmp_path, Limits())
    assert "train" in refused.value.way_out


@pytest.mark.filterwarnings("ignore")
def test_fetching_can_be_stopped(local_dataset, tmp_path):
    with pytest.raises(StoppedError):
        fetch_dataset(f"hf:{local_dataset}", tmp_path, Limits(), should_stop=lambda: True)


def test_a_data_set_is_called_by_its_name():
    assert default_dataset_name("hf:owner/name:train") == "owner/name:train"
    assert default_dataset_name("folder/train.jsonl.gz") == "train"
