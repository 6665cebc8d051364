# `make` lists the targets. Each prepares what it needs; a second run starts at once.
.DEFAULT_GOAL := help
.PHONY: help demo reset shell test check lint format bench bench-rush chaos reconcile fuzz-approvals migration messages requirements servers clean

PORT ?= 8000
HOST ?= 127.0.0.1
DATA_DIR ?= .demo
export PORT HOST DATA_DIR
export PYTHONUTF8 := 1
# What Python compiles is kept, but not beside the sources: without it each process starts three seconds later.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPYCACHEPREFIX := $(CURDIR)/.cache/bytecode

PY := .venv/bin/python
RUNTIME := .venv/runtime.stamp
DEV := .venv/dev.stamp
SOURCES := $(wildcard app wsgi.py migrations sandbox dev benchmarks tests)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(RUNTIME) servers ## everything on this machine, until Ctrl-C (PORT=8000 HOST=127.0.0.1 DATA_DIR=.demo)
	@$(PY) -m dev.demo

reset: $(RUNTIME) ## delete the demo's data (DATA_DIR=.demo)
	@$(PY) -m dev.reset

shell: $(RUNTIME) ## Python shell with the settings of the running demo; other commands of flask with c="…"
	@$(PY) -m dev.shell $(c)

test: $(DEV) ## all tests, always, from nothing
	@sh dev/system.sh tests
	@$(PY) -m dev.suites all $(args)

check: lint ## for daily work: lint, the core tests, and all fast tests of what differs from main
	@$(PY) -m dev.suites daily $(args)

lint: $(DEV) ## format, rules, types, and who may import whom
	@$(PY) -m ruff format --check $(SOURCES)
	@$(PY) -m ruff check $(SOURCES)
	@$(PY) -m mypy
	@.venv/bin/lint-imports

format: $(DEV) ## let ruff format and mend what it can
	@$(PY) -m ruff check --fix --exit-zero -q $(SOURCES)
	@$(PY) -m ruff format $(SOURCES)

bench: $(DEV) ## the figures of docs/benchmarks.md
	@$(PY) -m benchmarks $(only)

bench-rush: $(DEV) ## the opening of a season: 10,000 freshmen in a minute, and one who guesses claims
	@$(PY) -m benchmarks rush

chaos: $(DEV) ## the kill tests, long: N=500 races and reports, Redis away for 30 s
	@sh dev/system.sh tests
	@CHAOS_N=$(or $(N),500) $(PY) -m pytest tests/chaos -v --durations=10 $(args)

reconcile: $(DEV) ## days of 100,000 orders and 1,000 planted differences, three seeds
	@RECONCILE_LONG=1 $(PY) -m pytest tests/payments/reconciliation/test_planted_days.py -v --timeout=900 $(args)

fuzz-approvals: $(DEV) ## N=20000 random histories of approvals, from another seed each time (SEED=…)
	@FUZZ_N=$(or $(N),20000) FUZZ_SEED=$(or $(SEED),$$(date +%s)) $(PY) -m pytest tests/platform/approvals/test_histories.py -v -n 2 --timeout=7200 $(args)

migration: $(DEV) ## the next migration from the models: m="add ticket rating"
	@$(PY) -m dev.migration "$(m)"

messages: $(DEV) ## extract, update and compile the translations
	@$(PY) -m dev.messages

requirements: $(DEV) ## pin the versions of pyproject.toml anew
	@$(PY) -m dev.pin

servers: $(RUNTIME) # PostgreSQL and Redis: the system's, or else bundled ones
	@$(PY) -m dev.servers

clean: ## remove the virtual environment and caches; DATA_DIR stays
	rm -rf .venv .cache .mypy_cache .ruff_cache .import_linter_cache .pytest_cache
	find app dev tests sandbox benchmarks migrations -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

.venv/bin/uv: dev/venv.sh
	@echo "Making .venv"
	@sh dev/venv.sh
	@touch $@

$(RUNTIME): requirements.txt .venv/bin/uv
	@echo "Installing requirements.txt"
	@$(PY) -m dev.install requirements.txt
	@touch $@

$(DEV): requirements-dev.txt .venv/bin/uv
	@echo "Installing requirements-dev.txt"
	@$(PY) -m dev.install requirements-dev.txt
	@touch $@ $(RUNTIME)
