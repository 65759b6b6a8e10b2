PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test test-all check lint types bench clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(BIN)/nineam: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(BIN)/nineam ## boot the bundled shop on its own database and tell the whole story
	$(BIN)/nineam demo

test: $(BIN)/nineam ## everything but the long tests
	$(BIN)/python -m pytest -m 'not slow'

test-all: $(BIN)/nineam ## everything
	$(BIN)/python -m pytest

lint: $(BIN)/nineam ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(BIN)/nineam ## mypy, strict
	$(BIN)/mypy

check: lint types test ## what must be green at every commit

bench: $(BIN)/nineam ## side by side with k6, Locust and wrk
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python -m benchmarks

clean: ## remove what the build made (runs are kept)
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
