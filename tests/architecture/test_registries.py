"""Each file of a registered kind is listed, and nothing is listed twice."""

from __future__ import annotations

import importlib
import sys

import pytest

from tests.processes import ROOT
from xlam_backend import cli
from xlam_backend.checks import CHECKS
from xlam_backend.importers import IMPORTERS
from xlam_backend.judges import JUDGES
from xlam_backend.output_formats import OUTPUT_FORMATS

BACKEND = ROOT / "xlam_backend"


def modules_defining(package, constant):
    """The modules of a package that define a constant of this name at their top level."""
    files = (BACKEND / package).glob("*.py")
    return {file.stem for file in files if f"\n{constant}" in file.read_text(encoding="utf-8")}


def modules_importing(package, constant):
    """The modules of a package that pass a constant of this name on from another one."""
    files = (BACKEND / package).glob("*.py")
    return {file.stem for file in files if f"import {constant} as {constant}" in file.read_text("utf-8")}


def modules_of_functions(functions):
    return {sys.modules[function.__module__].__name__.rpartition(".")[2] for function in functions}


def test_every_check_file_is_listed():
    listed = modules_of_functions(check.run or check.run_tool or check.compile_for for check in CHECKS)
    assert listed == modules_defining("checks", "CHECK = ")


def test_every_importer_file_is_listed():
    defined = modules_defining("importers", "IMPORTER = ")
    modules = [importlib.import_module(f"xlam_backend.importers.{name}") for name in sorted(defined)]
    assert [module.__name__ for module in modules if module.IMPORTER not in IMPORTERS] == []
    assert len(IMPORTERS) == len(modules)


def test_every_judge_file_is_listed():
    assert modules_of_functions(judge.find for judge in JUDGES) == modules_defining("judges", "JUDGE = ")


def test_every_output_format_file_is_listed():
    listed = modules_of_functions(form.write for form in OUTPUT_FORMATS)
    assert listed == modules_defining("output_formats", "FORMAT = ")


def test_every_command_file_is_listed_under_the_verbs_it_defines():
    files = {file for listed in cli.VERBS.values() for file in listed}
    imported = modules_importing("cli", "COMMANDS")
    assert files == modules_defining("cli", "COMMANDS") | imported
    for file in files:
        defined = {command.name for command in importlib.import_module(f"xlam_backend.cli.{file}").COMMANDS}
        assert defined == {verb for verb, listed in cli.VERBS.items() if file in listed}


@pytest.mark.parametrize(
    "registry",
    [CHECKS, IMPORTERS, JUDGES, OUTPUT_FORMATS],
    ids=["checks", "importers", "judges", "output formats"],
)
def test_names_are_unique(registry):
    names = [registered.name for registered in registry]
    assert len(set(names)) == len(names)
