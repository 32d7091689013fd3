"""Imports every public file named here into a store of its own, checks it, and prints what became of it.

Run: python -m benchmarks.import_real_files [--data FOLDER] [--only WORD] [--json]
The table is Markdown; docs/imports.md holds it. A file whose format is not recognised as the one
named here is an error: this is the proof that recognition and its order hold on real data.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from xlam_backend.checks.run import run_checks
from xlam_backend.domain.person import Person
from xlam_backend.errors import XlamError
from xlam_backend.importers.pipeline import import_source
from xlam_backend.importers.report import ImportReport
from xlam_backend.store.connection import Store
from xlam_backend.store.error_statistics import read_error_counts

RESEARCHER = Person("benchmark", "researcher")

MOST_CHECKS = 4
DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
_API_CLASSES = ("raw/api_bank/derived/api_classes.json",)
_SINGLE_TURN = (
    "simple_python",
    "simple_java",
    "simple_javascript",
    "multiple",
    "parallel",
    "parallel_multiple",
    "irrelevance",
    "live_simple",
    "live_multiple",
    "live_parallel",
    "live_parallel_multiple",
    "live_irrelevance",
    "live_relevance",
)
_OTHER_QUESTIONS = (
    "multi_turn_base",
    "multi_turn_long_context",
    "multi_turn_miss_func",
    "multi_turn_miss_param",
    "memory",
    "web_search",
)

_DIALOGUE_SETS = ("ABCD", "BiTOD", "KETOD", "MULTIWOZ2_2", "MultiWOZ_2.1", "STAR", "Taskmaster1")
_SGD_LIKE = ("KETOD", "MULTIWOZ2_2")


class RealFile(msgspec.Struct, frozen=True):
    """A file or folder below the data folder, the importer it is for, and files it needs from elsewhere."""

    importer: str
    path: str
    companions: tuple[str, ...] = ()


class Outcome(msgspec.Struct, frozen=True):
    """What became of one file: its report, or the fault that stopped it, and what the checks say.

    `findings` counts trajectories by check, reject and fix findings only, the most frequent first.
    """

    file: RealFile
    report: ImportReport | None = None
    fault: str = ""
    flagged_count: int = 0
    trajectory_count: int = 0
    findings: tuple[tuple[str, int], ...] = ()


REAL_FILES: tuple[RealFile, ...] = (
    # xlam-function-calling-60k and what was made of it
    RealFile("xlam_60k", "raw/xlam_60k/derived/xlam_native_format_reconstructed.jsonl"),
    RealFile("xlam_prompt", "raw/xlam_60k/hammer_masking/masking_sft_data_example.json"),
    # function calling, preference and instruction data
    RealFile("toolace", "raw/toolace/zaego123_converted/sharegpt_func_fixed.json"),
    RealFile("sharegpt_tools", "raw/glaive/glaive_toolcall_en_demo.json"),
    RealFile("openai_chat", "raw/openai_chat_logs/functionary"),
    RealFile("openai_chat", "raw/openai_chat_logs/llamafactory/reason_tool_use_demo_50.jsonl"),
    RealFile("openai_chat", "raw/apigen_mt_repro/data"),
    RealFile("instructions", "raw/openai_chat_logs/llamafactory/v1_sft_demo.jsonl"),
    RealFile("preference_pairs", "raw/openai_chat_logs/llamafactory/v1_dpo_demo.jsonl"),
    RealFile("preference_pairs", "raw/dpo_pairs/dpo_en_demo.json"),
    RealFile("when2call", "raw/when2call/when2call_test_llm_judge.jsonl"),
    RealFile("sealtools", "raw/sealtools/original/dev.jsonl"),
    RealFile("toolalpaca", "raw/toolalpaca/data/eval_simulated.json"),
    RealFile("toolalpaca", "raw/toolalpaca/evalution_outputs/ToolAlpaca7b.json"),
    RealFile("query_tools_answers", "raw/toolalpaca/hammer/toolalpaca.json"),
    RealFile("query_tools_answers", "raw/api_bank/hammer/apibank_l1.json"),
    RealFile("api_bank", "raw/api_bank/original/lv1-lv2-samples", _API_CLASSES),
    RealFile("tau_bench", "raw/tau_bench/historical_trajectories/gpt-4o-airline.json"),
    # agents' runs
    RealFile("toolbench_answers", "raw/toolbench/OpenBMB/data_example/answer"),
    RealFile("toolbench_answers", "raw/toolbench/StableToolBench/data_example/answer"),
    RealFile("toolbench_tooleval", "raw/toolbench/OpenBMB/toolbench/tooleval/results/default_evalset"),
    RealFile("toolbench_queries", "raw/toolbench/OpenBMB/data_example/instruction"),
    RealFile("toolbench_queries", "raw/toolbench/StableToolBench/solvable_queries/test_instruction"),
    RealFile("hotpotqa_react_logs", "raw/hotpotqa/reflexion_runs"),
    RealFile("hotpotqa_fireact", "raw/hotpotqa/FireAct/trajs"),
    RealFile("hotpotqa_fireact", "raw/hotpotqa/FireAct/data/finetune/gpt_format/hotpotqa.jsonl"),
    RealFile("hotpotqa_knowagent", "raw/hotpotqa/KnowAgent"),
    RealFile("alfworld_knowagent", "raw/alfworld/KnowAgent"),
    RealFile("alfworld_mint", "raw/alfworld/mint-bench"),
    RealFile("known_without_runs", "raw/alfworld/reflexion"),
    RealFile("webshop_react_log", "raw/webshop/ReAct_notebook/webshop_react_stdout.txt"),
    RealFile("webshop_sessions", "raw/webshop/AgentGym/all_trajs"),
    RealFile("known_without_runs", "raw/webshop/reflexion"),
    RealFile("mind2web_runs", "raw/mind2web/abp_online_mind2web/abp_run"),
    RealFile("mind2web_seeact", "raw/mind2web/SeeAct/examples"),
    RealFile("known_without_runs", "raw/mind2web/SeeAct/online_tasks"),
    RealFile("agentbench_knowledge_graph", "raw/agentbench/knowledgegraph/dev.json"),
    RealFile("agentbench_databases", "raw/agentbench/dbbench/dev.jsonl"),
    RealFile("agentbench_os", "raw/agentbench/os_interaction/data/dev.json"),
    RealFile("agentinstruct", "raw/agentinstruct/adp_web"),
    *(
        RealFile("dialogstudio", f"raw/dialogstudio/{name}/converted_examples.json")
        for name in _DIALOGUE_SETS
    ),
    *(
        RealFile(
            "sgd" if name in _SGD_LIKE else "dialogstudio_originals",
            f"raw/dialogstudio/{name}/original_examples.json",
        )
        for name in _DIALOGUE_SETS
    ),
    RealFile("sgd", "raw/sgd/dev/dialogues_001.json"),
    RealFile("workbench", "raw/workbench/processed"),
    RealFile("workbench", "raw/workbench/results"),
    RealFile("tooltalk", "raw/tooltalk"),
    *(
        RealFile("bfcl_questions", f"bfcl/v4/BFCL_v4_{category}.json")
        for category in (*_SINGLE_TURN, *_OTHER_QUESTIONS)
    ),
    *(
        RealFile("bfcl_results", f"bfcl/oracle/{category}.jsonl.gz")
        for category in (*_SINGLE_TURN, "multi_turn")
    ),
)


def main() -> int:
    """Import, print the table, and return 1 when any file was not imported as meant."""
    options = _parser().parse_args()
    chosen = [file for file in REAL_FILES if options.only in f"{file.importer} {file.path}"]
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder))
        try:
            imported = list(import_all(store, options.data, chosen))
            run_checks(store, person=RESEARCHER, now=datetime(2026, 1, 1, tzinfo=UTC))
            outcomes = list(add_findings(store, imported))
        finally:
            store.close()
    print(json.dumps(msgspec.to_builtins(outcomes)) if options.json else "\n".join(table_lines(outcomes)))
    faults = [f"{outcome.file.path}: {outcome.fault}" for outcome in outcomes if outcome.fault]
    print("\n".join(faults), file=sys.stderr)
    return 1 if faults else 0


def import_all(store: Store, data: Path, files: Iterable[RealFile]) -> Iterator[Outcome]:
    """Import each file under its path as the data set's name, recognising its format."""
    for file in files:
        try:
            report = import_source(
                store,
                data / file.path,
                now=datetime(2026, 1, 1, tzinfo=UTC),
                dataset=file.path,
                companions=[data / companion for companion in file.companions],
                person=RESEARCHER,
            )
        except XlamError as error:
            yield Outcome(file, fault=str(error))
            continue
        is_meant = report.importer == file.importer
        yield Outcome(
            file, report, "" if is_meant else f"recognised as {report.importer}, not {file.importer}"
        )


