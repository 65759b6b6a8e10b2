PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test test-all check lint types bench soak overhead clean

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(BIN)/nineam: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(BIN)/nineam ## boot the bundled shop on its own database and tell the whole story
	$(BIN)/nineam demo

test: $(BIN)/nineam ## everything but the long tests
	$(BIN)/python -m pytest -n 2 --dist loadfile -m 'not slow and not alone'
	$(BIN)/python -m pytest -m 'alone and not slow'

test-all: $(BIN)/nineam ## everything
	$(BIN)/python -m pytest -n 2 --dist loadfile -m 'not alone'
	$(BIN)/python -m pytest -m alone

lint: $(BIN)/nineam ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(BIN)/nineam ## mypy, strict
	$(BIN)/mypy

check: lint types test ## what must be green at every commit

bench: $(BIN)/nineam ## side by side with k6, Locust, wrk and others: CPU, memory, true latencies (20 minutes)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python -m benchmarks

soak: $(BIN)/nineam ## half an hour at 2,000 requests a second: does the load process stay as large as it was?
	$(BIN)/python -m benchmarks soak

overhead: $(BIN)/nineam ## what watching costs the application, beside OpenTelemetry, Sentry and profilers (12 minutes)
	test -d .venv-overhead || $(PYTHON) -m venv .venv-overhead
	.venv-overhead/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/overhead/requirements.txt
	NINEAM_BENCH_PYTHON=.venv-overhead/bin/python $(BIN)/python -m benchmarks overhead

clean: ## remove what the build made (runs are kept)
	rm -rf $(VENV) .venv-overhead build dist .pytest_cache .mypy_cache .ruff_cache
