# make study   set up, run the DeepSeek study from the shipped facts, offline
# make test    set up, run every test
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: study test check docs bench lock clean

study: $(STAMP)
	$(BIN)/waterline study deepseek-shock --out reports

test: $(STAMP)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# Rewrites the generated reference, the pictures and the outputs shown in the docs.
docs: $(STAMP)
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/dependencies.py
	$(BIN)/python docs/draw.py
	$(BIN)/python docs/examples.py

# Runs every benchmark and rewrites docs/reference/benchmarks.md.
bench: $(STAMP)
	$(BIN)/python benchmarks/run.py

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Waterline needs Python 3.11 or newer; this is " + sys.version.split()[0] + " (try: make PYTHON=python3.12)")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $(STAMP)

# Rewrites requirements.lock from the ranges in pyproject.toml, for every supported Python.
lock: $(STAMP)
	$(BIN)/uv pip compile --universal --python-version 3.11 --all-extras --group dev --generate-hashes --no-emit-index-url \
		--no-header --quiet --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) reports
