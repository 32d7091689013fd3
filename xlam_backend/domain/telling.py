"""How a trajectory is told to a model: format, marks and order of its prompt; and what it was made from."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

Section = Literal["task instruction", "tools", "format instruction", "examples", "query", "history"]
SECTIONS: tuple[Section, ...] = (
    "task instruction",
    "tools",
    "format instruction",
    "examples",
    "query",
    "history",
)
TOOL_KEYS = ("name", "description", "parameters")

DerivationKind = Literal["augmented", "rephrased"]


class Telling(msgspec.Struct, frozen=True, gc=False):
    """How the prompt and the answers of a trajectory are to be written.

    format_name      the output format of its answers; "" = that of its source, which nothing here changes
    style_name       the section style of its prompt
    section_order    the order of the sections
    tool_keys        the order of the keys of its tools
    arguments_first  in calls written with the keys name and arguments, arguments come first
    """

    format_name: str = ""
    style_name: str = "start_end"
    section_order: tuple[Section, ...] = SECTIONS
    tool_keys: tuple[str, ...] = TOOL_KEYS
    arguments_first: bool = False


class Derivation(msgspec.Struct, frozen=True):
    """What a trajectory was made from, and how.

    parent_no          trajectory_no of the parent; it may have been removed since
    parent_version_no  the version of the parent that was read
    parent_id          content id of that version
    telling            None where the prompt is written as the source has it
    model              the model that wrote it, "" where none did; `is_scripted`: it was the scripted one
    plan               the parameters of the run, as JSON
    """

    trajectory_no: int
    parent_no: int
    parent_version_no: int
    parent_id: str
    kind: DerivationKind
    telling: Telling | None
    model: str
    is_scripted: bool
    seed: int
    plan: dict[str, Any]
    run_id: str
    made_at: datetime
