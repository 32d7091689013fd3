"""Tokenizers live in a process of their own: the web process and plain commands never load transformers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from xlam_backend.domain.telling import Telling
from xlam_backend.domain.trajectory import Trajectory
from xlam_backend.errors import SettingError, XlamError
from xlam_backend.settings import is_folder_name, named_folder
from xlam_backend.training_text import CHAT_TEMPLATE, write_training_text
from xlam_backend.training_text.base import TrainingText, UntellableError
from xlam_backend.training_text.chat_template import is_marked, write_with_template
from xlam_backend.training_text.tokens import TokenCounts, count_tokens
from xlam_backend.worker import Worker, WorkerEndedError

MOST_SECONDS = 120  # a hub name may have to be fetched first
IDLE_SECONDS = 300
_WAY_OUT = "Name a folder with a tokenizer.json, or a model on the hub when the machine has a way there."

Item = TypeVar("Item")
Result = TypeVar("Result")


class TextRequest(msgspec.Struct, frozen=True):
    """A text that is wanted, with its tokens counted: one step of a trajectory, a style, a tokenizer."""

    trajectory: Trajectory
    step: int
    style: str
    tokenizer: str
    telling: Telling | None = None
    limit: int = 0


class CountedText(msgspec.Struct, frozen=True):
    """A text, its tokens, and whether the template itself marks the answers (None: no template was used)."""

    text: TrainingText
    tokens: TokenCounts
    is_marked: bool | None = None


def counted_text(request: TextRequest) -> CountedText:
    """Write a text and count its tokens. Runs in the worker process."""
    tokenizer = load_tokenizer(request.tokenizer)
    text = _written(tokenizer, request)
    marked = is_marked(tokenizer) if request.style == CHAT_TEMPLATE else None
    return CountedText(text, count_tokens(tokenizer, text, request.limit), marked)


def template_texts(requests: Sequence[TextRequest]) -> list[TrainingText | str]:
    """Write many texts; of one that cannot be written the reason. Runs in the worker process."""
    made: list[TrainingText | str] = []
    for request in requests:
        try:
            made.append(_written(load_tokenizer(request.tokenizer), request))
        except UntellableError as error:
            made.append(error.reason)
    return made


def _written(tokenizer: Any, request: TextRequest) -> TrainingText:
    if request.style == CHAT_TEMPLATE:
        return write_with_template(tokenizer, request.trajectory, request.step)
    return write_training_text(request.trajectory, request.step, request.style, request.telling)


@lru_cache(maxsize=2)
def load_tokenizer(name: str) -> Any:
    """Load a tokenizer from a folder or by its name on the hub; its own code is never run.

    Raises:
        SettingError: there is none, or it cannot say which characters a token stands for.
    """
    from transformers import AutoTokenizer

    folder = named_folder(name)
    if folder is None and is_folder_name(name):
        raise SettingError(f"There is no folder {name!r}.", _WAY_OUT)
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder or name), trust_remote_code=False)
    except Exception as error:  # whatever a folder or the hub brings
        raise SettingError(
            f"No tokenizer can be loaded from {name!r}: {_first_line(error)}", _WAY_OUT
        ) from error
    if not tokenizer.is_fast:
        raise SettingError(
            f"The tokenizer of {name!r} does not say which characters a token stands for.",
            "Choose one that has a tokenizer.json.",
        )
    return tokenizer


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:300]


class TokenizerProcess:
    """One worker process for tokenizers; it ends when nobody has used it for some minutes."""

    def __init__(self, *, idle_seconds: float = IDLE_SECONDS, most_seconds: float = MOST_SECONDS) -> None:
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._idle: threading.Timer | None = None
        self._idle_seconds = idle_seconds
        self._most_seconds = most_seconds

    def run(self, function: Callable[[Item], Result], item: Item) -> Result:
        """Return `function(item)` as the worker process gives it.

        Raises:
            SettingError: it takes so long that nothing will come of it, or the process ended.
        """
        with self._lock:
            self._stop_clock()
            self._worker = self._worker or Worker()
            with _ended_after(self._most_seconds, self._worker) as clock:
                try:
                    return self._worker.run(function, item)
                except WorkerEndedError as error:
                    self._worker.end()
                    self._worker = None
                    raise SettingError(
                        _why_ended(clock, self._most_seconds), "Choose another tokenizer."
                    ) from error
                except XlamError:
                    raise
                finally:
                    self._start_clock()

    def end(self) -> None:
        """End the process, if one is there."""
        with self._lock:
            self._stop_clock()
            if self._worker is not None:
                self._worker.end()
                self._worker = None

    def _start_clock(self) -> None:
        self._idle = threading.Timer(self._idle_seconds, self.end)
        self._idle.daemon = True
        self._idle.start()

    def _stop_clock(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None


@contextmanager
def _ended_after(seconds: float, worker: Worker) -> Iterator[threading.Event]:
    """Kill a worker that takes longer; the event says that this was done."""
    is_late = threading.Event()

    def end() -> None:
        is_late.set()
        worker.kill()

    clock = threading.Timer(seconds, end)
    clock.daemon = True
    clock.start()
    try:
        yield is_late
    finally:
        clock.cancel()


def _why_ended(is_late: threading.Event, seconds: float) -> str:
    if is_late.is_set():
        return f"The tokenizer was at work for more than {seconds:,.0f} seconds and was ended."
    return "The process of the tokenizer ended."


TOKENIZERS = TokenizerProcess()
