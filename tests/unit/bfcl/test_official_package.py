"""The official package: its questions fetched from the very wheel, its verdicts held against ours."""

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.builders import A_RESEARCHER, AN_ANNOTATOR
from xlam_backend.bfcl import official_package
from xlam_backend.bfcl.categories import category_by_name
from xlam_backend.bfcl.official_package import (
    PACKAGE,
    environment_python,
    fetch_questions,
    install_official,
    judge_officially,
    run_command,
)
from xlam_backend.bfcl.question import Question
from xlam_backend.bfcl.question_files import QuestionSet
from xlam_backend.bfcl.result_files import ModelResults, ResultItem
from xlam_backend.bfcl.score_files import ScoreFailure, write_scores
from xlam_backend.bfcl.scored_results import ScoredResults
from xlam_backend.bfcl.verdict import Verdict
from xlam_backend.domain.evaluation import Tally
from xlam_backend.errors import (
    AccessDeniedError,
    ExternalError,
    NotFoundError,
    SettingError,
    SourceUnreadableError,
)
from xlam_backend.store.connection import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LINE = {
    "id": "irrelevance_0",
    "question": [[{"role": "user", "content": "Rain?"}]],
    "function": [{"name": "f", "parameters": {}}],
}


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "data", now=NOW)
    yield opened
    opened.close()


def a_wheel(files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """A wheel that passes for the published one."""
    content = a_wheel(
        {
            "bfcl_eval/data/BFCL_v4_irrelevance.json": json.dumps(LINE),
            "bfcl_eval/data/README.md": "terms",
            "bfcl_eval/data/../../escape.json": "{}",
            "bfcl_eval/eval_checker/eval_runner.py": "raise SystemExit",
        }
    )
    monkeypatch.setattr(official_package, "WHEEL_HASH", hashlib.sha256(content).hexdigest())
    path = tmp_path / "bfcl_eval-x.whl"
    path.write_bytes(content)
    return path


def no_run(*_):
    raise AssertionError


def test_questions_are_taken_out_of_the_wheel_and_nothing_else(store, wheel):
    found = fetch_questions(store, person=A_RESEARCHER, now=NOW, wheel=wheel, run=no_run)
    assert found.name == "bfcl_v4"
    assert found.question_count == 1
    files = {path.name for path in Path(found.folder).rglob("*") if path.is_file()}
    assert files == {"BFCL_v4_irrelevance.json", "README.md"}
    again = fetch_questions(store, person=A_RESEARCHER, now=NOW, run=no_run)
    assert again.hash == found.hash


def test_pip_downloads_the_wheel(store, wheel):
    said = []

    def run(command, _environment, _seconds):
        said.append(command)
        folder = Path(command[command.index("--dest") + 1])
        (folder / "bfcl_eval-1.whl").write_bytes(wheel.read_bytes())

    assert fetch_questions(store, person=A_RESEARCHER, now=NOW, run=run).question_count == 1
    assert said[0][-1] == PACKAGE
    assert "--no-deps" in said[0]


def test_another_wheel_is_refused_and_nothing_is_left(store, tmp_path):
    other = tmp_path / "bfcl_eval-x.whl"
    other.write_bytes(a_wheel({"bfcl_eval/data/BFCL_v4_irrelevance.json": json.dumps(LINE)}))
    with pytest.raises(SourceUnreadableError, match="SHA-256"):
        fetch_questions(store, person=A_RESEARCHER, now=NOW, wheel=other, run=no_run)
    assert not list((store.folder / "question_sets").iterdir())


def test_only_who_may_evaluate_fetches(store, wheel):
    with pytest.raises(AccessDeniedError):
        fetch_questions(store, person=AN_ANNOTATOR, now=NOW, wheel=wheel, run=no_run)


def test_a_program_that_fails_is_told_in_words(tmp_path):
    with pytest.raises(ExternalError, match="no such thing"):
        run_command(["/bin/sh", "-c", "echo no such thing >&2; exit 3"], {}, 20)
    with pytest.raises(ExternalError, match="did not come to its end"):
        run_command([str(tmp_path / "missing")], {}, 20)


def test_the_package_goes_into_an_environment_of_its_own(tmp_path):
    said = []
    python = install_official(tmp_path, run=lambda command, *_: said.append(command))
    assert python == environment_python(tmp_path)
    assert tmp_path in python.parents
    assert said[0][1:3] == ["-m", "venv"]
    assert said[1][0] == str(python)
    assert PACKAGE in said[1]


@pytest.fixture
def judged():
    questions = tuple(Question(f"multiple_{number}", "multiple", (), ()) for number in range(3))
    asked = QuestionSet("bfcl_v4", "", "", "v4", {"multiple": questions}, {}, ())
    items = tuple(ResultItem(question.id, "[f()]") for question in questions)
    verdicts = {
        "multiple_0": Verdict(is_valid=True),
        "multiple_1": Verdict(is_valid=False, error_type="wrong_count"),
        "multiple_2": Verdict(is_valid=True),
    }
    scored = ScoredResults("m", {"multiple": verdicts}, {"multiple": Tally(2, 3)}, {})
    return ModelResults("m", "v4", {"multiple": items}, {}, ()), asked, scored


def other_scores(_command, environment, _seconds):
    root = Path(environment["BFCL_PROJECT_ROOT"])
    write_scores(root, "m", category_by_name("irrelevance"), Tally(0, 0), [])


def test_verdicts_of_both_are_held_against_each_other(tmp_path, judged, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    python = environment_python(tmp_path)
    python.parent.mkdir(parents=True)
    python.touch()

    def official(command, environment, _seconds):
        assert "secret" not in environment.values()
        root = Path(environment["BFCL_PROJECT_ROOT"])
        model = command[command.index("--model") + 1]
        assert (root / "result" / model / "non_live" / "BFCL_v4_multiple_result.json").is_file()
        wrong = [ScoreFailure("multiple_1", "wrong_count"), ScoreFailure("multiple_2", "value_error:string")]
        write_scores(root, model, category_by_name("multiple"), Tally(1, 3), wrong)

    results, asked, scored = judged
    found = judge_officially(tmp_path, results, asked, scored, reader="prompted", run=official)
    assert (found.compared, found.agreed) == ({"multiple": 3}, {"multiple": 2})
    assert [(one.id, one.ours, one.official) for one in found.disagreements] == [
        ("multiple_2", "", "value_error:string")
    ]
    assert not found.is_complete
    with pytest.raises(ExternalError, match="no scores of multiple"):
        judge_officially(tmp_path, results, asked, scored, reader="prompted", run=other_scores)


def test_what_cannot_be_judged_says_what_to_do(tmp_path, judged):
    results, asked, scored = judged
    with pytest.raises(NotFoundError, match="official install"):
        judge_officially(tmp_path, results, asked, scored, reader="native", run=no_run)
    python = environment_python(tmp_path)
    python.parent.mkdir(parents=True)
    python.touch()
    empty = ScoredResults("m", {}, {}, {})
    with pytest.raises(SettingError, match="v4 alone"):
        judge_officially(tmp_path, results, asked, empty, reader="native", run=no_run)