def add_findings(store: Store, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """Yield each outcome with what the checks found in its data set."""
    flagged = {group.name: group for group in read_error_counts(store).by_dataset}
    for outcome in outcomes:
        group = flagged.get(outcome.file.path)
        if group is None:
            yield outcome
            continue
        counts: Counter[str] = Counter()
        for found in read_error_counts(store, outcome.file.path).by_check:
            if found.level in ("reject", "fix"):
                counts[found.check] += found.trajectory_count
        yield msgspec.structs.replace(
            outcome,
            flagged_count=group.hits,
            trajectory_count=group.total,
            findings=tuple(counts.most_common(MOST_CHECKS)),
        )


def table_lines(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield the table as lines of Markdown."""
    columns = ("format", "file", "read", "kept", "rejected", "files skipped", "trajectories", "flagged")
    yield f"| {' | '.join(columns)} | most frequent errors |"
    yield "|---|---|--:|--:|--:|--:|--:|--:|---|"
    for outcome in outcomes:
        report = outcome.report
        name = f"| {outcome.file.importer} | {outcome.file.path} "
        if report is None:
            yield f"{name}| | | | | | | {outcome.fault} |"
            continue
        counts = (
            report.read_count,
            report.kept_count,
            report.rejected_count,
            len(report.skipped),
            outcome.trajectory_count,
            outcome.flagged_count,
        )
        errors = ", ".join(f"{check} {count:,}" for check, count in outcome.findings)
        yield f"{name}| " + " | ".join(f"{count:,}" for count in counts) + f" | {errors} |"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="the folder that holds raw/ and bfcl/")
    parser.add_argument("--only", default="", help="only files whose importer or path holds this word")
    parser.add_argument("--json", action="store_true", help="print the reports as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
