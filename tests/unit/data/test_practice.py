"""The practice data: reproducible, clean by the checks, and apart from the demo questions."""

from __future__ import annotations

import gzip
import json
import runpy

from xlam_backend.checks import CHECKS
from xlam_backend.checks.engine import compile_checks
from xlam_backend.importers.base import Kept
from xlam_backend.importers.pipeline import read_source
from xlam_backend.settings import PRACTICE


def rows():
    return [json.loads(line) for line in gzip.decompress(PRACTICE.read_bytes()).splitlines()]


def test_the_file_holds_what_the_script_makes(root):
    script = runpy.run_path(str(root / "data" / "make_practice.py"))
    assert script["make_chats"](script["SEED"], script["ROWS"]) == rows()


def test_every_row_is_kept_and_no_check_has_anything_against_it():
    engine = compile_checks(CHECKS)
    results = [result for _, batch in read_source(PRACTICE) for result in batch]
    assert len(results) == len(rows())
    kept = [result.trajectory for result in results if isinstance(result, Kept)]
    assert len(kept) == len(results)
    found = {
        (finding.check, finding.level, finding.message)
        for trajectory in kept[:400]
        for finding in engine.check_trajectory(trajectory).findings
    }
    assert found == set()


def test_no_demo_question_stands_in_it(root):
    asked = {row["messages"][0]["content"] for row in rows()}
    for file in (root / "data" / "questions_demo").glob("BFCL_v4_*.json"):
        for line in file.read_text(encoding="utf-8").splitlines():
            assert json.loads(line)["question"][0][0]["content"] not in asked
