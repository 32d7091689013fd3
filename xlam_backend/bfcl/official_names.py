"""What the official tool calls its files and folders, in every version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from xlam_backend.bfcl.categories import VERSIONS, Category, Version, category_by_old_name
from xlam_backend.errors import SourceUnreadableError, UnknownNameError

FileKind = Literal["result", "score"]
_NAME = re.compile(r"(?:BFCL_(v[2-4])|gorilla_openfunctions_(v1)_test)_([a-z_]+)_(result|score)\.json")
# Folders between a model's folder and its files.
_BETWEEN = frozenset(
    {"non_live", "live", "multi_turn", "agentic", "memory", "kv", "vector", "rec_sum", "web_search"}
)
_MOST_FILES = 20_000


class OfficialFile(msgspec.Struct, frozen=True):
    """A file of results or scores; `category` is None where its name is of none that is known."""

    path: Path
    model: str
    version: Version
    category: Category | None
    said_category: str


def find_files(place: Path, kind: FileKind) -> list[OfficialFile]:
    """Return the files of results or scores in a folder and all below it, or the one file.

    Raises:
        SourceUnreadableError: there are none.
    """
    paths = [place] if place.is_file() else _walk(place)
    found = [file for path in paths if (file := _official_file(path, kind))]
    if not found:
        raise SourceUnreadableError(
            f"{place} holds no {kind} files of the official tool.",
            f"Their names are like BFCL_v4_simple_python_{kind}.json; give a model's folder, or one above.",
        )
    return found


def file_path(root: Path, kind: FileKind, model: str, category: Category, version: Version = "v4") -> Path:
    """Return where the official tool keeps a file: by groups in v4, flat before.

    >>> str(file_path(Path("out"), "score", "org/m", category_by_old_name("live_simple")))
    'out/score/org_m/live/BFCL_v4_live_simple_score.json'
    """
    folder = root / kind / folder_name(model)
    if version == "v4":
        return folder / category.group / f"BFCL_v4_{category.name}_{kind}.json"
    stem = "gorilla_openfunctions_v1_test" if version == "v1" else f"BFCL_{version}"
    name = category.old_names[0] if category.old_names else category.name
    return folder / f"{stem}_{name}_{kind}.json"


def folder_name(model: str) -> str:
    """Return a model's name as the official tool writes it in a path.

    >>> folder_name("Salesforce/xLAM-7b-r")
    'Salesforce_xLAM-7b-r'
    """
    return model.replace("/", "_").replace("\\", "_").strip(". ") or "model"


def model_name_of(folder: str, known: Iterable[str] = ()) -> str:
    """Return the model that a folder is meant to name: a known one written so, else the folder's name.

    The official tool writes _ for /, and that cannot be undone without knowing the names.

    >>> model_name_of("Salesforce_xLAM-7b-r", ["Salesforce/xLAM-7b-r"]), model_name_of("my_model")
    ('Salesforce/xLAM-7b-r', 'my_model')
    """
    return next((name for name in known if folder_name(name) == folder), folder)


def today_id(item_id: str, category: Category) -> tuple[str, ...]:
    """Return the ids that an id may have in other versions, itself first.

    >>> today_id("simple_12", category_by_old_name("simple"))
    ('simple_12', 'simple_python_12')
    """
    names = (category.name, *category.old_names)
    for name in sorted(names, key=len, reverse=True):
        if item_id.startswith(f"{name}_"):
            rest = item_id[len(name) + 1 :]
            return tuple(dict.fromkeys((item_id, *(f"{other}_{rest}" for other in names))))
    return (item_id,)


def category_of_id(item_id: str) -> str:
    """Return the name of the category that an id says it belongs to, "" where it says none.

    >>> category_of_id("live_multiple_0-0-0"), category_of_id("java_3"), category_of_id("x")
    ('live_multiple', 'java', '')
    """
    stem, _, number = item_id.rpartition("_")
    return stem if number and number[0].isdigit() else ""


def _walk(place: Path) -> Iterator[Path]:
    if not place.is_dir():
        raise SourceUnreadableError(f"{place} is neither a file nor a folder.", "Choose where the files are.")
    for count, path in enumerate(sorted(place.rglob("*.json"))):
        if count >= _MOST_FILES:
            raise SourceUnreadableError(
                f"{place} holds more than {_MOST_FILES:,} files.", "Choose the folder of a model."
            )
        if path.is_file():
            yield path


def _official_file(path: Path, kind: FileKind) -> OfficialFile | None:
    match = _NAME.fullmatch(path.name)
    if not match or match.group(4) != kind:
        return None
    version = next(known for known in VERSIONS if known in match.groups()[:2])
    said = match.group(3)
    return OfficialFile(path, _model_folder(path), version, _category(said), said)


def _model_folder(path: Path) -> str:
    return next((parent.name for parent in path.parents if parent.name not in _BETWEEN), "") or "model"


def _category(said: str) -> Category | None:
    try:
        return category_by_old_name(said)
    except UnknownNameError:
        return None
