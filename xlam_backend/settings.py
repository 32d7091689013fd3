"""Where things live and what can be set from the environment."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

from xlam_backend.errors import InputError, SettingError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
SAMPLES = PROJECT_ROOT / "data" / "samples"
# More of the like of the demo data, for the tiny model to learn from; not a part of the demo.
PRACTICE = PROJECT_ROOT / "data" / "practice" / "practice_chats.jsonl.gz"


def data_dir() -> Path:
    """Return the folder of the store: `XLAM_DATA_DIR`, or data/store in the project."""
    given = os.environ.get("XLAM_DATA_DIR", "")
    return Path(given).expanduser().resolve() if given else PROJECT_ROOT / "data" / "store"


def named_path(text: str) -> Path:
    """Return the path that a person's words name, ~ for home, whether or not anything is there.

    Raises:
        InputError: nothing could be there: a name that is too long, the home of nobody, a closed folder.
    """
    try:
        path = Path(text).expanduser()
        path.exists()
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error).rstrip(".")
        raise InputError(f"{text[:200]!r} cannot be looked at: {reason}.", "Give another path.") from error
    return path


def named_folder(text: str) -> Path | None:
    """Return the folder that a person's words name, ~ for home; None where there is none."""
    try:
        folder = named_path(text)
    except InputError:
        return None
    return folder if text and folder.is_dir() else None


def is_folder_name(text: str) -> bool:
    """Tell whether words can only mean a folder, and no name on the hub."""
    return text.startswith((".", "~")) or Path(text).is_absolute()


def database_file(folder: Path | None = None) -> Path:
    """Return the path of the DuckDB file in `folder` (default: the data folder)."""
    return (folder or data_dir()) / "xlam.duckdb"


def owner_wait_seconds() -> float:
    """Return how long a command waits for a sign of life from the store's owner.

    Set by `XLAM_OWNER_WAIT_SECONDS`.
    """
    given = os.environ.get("XLAM_OWNER_WAIT_SECONDS", "")
    try:
        return float(given) if given else 20.0
    except ValueError as error:
        raise SettingError(
            f"XLAM_OWNER_WAIT_SECONDS is {given!r}, which is no number.", "Set it to a number of seconds."
        ) from error


def default_means_optional() -> bool:
    """Return how a stated default is read where nothing says whether the argument is needed.

    True (the default): the argument may be left out. `XLAM_DEFAULT_MEANS_OPTIONAL=no` reads such
    arguments as required, as some readers of xlam-function-calling-60k do.
    """
    return _yes_or_no("XLAM_DEFAULT_MEANS_OPTIONAL")


def content_rules_file() -> Path | None:
    """Return the list of inappropriate words that replaces the product's own: `XLAM_CONTENT_RULES`."""
    given = os.environ.get("XLAM_CONTENT_RULES", "")
    return Path(given).expanduser().resolve() if given else None


def question_set_folders() -> tuple[Path, ...]:
    """Return further folders of questions in the leaderboard's layout: `XLAM_QUESTION_SETS`.

    Several stand with the path separator of this system between them; each is a question set, or holds some.
    """
    given = os.environ.get("XLAM_QUESTION_SETS", "")
    return tuple(Path(part).expanduser().resolve() for part in given.split(os.pathsep) if part)


def wants_demo_data() -> bool:
    """Return whether the app fills an empty store with the demo data; `XLAM_DEMO=no` leaves it empty."""
    return _yes_or_no("XLAM_DEMO")


def allowed_hosts() -> frozenset[str]:
    """Return the names the app may be asked for by: this machine's own, and those of `XLAM_ALLOWED_HOSTS`.

    Several names stand with commas between them; `*` allows all.
    """
    given = os.environ.get("XLAM_ALLOWED_HOSTS", "")
    named = {name.strip().lower() for name in given.split(",")} - {""}
    return frozenset({"localhost", "127.0.0.1", "::1"} | named)


def first_admins() -> frozenset[str]:
    """Return who is an admin before any role was given: the names of `XLAM_ADMINS`, commas between them."""
    given = os.environ.get("XLAM_ADMINS", "")
    return frozenset({name.strip().lower() for name in given.split(",")} - {""})


def takes_unproven_email() -> bool:
    """Return whether a sign-in counts whose provider does not say that the email was verified.

    Some providers never say so; where they are run by one's own organisation, `XLAM_UNPROVEN_EMAIL=yes`
    takes their word.
    """
    return _yes_or_no("XLAM_UNPROVEN_EMAIL", default="no")


def person_name() -> str:
    """Return the name of the machine's own account, under which commands are recorded."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name, as in some containers
        return "local"


def _yes_or_no(name: str, *, default: str = "yes") -> bool:
    given = os.environ.get(name, default).strip().lower()
    if given not in {"yes", "no"}:
        raise SettingError(f"{name} is {given!r}.", "Set it to yes or no.")
    return given == "yes"
