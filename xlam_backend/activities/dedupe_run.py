"""The run that finds near-duplicates: embeds what is new, compares all, and hands over what it found."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.access import require
from xlam_backend.activities.manager import start_run
from xlam_backend.dedupe.job import (
    FOUND,
    SearchFacts,
    check_settings,
    found_to_bytes,
    read_found,
    read_job,
    read_rows,
    write_job,
)
from xlam_backend.dedupe.search import TextVectors, search_units
from xlam_backend.dedupe.units import make_units
from xlam_backend.domain.near_duplicate import Search, SearchSettings
from xlam_backend.domain.person import Person
from xlam_backend.embeddings.embedder import embed_texts
from xlam_backend.embeddings.model import find_model
from xlam_backend.errors import SettingError
from xlam_backend.runs.base import Prepared, RunContext, RunKind, Taking
from xlam_backend.runs.folder import INPUT, OUTPUT
from xlam_backend.settings import data_dir
from xlam_backend.store.connection import Store
from xlam_backend.store.near_duplicates import write_search

KIND = "dedupe"

# How far a run is, in thousandths: reading, embedding, comparing.
_READ, _EMBEDDED, _ALL = 20, 800, 1000


def start_search(store: Store, settings: SearchSettings, *, person: Person, now: datetime) -> str:
    """Start a search for near-duplicates; returns the id of its run.

    Raises:
        SettingError: the settings mean nothing, or no trajectory matches.
    """
    require(person, "dedupe")
    check_settings(settings)
    title = f"Near-duplicates: {settings.filters.dataset or 'all datasets'}"
    return start_run(
        store, KIND, {"settings": msgspec.to_builtins(settings)}, title=title, person=person, now=now
    )


def _settings(params: dict[str, Any]) -> SearchSettings:
    try:
        return msgspec.convert(params["settings"], SearchSettings)
    except (KeyError, msgspec.ValidationError) as error:
        raise SettingError(f"These are no settings of a search: {error}.", "Start from the page.") from error


def _prepare(store: Store, folder: Path, params: dict[str, Any]) -> Prepared:
    settings = _settings(params)
    model = find_model(settings.model)
    job = write_job(store, folder / INPUT, settings)
    return Prepared(job.row_count, f"{job.row_count:,} trajectories, {model.name}")


def _work(context: RunContext) -> None:
    if context.has_part(FOUND):
        return
    job = read_job(context.folder / INPUT)
    context.progress(0, _ALL, f"reading {job.row_count:,} trajectories")
    units = make_units(read_rows(context.folder / INPUT, job.settings.seed))
    model = find_model(job.settings.model)
    embedded = embed_texts(
        units.texts,
        model,
        data_dir(),
        progress=partial(_tell, context, "texts embedded", _READ, _EMBEDDED),
        should_stop=context.should_stop,
    )
    context.log(f"{embedded.new_count:,} of {len(units.texts):,} texts were new and are embedded now.")
    found = search_units(
        units,
        TextVectors(embedded.vectors, embedded.was_cut),
        job.settings,
        folder=context.folder,
        progress=partial(_tell, context, "blocks compared", _EMBEDDED, _ALL),
        should_stop=context.should_stop,
    )
    facts = SearchFacts(
        model=model.name,
        model_sha256=model.sha256,
        row_count=len(units.rows),
        text_count=len(units.texts),
        new_text_count=embedded.new_count,
        no_text_count=units.no_text_count,
        cut_count=int(embedded.was_cut.sum()),
    )
    context.write_part(FOUND, found_to_bytes(found, facts))
    context.set_outcome(_outcome(facts, len(found.pairs)))


def _tell(context: RunContext, what: str, low: int, high: int, done: int, total: int) -> None:
    share = done / total if total else 1.0
    context.progress(round(low + share * (high - low)), _ALL, f"{done:,} of {total:,} {what}")


def _outcome(facts: SearchFacts, pair_count: int) -> dict[str, int]:
    return {
        "trajectories compared": facts.row_count,
        "different texts": facts.text_count,
        "texts embedded now": facts.new_text_count,
        "left out, nothing asked": facts.no_text_count,
        "texts read in part": facts.cut_count,
        "pairs to look at": pair_count,
    }


def _take_in(taking: Taking) -> int:
    found, facts = read_found(taking.folder / OUTPUT / FOUND)
    search = Search(
        search_no=0,
        run_id=taking.folder.name,
        settings=_settings(taking.params),
        person=taking.person.name,
        made_at=taking.now,
        **msgspec.structs.asdict(facts),
    )
    with taking.store.write() as cursor:
        write_search(cursor, taking.store, search, found)
        taking.mark(cursor, len(found.rows))
    return len(found.rows)


RUN_KIND: RunKind = RunKind(KIND, "Find near-duplicates", "cpu", _prepare, _work, take_in_whole=_take_in)
