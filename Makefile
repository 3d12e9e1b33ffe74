# `make run` shows Nezlam on this machine; `make test` tries to break it. Each does its own set-up.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
WORKERS ?= 2
SEEDS ?= 2000

.PHONY: help install run test check lint types contracts sim bench drain campaign fix clean

help:       ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/'

install: $(INSTALLED) ## make .venv with everything that Nezlam and its tests import

$(INSTALLED): setup.cfg pyproject.toml constraints.txt .ci/venv .ci/assets $(wildcard localservices/assets/*.* localservices/assets/styles/*)
	PYTHON="$(PYTHON)" .ci/venv .venv
	.ci/assets || { test "$$CI" != true && echo "Going on with the system's font, and without live help in forms."; }
	touch $@

run: install ## broker, central, one node and sample data: open the address that it prints
	$(BIN)/nezlam demo

test: install ## every test that fits in minutes; missing tools come through apt where permitted
	.ci/tools
	$(BIN)/pytest -n $(WORKERS) --dist loadfile $(ARGS)

campaign: install ## the tests that take minutes to hours
	$(BIN)/pytest -m long $(ARGS)

check: lint types contracts test ## all that must hold before a change lands

lint: install ## style, and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install ## mypy, strict
	$(BIN)/mypy

contracts: install ## imports go down the floors
	$(BIN)/lint-imports

sim: install ## a search for a bad day; SEEDS=2000
	$(BIN)/nezlam simulate --seeds $(SEEDS)

bench: install ## what a safe write costs on this disk, and a record on the wire
	$(BIN)/nezlam bench commit
	$(BIN)/nezlam bench wire

drain: install ## a full outbox over emulated satellite links, beside other ways; takes root and half an hour
	$(BIN)/nezlam bench drain

fix: install ## what a machine can put right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:      ## forget what was built; demo-data and its records stay
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache \
		.import_linter_cache .hypothesis .coverage
	find . -path ./.git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
