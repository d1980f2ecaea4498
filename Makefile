# make run: start Maru with its demonstration on http://localhost:8000 (MARU_PORT changes the port).
# make test: run the suite on the embedded default; it needs no service.
# make test-browser: the journeys in headless Chromium (Debian's package chromium).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run test test-browser check clean

run: $(VENV)/.installed
	@$(BIN)/maru standalone

test: $(VENV)/.installed-test
	@$(BIN)/python -m pytest -m "not browser" --numprocesses auto --dist worksteal

test-browser: $(VENV)/.installed-test
	@$(BIN)/python -m pytest -m browser --numprocesses 2 --dist worksteal

# Lint, types, the direction of imports and the completeness of the English pages.
check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Maru needs Python 3.11 or newer; say make PYTHON=/path/to/python3.11" if sys.version_info < (3, 11) else 0)'
	@echo "Making the virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing the pinned packages (about a minute the first time) ..."
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-test: requirements-test.txt $(VENV)/.installed
	@echo "Installing what the tests need ..."
	@$(PIP) install --require-hashes -r requirements-test.txt
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache *.egg-info
