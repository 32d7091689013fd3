"""The versions of each prompt: the file, drafts people write, and which one is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from xlam_backend.access import require
from xlam_backend.domain.person import Person
from xlam_backend.errors import NotFoundError, SettingError
from xlam_backend.prompts import PROMPT_FORMS
from xlam_backend.prompts.form import PromptForm
from xlam_backend.prompts.prompt_file import FILE_VERSION, Prompt, load_prompt, parse_prompt, prompt_form
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Cursor, Store
from xlam_backend.store.prompt_versions import PromotionRow as PromotionRow
from xlam_backend.store.prompt_versions import (
    PromptRow,
    read_promotions,
    read_prompt_rows,
    write_promotion,
    write_prompt_row,
)

LONGEST_PROMPT = 100_000
LONGEST_NOTE = 2_000


class PromptVersion(msgspec.Struct, frozen=True):
    """One version in the list of a prompt's versions; `made_at` is None for the file."""

    version: int
    hash: str
    text: str
    note: str
    person: str
    made_at: datetime | None
    is_current: bool


class PromptSummary(msgspec.Struct, frozen=True):
    """One line in the list of prompts."""

    form: PromptForm
    current_version: int
    version_count: int


def list_prompts(store: Store) -> list[PromptSummary]:
    """Return every prompt with the version that counts, in the order people see them."""
    with store.cursor() as cursor:
        rows, promotions = read_prompt_rows(cursor), read_promotions(cursor)
    return [
        PromptSummary(
            form,
            _current_of([one for one in promotions if one.name == form.name]),
            1 + sum(row.name == form.name for row in rows),
        )
        for form in PROMPT_FORMS
    ]


def current_prompt(store: Store, name: str) -> Prompt:
    """Return the version of a prompt that is asked today.

    Raises:
        SettingError: it no longer fits what this version of the program fills in.
    """
    with store.cursor() as cursor:
        version = _current_of(read_promotions(cursor, name))
    return read_prompt(store, name, version)


def read_prompt(store: Store, name: str, version: int) -> Prompt:
    """Return one version of a prompt.

    Raises:
        NotFoundError: there is no such version.
        SettingError: it no longer fits what this version of the program fills in.
    """
    if version == FILE_VERSION:
        return load_prompt(name)
    form = prompt_form(name)
    with store.cursor() as cursor:
        rows = read_prompt_rows(cursor, name)
    for row in rows:
        if row.version == version:
            return parse_prompt(form, row.text, version=version)
    raise NotFoundError(f"The prompt {name} has no version {version}.", f"It has {1 + len(rows)}.")


def read_prompt_versions(store: Store, name: str) -> list[PromptVersion]:
    """Return every version of a prompt, the file first."""
    prompt = load_prompt(name)
    with store.cursor() as cursor:
        rows, current = read_prompt_rows(cursor, name), _current_of(read_promotions(cursor, name))
    file = PromptVersion(
        FILE_VERSION, prompt.hash, prompt.text, "as it comes", "", None, current == FILE_VERSION
    )
    return [file, *(_listed(row, current) for row in rows)]


def read_prompt_history(store: Store, name: str) -> list[PromotionRow]:
    """Return which versions were made to count, by whom and why, in order."""
    prompt_form(name)
    with store.cursor() as cursor:
        return read_promotions(cursor, name)


def check_draft(name: str, text: str) -> Prompt:
    """Read a draft that is not saved yet; version 0.

    Raises:
        SettingError: a section or a blank is missing, a blank is unknown, or it is too long.
    """
    if len(text) > LONGEST_PROMPT:
        raise SettingError(f"The prompt is longer than {LONGEST_PROMPT:,} characters.", "Shorten it.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise SettingError("The prompt holds half a character.", "Type the last words anew.") from error
    return parse_prompt(prompt_form(name), text, version=0)


def save_draft(
    store: Store, name: str, text: str, *, note: str = "", person: Person, now: datetime
) -> Prompt:
    """Keep a new version of a prompt; it is not asked before it is promoted.

    Raises:
        SettingError: it lost a blank, or says the same as a version that exists.
    """
    require(person, "prompt")
    draft = check_draft(name, text)
    with store.write() as cursor:
        _refuse_the_same(cursor, draft)
        version = FILE_VERSION + 1 + len(read_prompt_rows(cursor, name))
        write_prompt_row(
            cursor,
            name,
            draft.text,
            version=version,
            prompt_hash=draft.hash,
            note=note[:LONGEST_NOTE],
            person=person.name,
            now=now,
        )
        write_audit(cursor, store, person, "prompt", f"prompt {name}", {"saved version": version}, now=now)
    return msgspec.structs.replace(draft, version=version)


def promote(store: Store, name: str, version: int, *, because: str, person: Person, now: datetime) -> None:
    """Make a version the one that is asked from now on.

    Raises:
        SettingError: it counts already, or no reason is given.
        NotFoundError: there is no such version.
    """
    require(person, "prompt")
    read_prompt(store, name, version)
    with store.write() as cursor:
        if _current_of(read_promotions(cursor, name)) == version:
            raise SettingError(f"Version {version} of {name} counts already.", "Choose another version.")
        _promote(cursor, store, name, version, because=because, person=person, now=now)


def roll_back(store: Store, name: str, *, because: str, person: Person, now: datetime) -> int:
    """Go back to the version that counted before; returns its number.

    Raises:
        SettingError: nothing was promoted that could be taken back, or no reason is given.
    """
    require(person, "prompt")
    prompt_form(name)
    with store.write() as cursor:
        counted = _standing(read_promotions(cursor, name))
        if len(counted) < 2:
            raise SettingError(f"No version of {name} counted before.", "Promote the one you want.")
        _promote(cursor, store, name, counted[-2], because=because, person=person, now=now)
    return counted[-2]


def _promote(
    cursor: Cursor, store: Store, name: str, version: int, *, because: str, person: Person, now: datetime
) -> None:
    because = because.strip()[:LONGEST_NOTE]
    if not because:
        raise SettingError("No reason is given.", "Say why this version is to count.")
    write_promotion(cursor, store, name, version, person=person.name, because=because, now=now)
    detail = {"promoted version": version, "because": because}
    write_audit(cursor, store, person, "prompt", f"prompt {name}", detail, now=now)


def _current_of(promotions: Sequence[PromotionRow]) -> int:
    return promotions[-1].version if promotions else FILE_VERSION


def _standing(promotions: Sequence[PromotionRow]) -> list[int]:
    """Return the versions that counted one after the other; going back takes the last one away.

    >>> rows = [PromotionRow("p", version, "", "", datetime.min) for version in (2, 3, 2)]
    >>> _standing(rows)
    [1, 2]
    """
    counted = [FILE_VERSION]
    for promotion in promotions:
        if counted[-2:-1] == [promotion.version]:
            counted.pop()
        else:
            counted.append(promotion.version)
    return counted


def _refuse_the_same(cursor: Cursor, draft: Prompt) -> None:
    known = {row.hash: row.version for row in read_prompt_rows(cursor, draft.name)}
    known[load_prompt(draft.name).hash] = FILE_VERSION
    if draft.hash in known:
        raise SettingError(
            f"This is version {known[draft.hash]} of {draft.name}, word for word.", "Change something first."
        )


def _listed(row: PromptRow, current: int) -> PromptVersion:
    return PromptVersion(
        row.version, row.hash, row.text, row.note, row.person, row.made_at, row.version == current
    )
