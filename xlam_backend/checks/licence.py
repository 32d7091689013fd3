"""Flags general-instruction data whose licence forbids commercial use, or is not known.

What it sees: the licence that a record states itself, else that of its dataset, looked up in the table of
licences; both can be corrected by a person. Its findings follow the table, and are not made record by record.
Why it hurts: a model trained on it may not be used for what it was made for.
Example (bad): licence = "CC BY-NC 4.0"
Example (good): licence = "Apache-2.0"
Way out: correct what the dataset or the table says, get permission and note it there, or leave the data out.
"""

from __future__ import annotations

from xlam_backend.checks.base import Check, Findings
from xlam_backend.checks.sample import Sample


def say_nothing(_sample: Sample) -> Findings:
    """Return nothing: a record alone does not say which licence it is under."""
    return ()


RUN_CHECK = Check(
    rule_id="G2",
    name="licence",
    title="Non-commercial or unknown licence",
    level="reject",
    code="other",
    scope="trajectory",
    run=say_nothing,
)
