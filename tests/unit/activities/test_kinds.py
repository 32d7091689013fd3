"""The kinds of run: each under its own name, each file listed, and one loaded without the others."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.processes import ROOT
from xlam_backend.activities.kinds import RUN_KINDS

_CONSTANT = re.compile(r"^\w*RUN_KIND(?:: RunKind)? = ", re.MULTILINE)


def test_every_kind_stands_under_its_own_name():
    assert [kind.name for kind in RUN_KINDS.values()] == list(RUN_KINDS)


def test_every_file_that_ends_in_a_kind_is_listed():
    files = (ROOT / "xlam_backend" / "activities").glob("*_run.py")
    constants = sum(len(_CONSTANT.findall(path.read_text("utf-8"))) for path in files)
    assert constants == len(RUN_KINDS)


def told_by(code):
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_one_kind_is_loaded_without_the_others():
    code = (
        "import sys; from xlam_backend.activities.kinds import RUN_KINDS; assert 'train' in RUN_KINDS;"
        "RUN_KINDS['merge']; print(*[name for name in sys.modules if name.endswith('_run')])"
    )
    assert told_by(code) == ["xlam_backend.activities.merge_run"]


def test_a_worker_makes_and_reads_tables_without_pandas_and_may_import_it(tmp_path):
    code = f"""
import sys
from pathlib import Path
import pyarrow as pa, pyarrow.parquet as pq
from xlam_backend.runs.without_pandas import keep_pandas_out
from xlam_backend.store.parquet_file import read_parquet
keep_pandas_out()
pq.write_table(pa.table({{"a": [1, 2]}}), {str(tmp_path / "file")!r})
print(*read_parquet(Path({str(tmp_path / "file")!r}))["a"].to_pylist(), "pandas" in sys.modules)
import pandas
print(len(pandas.DataFrame({{"a": [1]}})))
"""
    assert told_by(code) == ["1", "2", "False", "1"]
