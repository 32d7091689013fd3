"""A tiny kind of run for the tests, and the program that carries it out: `python -m tests.run_kinds`."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

from xlam_backend.activities.worker import main
from xlam_backend.errors import JudgeUnavailableError, SourceUnreadableError
from xlam_backend.runs.base import Places, Prepared, Registry, RunKind


def prepare(_store, folder: Path, params) -> Prepared:
    if params.get("fail_to_prepare"):
        raise SourceUnreadableError("There is nothing here.", "Look elsewhere.")
    (folder / "input" / "items.json").write_text(json.dumps(list(range(params["count"]))))
    return Prepared(params["count"], f"{params['count']} items")


def work(context) -> None:
    """Write a part for each item; a file named go lets it pass the item where it is to wait."""
    items = json.loads((context.folder / "input" / "items.json").read_text())
    for item in items:
        if context.should_stop():
            return
        act(context, item)
        name = f"part-{item:04d}.json"
        if not context.has_part(name):
            context.write_part(name, json.dumps([item] * context.params.get("rows", 1)).encode())
        context.progress(item + 1, len(items), f"{item + 1} of {len(items)}", cost=float(item))
    context.set_outcome({"items": len(items), "attempt": context.attempt})


def act(context, item: int) -> None:
    params = context.params
    if item != params.get("at", -1) or context.attempt > params.get("attempts", 1):
        return
    context.log(f"at item {item}")
    {"wait": wait, "deaf": deaf, "children": children}.get(params["do"], fail)(context)


def wait(context) -> None:
    while not (context.folder / "go").exists() and not context.should_stop():
        time.sleep(0.01)


def deaf(context) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (context.folder / "deaf").touch()
    while True:
        time.sleep(0.01)


def children(context) -> None:
    """Start a process in a session of its own, which starts another: both outlive their parents."""
    sleeper = "import time; time.sleep(600)"
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {sleeper!r}])"
    subprocess.run([sys.executable, "-c", code], start_new_session=True, check=True)
    (context.folder / "children").touch()
    wait(context)


def fail(context) -> None:
    do = context.params["do"]
    if do == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if do == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if do == "exit":
        os._exit(3)
    if do == "memory":
        held = 200 * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (held, held))
        context.log(str(len(bytearray(10 * held))))
    if do == "disk":
        (context.folder / "state" / "device").symlink_to("/dev/full")
        (context.folder / "state" / "device").write_text("more than fits")
    if do == "data":
        raise SourceUnreadableError("The input is torn.", "Mend it.")
    if do == "service":
        raise JudgeUnavailableError("The model does not answer.", "Start it.")
    print("key:", os.environ.get("OPENAI_API_KEY"))
    raise ValueError(f"a bug with {os.environ.get('OPENAI_API_KEY')}")


def take_in(_store, cursor, part: Path, params) -> int:
    items = json.loads(part.read_bytes())
    for item in items:
        cursor.execute("INSERT INTO test_row VALUES (?)", [item])
    if part.name in params.get("cannot", ()):
        raise SourceUnreadableError(f"{part.name} cannot be read.")
    if params.get("die_in_take_in") == part.name:
        os.kill(os.getpid(), signal.SIGKILL)
    return len(items)


def take_in_whole(taking) -> int:
    parts = sorted((taking.folder / "output").iterdir())
    with taking.store.write() as cursor:
        count = sum(take_in(taking.store, cursor, part, {}) for part in parts)
        taking.mark(cursor, count)
    return count


def then(taking) -> None:
    """Note who had it done, as a row."""
    with taking.store.write() as cursor:
        cursor.execute("INSERT INTO test_row VALUES (?)", [1000 + len(taking.person.name)])


def places(params) -> Places:
    return Places(params["devices"], tuple(params["among"]))


def work_on_devices(context) -> None:
    """Say which devices this process was told of, then do the work."""
    (context.folder / "sees").write_text(os.environ["CUDA_VISIBLE_DEVICES"])
    work(context)


COUNTING = RunKind("counting", "Counting", "cpu", prepare, work, take_in)
ASKING = RunKind("asking", "Asking", "llm", prepare, work, take_in)
WHOLE = RunKind("whole", "Whole", "cpu", prepare, work, take_in_whole=take_in_whole, then=then)
DEVICES = RunKind("devices", "Devices", "gpu", prepare, work_on_devices, take_in, places=places)

REGISTRY = Registry({kind.name: kind for kind in (COUNTING, ASKING, WHOLE, DEVICES)}, "tests.run_kinds")

if __name__ == "__main__":
    main(REGISTRY)
