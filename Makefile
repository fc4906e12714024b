# `make run` opens the app, `make test` runs every test, `make check` is what CI runs.
# Each installs what it needs into .venv and node_modules, and nothing twice.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help run test check lint types js bundle format chromium bench bench-engine clean

help:
	@echo "make run     install what is needed and open the app on http://localhost:8501"
	@echo "make test    install what is needed and run every test"
	@echo "make check   what CI runs: lint, types, the JavaScript, and make test"
	@echo "make bundle  join the modules of the components in assets/ after a change there"
	@echo "make format  lay out the Python code"
	@echo "make bench   measure the stage and the bench of kernels in a browser"
	@echo "make bench-engine   measure the engine beside its peers, some ten minutes"

run: $(VENV)/run.stamp
	streamlit run app.py

test: $(VENV)/dev.stamp node_modules/.stamp chromium
	node --test "assets/*/test/*.test.js"
	pytest -n auto --maxprocesses 4 --dist worksteal

check: lint types js test

lint: $(VENV)/dev.stamp
	ruff check .
	ruff format --check .

types: $(VENV)/dev.stamp
	mypy

js: node_modules/.stamp
	for config in assets/*/tsconfig.json; do npx tsc -p $$config || exit 1; done
	node tools/bundle.mjs --check

bundle: node_modules/.stamp
	node tools/bundle.mjs

format: $(VENV)/dev.stamp
	ruff check --fix .
	ruff format .

chromium: $(VENV)/dev.stamp
	@python tools/chromium.py

bench: $(VENV)/dev.stamp chromium
	python -m benchmarks.stage
	python -m benchmarks.kernels

bench-engine: $(VENV)/peers.stamp
	python -m benchmarks.engine

clean:
	rm -rf $(VENV) node_modules

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "ConvScope needs Python 3.11 or newer: make run PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { rm -rf $(VENV); echo "On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/run.stamp: requirements.txt | $(BIN)/python
	python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements.txt requirements-dev.txt | $(BIN)/python
	python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

$(VENV)/peers.stamp: benchmarks/requirements.txt $(VENV)/dev.stamp
	python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt
	@touch $@

node_modules/.stamp: package.json package-lock.json $(VENV)/dev.stamp
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@
