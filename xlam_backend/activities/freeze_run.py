"""The run that freezes a mixture: a release is there whole or not at all."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from xlam_backend.access import require
from xlam_backend.activities.manager import start_run
from xlam_backend.domain.person import Person
from xlam_backend.errors import SettingError
from xlam_backend.mixture.freeze import (
    make_release,
    refuse_what_cannot_be_frozen,
    token_counter,
    write_job,
)
from xlam_backend.mixture.preview import preview_mixture
from xlam_backend.mixture.recipe_text import read_recipe
from xlam_backend.mixture.recipes import open_recipe, read_saved_recipe
from xlam_backend.releases.keeping import keep_release
from xlam_backend.releases.manifest import MANIFEST, Frozen, Manifest, release_id_of
from xlam_backend.runs.base import Prepared, RunContext, RunKind, Taking
from xlam_backend.runs.folder import INPUT, OUTPUT, part_names
from xlam_backend.runs.versions import code_and_library_versions
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store, utc_timestamp
from xlam_backend.store.releases import ReleaseEvent, write_release_event
from xlam_backend.training_text.template_worker import load_tokenizer

KIND = "freeze"


class FreezeParams(msgspec.Struct, frozen=True):
    """The version of a recipe that is frozen."""

    recipe: str
    version: int


def start_freeze(store: Store, recipe: str, *, person: Person, now: datetime, version: int = 0) -> str:
    """Freeze a recipe, in one version or (0) the one that counts; returns the id of the run.

    Raises:
        MixtureRefusedError: a gate of the recipe or a missing row forbids it.
    """
    require(person, "mix")
    saved = read_saved_recipe(store, recipe, version)
    refuse_what_cannot_be_frozen(preview_mixture(store, read_recipe(saved.text)))
    params = msgspec.to_builtins(FreezeParams(saved.name, saved.version))
    title = f"Freeze {saved.name}, version {saved.version}"
    return start_run(store, KIND, params, title=title, person=person, now=now)


def prepare(store: Store, folder: Path, params: dict[str, Any]) -> Prepared:
    """Draw the mixture, and write down its rows with all that is known of them."""
    wanted = _read_params(params)
    job = write_job(store, folder / INPUT, open_recipe(store, wanted.recipe, wanted.version))
    return Prepared(job.row_count, f"{job.row_count:,} rows of the recipe {wanted.recipe}")


def work(context: RunContext) -> None:
    """Make the files of the release."""
    job_folder = context.folder / INPUT
    recipe = read_recipe(msgspec.json.decode((job_folder / "job.json").read_bytes())["recipe"])
    counter = token_counter(load_tokenizer(recipe.tokenizer)) if recipe.tokenizer else None
    make_release(context, job_folder, tokenizer=counter)
    text = (context.folder / OUTPUT / MANIFEST).read_bytes()
    manifest = msgspec.json.decode(text, type=Manifest)
    context.set_outcome(
        {
            "release": release_id_of(text),
            "rows": manifest.row_count,
            "tokens": manifest.token_count,
            "longer than the context": manifest.over_context_count,
        }
    )


def take_in(taking: Taking) -> int:
    """Put the release in its place, and note who froze it."""
    wanted = _read_params(taking.params)
    run_id = taking.folder.name
    files = [taking.folder / OUTPUT / name for name in part_names(taking.folder)]
    now = utc_timestamp(taking.now)
    frozen = Frozen(
        at=now.isoformat(timespec="seconds"),
        person=taking.person.name,
        recipe_name=wanted.recipe,
        recipe_version=wanted.version,
        run_id=run_id,
        program=code_and_library_versions()["code"],
    )
    text = (taking.folder / OUTPUT / MANIFEST).read_bytes()
    manifest = msgspec.json.decode(text, type=Manifest)
    release_id = keep_release(taking.store.folder, files, frozen)
    event = ReleaseEvent(
        release_id,
        "frozen",
        manifest.name,
        wanted.recipe,
        wanted.version,
        run_id,
        manifest.row_count,
        taking.person.name,
        "",
        now,
    )
    with taking.store.write() as cursor:
        write_release_event(cursor, event)
        detail = {"rows": manifest.row_count, "recipe": wanted.recipe, "version": wanted.version}
        subject = f"release {release_id}"
        write_audit(cursor, taking.store, taking.person, "mix", subject, detail, now=taking.now)
        taking.mark(cursor, manifest.row_count)
    return manifest.row_count


def drop_parts(taking: Taking) -> None:
    """Drop the run's own copies: the release holds every byte of them now."""
    for name in part_names(taking.folder):
        (taking.folder / OUTPUT / name).unlink(missing_ok=True)
    for place in (taking.folder / INPUT, taking.folder / "state" / "piles"):
        for path in place.iterdir() if place.is_dir() else ():
            if path.is_file() and path.name != "job.json":
                path.unlink(missing_ok=True)


def _read_params(params: dict[str, Any]) -> FreezeParams:
    try:
        return msgspec.convert(params, FreezeParams)
    except msgspec.ValidationError as error:
        raise SettingError(
            f"These are no settings of a freeze: {error}.", "Start from the Mixture page."
        ) from error


RUN_KIND = RunKind(KIND, "Freeze a mixture", "cpu", prepare, work, take_in_whole=take_in, then=drop_parts)
