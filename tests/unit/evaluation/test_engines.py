"""Kept models: a tiny one answers in process; a server of the run's own is started, asked and ended."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from types import SimpleNamespace

import pytest

from tests.tiny_kept import keep_tiny
from xlam_backend.bfcl.question import Question
from xlam_backend.errors import JudgeUnavailableError, SettingError, StoppedError
from xlam_backend.evaluation import engine as engines
from xlam_backend.evaluation.answers import Answer, AnswerLog
from xlam_backend.evaluation.engine import ChatPrompts, chosen_engine
from xlam_backend.evaluation.model_answers import answer_with_model
from xlam_backend.evaluation.plan import EvaluationPlan
from xlam_backend.evaluation.transformers_engine import TransformersEngine
from xlam_backend.evaluation.vllm_engine import VllmEngine, vllm_command
from xlam_backend.evaluation.vllm_server import VllmServer
from xlam_backend.training.models import find_model
from xlam_backend.training.start import Start
from xlam_backend.training.weights import load_kept_model, load_kept_tokenizer

AREA = {
    "name": "area",
    "description": "Area.",
    "parameters": {"type": "dict", "properties": {"base": {"type": "integer"}}, "required": ["base"]},
}
PLAN = EvaluationPlan(question_set="q", kept_model="tiny-1", max_tokens=5, batch_size=2, concurrency=2)
# Stands in for vLLM: it takes the same command line and answers the three addresses that are asked.
STAND_IN = """\
#!{python}
import json, os, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
arguments = sys.argv[1:]
if os.environ.get("STAND_IN") == "broken":
    sys.exit("CUDA error: no device")
class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def send(self, value):
        text = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def do_GET(self):
        self.send({{"object": "list", "data": [{{"id": "m", "object": "model", "max_model_len": 900}}]}})
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = f"{{asked['model']}} {{len(asked['prompt'])}}"
        choice = {{"index": 0, "text": text, "finish_reason": "stop"}}
        self.send({{"id": "c", "object": "text_completion", "created": 1, "model": "m", "choices": [choice],
                   "usage": {{"prompt_tokens": 1, "completion_tokens": 3, "total_tokens": 4}}}})
port = int(arguments[arguments.index("--port") + 1])
ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


def question(number, words="What is the area with base 7?"):
    said = ({"role": "user", "content": words},)
    return Question(f"simple_python_{number}", "simple_python", (said,), (AREA,))


QUESTIONS = [question(0), question(1, "And now? " * 30), question(2, "Short.")]


@pytest.fixture(scope="module")
def kept_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    keep_tiny(folder)
    return folder


@pytest.fixture(scope="module")
def kept(kept_folder):
    return find_model(kept_folder, "tiny-1")


@pytest.fixture(scope="module")
def prompts(kept):
    return ChatPrompts(load_kept_tokenizer(kept), PLAN)


@pytest.fixture(scope="module")
def tiny(kept_folder, kept, prompts):
    return TransformersEngine(load_kept_model(kept_folder, kept), prompts.tokenizer, PLAN)


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """A program called vllm that stands first on the path."""
    program = tmp_path / "bin" / "vllm"
    program.parent.mkdir()
    program.write_text(STAND_IN.format(python=sys.executable))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    engines.vllm_program.cache_clear()
    yield program
    engines.vllm_program.cache_clear()


def never():
    return False


def answers_of(engine, prompts, questions=QUESTIONS, should_stop=never):
    taken = []
    answer_with_model(
        questions, prompts, engine, take=taken.append, should_stop=should_stop, is_scripted=True
    )
    return {answer.item_id: answer for answer in taken}


def test_a_kept_model_answers_and_a_batch_changes_no_answer(tiny, prompts):
    together = answers_of(tiny, prompts)
    assert set(together) == {one.id for one in QUESTIONS}
    for one in QUESTIONS:
        alone = answers_of(tiny, prompts, [one])[one.id]
        assert (alone.output, alone.output_tokens) == (
            together[one.id].output,
            together[one.id].output_tokens,
        )
        assert 0 < alone.output_tokens <= 5
        assert alone.is_cut == (alone.output_tokens == PLAN.max_tokens)
        assert alone.input_tokens == len(prompts.prompt(one).tokens)
        assert alone.is_scripted


