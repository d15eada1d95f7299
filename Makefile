PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: install run test check soak

run: $(VENV)/.run ## start the hub with the built-in simulator
	$(BIN)/python run.py

test: $(VENV)/.dev ## run the tests: a file at a time in each of three processes, for most of them wait for a hub
	$(BIN)/python -m pytest -n 3 --dist loadfile

soak: $(VENV)/.dev ## run the attacks and the faults at full size, and print their figures
	SCALE=1 $(BIN)/python -m pytest -s tests/hostile tests/faults

check: $(VENV)/.dev ## lint, format, types
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

install: $(VENV)/.run

$(VENV)/.run: setup.cfg
	$(PYTHON) -m venv $(VENV) && $(BIN)/pip install -q -e . && touch $@

$(VENV)/.dev: setup.cfg $(VENV)/.run
	$(BIN)/pip install -q -e '.[dev]' && touch $@
