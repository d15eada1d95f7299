PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
NODE   := .ci/node_modules

PEERS  := bench/.venv

.PHONY: install run test check check-hub check-page tools soak bench bench-quick bench-page screenshots

run: $(VENV)/.run ## start the hub with the built-in simulator
	$(BIN)/python run.py

test: $(VENV)/.dev ## run the tests: a file at a time in each of two processes, for many of them wait for a hub
	$(BIN)/python -m pytest -n 2 --dist loadfile

soak: $(VENV)/.dev ## run the attacks and the faults at full size, and print their figures
	SCALE=1 $(BIN)/python -m pytest -s tests/hostile tests/faults

check: check-hub check-page ## lint, format, types

check-hub: $(VENV)/.dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

check-page: tools
	$(NODE)/.bin/tsc --project static/tsconfig.json

tools: $(NODE)/.installed ## what checks the page: TypeScript, and axe-core for its tests

bench: $(PEERS)/.installed ## the hub against its peers and its own limits, three passes: a quarter of an hour on a quiet machine
	$(PEERS)/bin/python -m bench

bench-quick: $(PEERS)/.installed ## one pass of what fits into two minutes
	$(PEERS)/bin/python -m bench --quick

bench-page: $(VENV)/.dev ## how the page bears 1,000 rows and 50 events a second
	$(BIN)/python -m bench.page

screenshots: $(VENV)/.dev ## the pictures of docs/img, anew
	$(BIN)/python -m tests.browser.screenshots

install: $(VENV)/.run

$(VENV)/.run: setup.cfg
	$(PYTHON) -m venv $(VENV) && $(BIN)/pip install -q -e . && touch $@

$(VENV)/.dev: setup.cfg $(VENV)/.run
	$(BIN)/pip install -q -e '.[dev]' && touch $@

$(PEERS)/.installed: setup.cfg bench/requirements.txt bench/peers/package-lock.json
	$(PYTHON) -m venv $(PEERS) && $(PEERS)/bin/pip install -q -e . -r bench/requirements.txt
	npm ci --prefix bench/peers --no-audit --no-fund --loglevel=error && touch $@

$(NODE)/.installed: .ci/package-lock.json
	@command -v npm >/dev/null || { echo "npm is not installed: the page's types cannot be checked without it" >&2; exit 1; }
	npm ci --prefix .ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch $@