def test_a_prompt_has_the_template_of_the_training_and_no_answer(prompts):
    text = prompts.prompt(QUESTIONS[0]).text
    assert "You can call these functions" in text
    assert text.endswith("<|assistant|>\n")


def test_a_prompt_beyond_the_context_is_not_answered(tiny, prompts, monkeypatch):
    monkeypatch.setattr(tiny, "context", 300)
    answers = answers_of(tiny, prompts)
    long = answers["simple_python_1"]
    assert (long.state, long.is_settled) == ("not answered", True)
    assert "the model takes 300" in long.reason
    assert answers["simple_python_0"].state == "answered"


def test_a_stopped_run_keeps_what_it_has(tiny, prompts):
    with pytest.raises(StoppedError, match="3 questions are left"):
        answers_of(tiny, prompts, should_stop=lambda: True)


def test_the_log_forgets_a_torn_line_and_what_may_be_asked_again(tmp_path):
    with AnswerLog(tmp_path) as log:
        log.add(Answer(item_id="a", state="answered", output="x"))
        log.add(Answer(item_id="b", state="not answered", reason="down"))
        log.add(Answer(item_id="c", state="not answered", reason="too long", is_settled=True))
    with (tmp_path / "answers.jsonl").open("ab") as file:
        file.write(b'{"item_id": "d", "sta')
    with AnswerLog(tmp_path) as log:
        assert sorted(log.answers) == ["a", "c"]
        assert log.missing_count == 1
        log.add(Answer(item_id="d", state="answered"))
    with AnswerLog(tmp_path) as log:
        assert sorted(log.answers) == ["a", "c", "d"]


def test_a_server_of_the_runs_own_answers_and_is_ended(
    stand_in, kept_folder, kept, prompts, tmp_path, monkeypatch
):
    monkeypatch.setenv("XLAM_DATA_DIR", str(kept_folder))
    (tmp_path / "state").mkdir()
    said = []
    context = SimpleNamespace(
        folder=tmp_path, should_stop=never, log=said.append, progress=lambda *_, **__: None
    )
    engine = VllmEngine(kept, PLAN, context)
    server = engine._server
    try:
        assert engine.context == 900
        answers = answers_of(engine, prompts)
    finally:
        engine.close()
    for one in QUESTIONS:
        assert answers[one.id].output == f"tiny-1 {len(prompts.prompt(one).tokens)}"
        assert answers[one.id].output_tokens == 3
    assert not server.is_alive()
    with pytest.raises(JudgeUnavailableError, match="did not answer"):
        asyncio.run(engine._write_all([prompts.prompt(QUESTIONS[0])], lambda *_: None, never))


def test_a_server_that_does_not_come_up_says_why(stand_in, tmp_path, monkeypatch):
    monkeypatch.setenv("STAND_IN", "broken")
    server = VllmServer(lambda port: [str(stand_in), "serve", "--port", str(port)], tmp_path / "log")
    with pytest.raises(JudgeUnavailableError, match="CUDA error: no device"):
        server.start(never)
    monkeypatch.delenv("STAND_IN")
    with pytest.raises(StoppedError):
        server.start(lambda: True)
    assert not server.is_alive()


def test_an_adapter_is_served_on_its_base():
    command = vllm_command(Start("base", adapter="/a"), PLAN, name="x", port=1, program="vllm")
    assert command[:3] == ["vllm", "serve", "base"]
    assert "x=/a" in command
    assert command[command.index("--served-model-name") + 1] == "x.base"


def test_the_engine_suits_the_machine(stand_in):
    auto = EvaluationPlan(question_set="q", kept_model="m")
    assert chosen_engine(auto, has_gpu=False) == "transformers"
    assert chosen_engine(auto, has_gpu=True) == "vllm"
    with pytest.raises(SettingError, match="no GPU"):
        chosen_engine(EvaluationPlan(question_set="q", kept_model="m", engine="vllm"), has_gpu=False)
