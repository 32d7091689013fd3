"""Every error a person may see, with what happened and the way out.

XlamError
  InputError            UnknownNameError, SettingError, SourceUnreadableError, MissingPackageError,
                        UnreadableRecordError
  ExternalError         HubUnavailableError (retryable), JudgeUnavailableError (retryable),
                        BudgetSpentError
  StoreError            StoreBusyError (retryable), MigrationError, NotFoundError
  FixRefusedError
  ReviewRefusedError
  AccessDeniedError
  RunError
  StoppedError

Anything else that reaches a page or the command line is a bug and is shown as one.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class XlamError(Exception):
    """What happened (`what`), what to do next (`way_out`), and whether trying again may help."""

    retryable = False

    def __init__(self, what: str, way_out: str = "") -> None:
        super().__init__(f"{what} {way_out}".strip())
        self.what = what
        self.way_out = way_out


class InputError(XlamError):
    """Something a person gave cannot be used as it is."""


class UnknownNameError(InputError):
    """A name that is not registered, with the nearest one that is."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = list(known)
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(names) or 'none yet'}."
        super().__init__(f"There is no {kind} called {name!r}.", hint)


class SettingError(InputError):
    """A setting or parameter has a value that cannot be used."""


class SourceUnreadableError(InputError):
    """A file, folder or dataset cannot be read as what it claims to be."""


class UnreadableRecordError(InputError):
    """One record is not in the form its format asks for; importers turn it into a reject."""


class MissingPackageError(InputError):
    """An optional package is needed for this and is not installed."""


class ExternalError(XlamError):
    """Something outside this machine did not do its part."""


class HubUnavailableError(ExternalError):
    """The Hugging Face hub cannot be reached, or does not have the dataset."""

    retryable = True


class JudgeUnavailableError(ExternalError):
    """The model's endpoint did not answer, or answered with an error that may pass."""

    retryable = True


class BudgetSpentError(ExternalError):
    """The calls, tokens or money that a run may use are spent."""


class StoreError(XlamError):
    """The store cannot do what was asked."""


class StoreBusyError(StoreError):
    """Another process owns the store and does not answer requests."""

    retryable = True


class MigrationError(StoreError):
    """The database's schema is not one this version can open."""


class NotFoundError(StoreError):
    """Nothing in the store has this id."""


class FixRefusedError(XlamError):
    """A fix would be lossy, ambiguous or would introduce an error."""


class ReviewRefusedError(XlamError):
    """A verdict, claim or adjudication does not fit what the desk knows: a stale lease, a full item."""


class AccessDeniedError(XlamError):
    """The person's role does not allow this."""


class RunError(XlamError):
    """A run cannot be started, resumed or taken in as it is; or a process of it has failed and told why."""

    failure_class = ""


class StoppedError(XlamError):
    """A person stopped the work before its end; what was there before is unchanged."""
