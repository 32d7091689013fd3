"""Whatever changes something asks for the person's role first: found in the code, tried with every role."""

from __future__ import annotations

import ast
import importlib
import inspect
from functools import cache

import pytest

from tests.processes import ROOT
from xlam_backend.domain.person import NEEDED_ROLE, ROLES, Person, may
from xlam_backend.errors import AccessDeniedError
from xlam_backend.store.connection import Store

BACKEND = ROOT / "xlam_backend"
# A function that lost its gate would fall out of what is found below, so these are named.
KNOWN = {
    "importers.pipeline.import_source": "import",
    "importers.uploads.keep_uploads": "import",
    "owner.import_work.start_import": "import",
    "checks.run.run_checks": "check",
    "owner.check_work.start_check": "check",
    "repair.one_fix.apply_fix": "fix",
    "repair.family.apply_family": "fix",
    "repair.tool_fix.apply_tool_fix": "fix",
    "repair.undo.undo": "fix",
    "explore.datasets.remove_dataset": "remove data",
    "exports.export.export_rows": "export",
    "exports.export.export_trajectories": "export",
    "exports.folder.remove_export": "export",
    "activities.export_run.start_export_run": "export",
    "explore.rejects.render_rejects": "export",
    "access.people.set_role": "manage people",
    "access.audit.read_audit": "manage people",
}
# They write what belongs to no person's act: the demo data's start, and what runs have finished.
WITHOUT_PERSON = {"activities/intake.py"}


@cache
def modules():
    """Every module of the backend above the store, with its calls and its public functions' calls."""
    return [
        (name, calls_in(tree := ast.parse(file.read_text(encoding="utf-8"))), functions_of(tree))
        for file in sorted(BACKEND.rglob("*.py"))
        if not (name := file.relative_to(BACKEND).as_posix()).startswith("store/")
    ]


def calls_in(tree):
    """Every call in a piece of code."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def functions_of(tree):
    """The public functions of a module, each with its calls."""
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {node.name: calls_in(node) for node in found if not node.name.startswith("_")}


def is_gate(node):
    """Whether a call is one of `require`."""
    return isinstance(node.func, ast.Name) and node.func.id == "require"


def gate_of(calls):
    """The action a function requires; None without a gate, or where the action depends on what is asked."""
    actions = [node.args[1] for node in calls if is_gate(node)]
    return next((action.value for action in actions if isinstance(action, ast.Constant)), None)


@cache
def gated_functions():
    """Every public function with a gate, as module.function, with the action it asks for."""
    found = {}
    for name, _, functions in modules():
        module = name.removesuffix(".py").replace("/", ".")
        for function, calls in functions.items():
            if gate := gate_of(calls):
                found[f"{module}.{function}"] = gate
    return found


def call(path, store, person):
    """Call a function with its person; whatever else it wants is nothing at all, for nothing may be read."""
    module, _, name = path.rpartition(".")
    function = getattr(importlib.import_module(f"xlam_backend.{module}"), name)
    function = inspect.unwrap(function)
    given = {"store": store, "person": person}
    arguments = {
        parameter.name: given.get(parameter.name)
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    }
    positional = [
        arguments.pop(parameter.name)
        for parameter in inspect.signature(function).parameters.values()
        if parameter.name in arguments and parameter.kind is not parameter.KEYWORD_ONLY
    ]
    return function(*positional, **arguments)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    opened = Store.open(tmp_path_factory.mktemp("gates") / "store")
    yield opened
    opened.close()


def test_the_functions_that_change_something_have_their_gates():
    found = gated_functions()
    assert {path: found.get(path) for path in KNOWN} == KNOWN


TOO_LOW = [(action, role) for action in NEEDED_ROLE for role in ROLES if not may(Person("pat", role), action)]


@pytest.mark.parametrize(("action", "role"), TOO_LOW)
def test_a_role_too_low_is_refused_before_anything_is_read(store, action, role):
    person = Person("pat", role)
    gated = [path for path, gate in gated_functions().items() if gate == action]
    for path in gated:
        with pytest.raises(AccessDeniedError, match=r"pat is an? "):
            call(path, store, person)


def test_every_action_that_not_everybody_may_do_guards_something():
    guarded = set(gated_functions().values())
    assert {action for action, role in NEEDED_ROLE.items() if role != "annotator"} <= guarded


def test_whoever_writes_to_the_store_stands_behind_a_gate():
    writers = {name for name, calls, _ in modules() if any(map(is_write, calls))}
    gated = {name for name, calls, _ in modules() if any(map(is_gate, calls))}
    assert sorted(writers - gated - WITHOUT_PERSON) == []


def is_write(node):
    """Whether a call is `store.write()`."""
    return isinstance(node.func, ast.Attribute) and node.func.attr == "write" and not node.args
