"""What every registered importer keeps to: its golden sample, its sums, and its calm before any JSON."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import A_RESEARCHER
from tests.properties.strategies import json_values
from xlam_backend.domain.trajectory import content_id
from xlam_backend.errors import UnknownNameError
from xlam_backend.importers import IMPORTERS, by_name
from xlam_backend.importers.base import Importer, Kept, Place, RawRecord, Rejected
from xlam_backend.importers.companions import NearbyFiles
from xlam_backend.importers.pipeline import import_source, read_source
from xlam_backend.importers.plan import plan_import
from xlam_backend.store.connection import Store

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "importers"

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def raw_sample(importer: Importer) -> Path:
    """The importer's golden input: the folder `raw`, or the one file called raw.*"""
    folder = GOLDEN / importer.name
    if (folder / "raw").is_dir():
        return folder / "raw"
    found = sorted(folder.glob("raw.*"))
    assert len(found) == 1, f"{folder} needs one golden input called raw.*, and has {[p.name for p in found]}"
    return found[0]


@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda importer: importer.name)
def test_golden_sample_gives_the_golden_records(importer: Importer, update_golden: bool):
    golden = GOLDEN / importer.name / "unified.json"
    given_now = _as_text(
        [_shown(record, results) for record, results in read_source(raw_sample(importer), importer.name)]
    )
    if update_golden:
        golden.write_bytes(given_now)
    assert golden.is_file(), "no golden file: look at what --update-golden writes, then keep it"
    assert given_now.decode() == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda importer: importer.name)
def test_golden_sample_is_recognised_and_adds_up(importer: Importer, tmp_path):
    plan = plan_import(raw_sample(importer))
    assert plan.importer.name == importer.name, plan.reason
    assert plan.reason
    store = Store.open(tmp_path)
    first = import_source(store, raw_sample(importer), now=NOW, dataset="golden", person=A_RESEARCHER)
    again = import_source(store, raw_sample(importer), now=NOW, dataset="golden", person=A_RESEARCHER)
    store.close()
    assert first.read_count == first.kept_count + first.rejected_count
    assert first.kept_count > 0 or importer.name == "known_without_runs"
    assert again.new_count == 0
    assert (again.kept_count, again.rejected_count) == (first.kept_count, first.rejected_count)


@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda importer: importer.name)
def test_what_is_kept_can_be_hashed_and_is_never_empty_handed(importer: Importer):
    for record, results in read_source(raw_sample(importer), importer.name):
        assert results, record.place
        for result in results:
            if isinstance(result, Kept):
                assert re.fullmatch("[0-9a-f]{32}", content_id(result.trajectory))
            else:
                assert result.reason


@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda importer: importer.name)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(value=json_values)
def test_no_importer_raises_on_any_json(importer: Importer, value: Any):
    _assert_calm(importer, value)
    importer.recognise((value,), "some.json")


@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda importer: importer.name)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_importer_raises_on_its_own_records_bent_out_of_shape(importer: Importer, data: st.DataObject):
    value = _as_json(data.draw(st.sampled_from(_own_records(importer))).value)
    bent = _bend(value, data)
    _assert_calm(importer, bent)
    importer.recognise((bent,), "some.json")


def test_an_unknown_name_names_the_nearest():
    with pytest.raises(UnknownNameError, match="xlam_60k"):
        by_name("xlam_6k")


def test_every_golden_folder_belongs_to_an_importer():
    assert {path.name for path in GOLDEN.iterdir()} == {importer.name for importer in IMPORTERS}


@cache
def _own_records(importer: Importer) -> list[RawRecord]:
    """What stands in an importer's sample; nobody changes it."""
    read = read_source(raw_sample(importer), importer.name)
    return [record for record, _ in read if isinstance(record, RawRecord)]


def _assert_calm(importer: Importer, value: Any) -> None:
    record = RawRecord(msgspec.json.encode(value), Place("some.json", 1), value)
    results = list(importer.convert(record, NearbyFiles(Path("/nowhere")).beside("some.json")))
    assert all(isinstance(result, (Kept, Rejected)) for result in results)
    for result in results:
        if isinstance(result, Kept):
            content_id(result.trajectory)


def _bend(value: Any, data: st.DataObject) -> Any:
    """Replace one value somewhere inside by any JSON value, or drop a key."""
    if isinstance(value, dict) and value and data.draw(st.integers(0, 3)):
        key = data.draw(st.sampled_from(sorted(value)))
        if data.draw(st.integers(0, 4)) == 0:
            return {name: kept for name, kept in value.items() if name != key}
        return {**value, key: _bend(value[key], data)}
    if isinstance(value, list) and value and data.draw(st.integers(0, 3)):
        index = data.draw(st.integers(0, len(value) - 1))
        return [*value[:index], _bend(value[index], data), *value[index + 1 :]]
    return data.draw(json_values)


def _as_json(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


def _shown(record: Any, results: list[Kept | Rejected]) -> Any:
    place = f"{record.place.file}:{record.place.line}:{record.place.key}"
    return {
        "place": place,
        "gives": [{type(result).__name__.lower(): msgspec.to_builtins(result)} for result in results],
    }


def _as_text(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"
