# The one entrance. Needs Python 3.11 or newer and make; everything else is installed into .venv.
# Tools are called as `python -m ...`: their own start scripts break in a path with spaces.

PORT ?= 8501
WORKERS ?= $(shell getconf _NPROCESSORS_ONLN)
# A seed of its own for each run shuffles the tests; repeat an order with `make test ORDER_SEED=...`.
ORDER_SEED ?= $(shell date +%s)
VENV_PYTHON := .venv/bin/python
PYTEST := $(VENV_PYTHON) -m pytest

.DEFAULT_GOAL := help
.PHONY: help run environment test-environment test check format browser quality bench review-bench bfcl-oracle circle docs hooks clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: environment ## Start the app on localhost:8501 (PORT=... for another), with demo data in an empty store
	@$(VENV_PYTHON) -m xlam_backend demo
	@exec $(VENV_PYTHON) -m streamlit run app.py --server.port $(PORT)

environment:
	@sh scripts/make_environment.sh requirements.txt

test-environment:
	@sh scripts/make_environment.sh requirements-dev.txt

test: test-environment ## Run all tests, the browser tests in a real Chromium included
	@$(PYTEST) --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder --order-seed $(ORDER_SEED) -m "not bench and not gpu"

check: test-environment ## Format check, lint, layers, types, fast tests
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -c "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
	@$(VENV_PYTHON) -m mypy
	@$(PYTEST) --numprocesses $(WORKERS) --dist loadfile tests/unit tests/architecture xlam_backend

format: test-environment ## Write the code in the one format
	@$(VENV_PYTHON) -m ruff format .
	@$(VENV_PYTHON) -m ruff check --fix .

browser: test-environment ## Run only the browser tests
	@$(PYTEST) -m browser tests/browser

quality: test-environment ## Hold the checks against gold answers and planted errors; print the table
	@status=0; for module in quality judge_selection; do \
		$(VENV_PYTHON) -m benchmarks.$$module || status=1; done; exit $$status

bench: test-environment ## Measure speed and growth, as ratios in one run
	@status=0; for file in benchmarks/bench_*.py; do \
		$(VENV_PYTHON) -m benchmarks.$$(basename $$file .py) || status=1; done; exit $$status

review-bench: test-environment ## Measure judges, review desk and statistics only
	@status=0; for name in judge_client judges review_backend review_desk statistics; do \
		$(VENV_PYTHON) -m benchmarks.bench_$$name || status=1; done; exit $$status

bfcl-oracle: environment ## Hold the scorer against the official verdicts in ORACLE=<folder>
	@$(VENV_PYTHON) -m xlam_backend bfcl oracle "$(ORACLE)"

circle: environment ## The whole circle in a store of its own: demo data to leaderboard, with a tiny model
	@rm -rf build/circle
	@XLAM_DATA_DIR=build/circle $(VENV_PYTHON) -m xlam_backend circle

docs: test-environment ## Write the generated pages of docs/ anew
	@$(PYTEST) --update-golden -q tests/architecture/test_docs.py

hooks: ## Run `make check` before every commit
	@printf '#!/bin/sh\nexec make check\n' > .git/hooks/pre-commit
	@chmod +x .git/hooks/pre-commit

clean: ## Remove the environment and all caches; the store stays
	@rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
