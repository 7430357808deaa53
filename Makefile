# Thin names over ordinary commands; CONTRIBUTING.md shows those for a machine without make.
# Each target makes .venv with $(PYTHON) (3.11 or newer) and installs what it needs, once:
# a stamp file per extra says that it is there, and setup.cfg says when it is stale.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)

# pytest runs one worker per core, so every worker gets one BLAS thread.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 VECLIB_MAXIMUM_THREADS=1

.PHONY: help run exercises notebook test lint docs test-website bench clean
.NOTPARALLEL:

help:
	@echo "make run        train on real handwriting: logistic regression as a TensorFlow-style graph"
	@echo "make exercises  grade what you wrote in exercises/"
	@echo "make notebook   open the chapters in JupyterLab"
	@echo "make test       run every test"
	@echo "make lint       check style and types"
	@echo "make docs       build the website into docs/_build/html; runs the chapters"
	@echo "make test-website   look at the website with a browser"
	@echo "make bench      measure speed"
	@echo "make clean      remove .venv and everything that was built"

run: $(VENV)/.has-course
	$(BIN)/python chapters/02_tensorflow/recognise_digits.py

exercises: $(VENV)/.has-course
	$(BIN)/python -m pytest exercises

# In this environment alone, JupyterLab opens Markdown as notebooks.
notebook: $(VENV)/.has-notebook
	mkdir -p $(VENV)/etc/jupyter/labconfig
	$(BIN)/jupytext-config --settings-file \
	    $(VENV)/etc/jupyter/labconfig/default_setting_overrides.json \
	    set-default-viewer markdown myst
	$(BIN)/python -m jupyterlab chapters

test: $(VENV)/.has-test
	$(ONE_THREAD) $(BIN)/python -m pytest -n auto

lint: $(VENV)/.has-lint
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

docs: $(VENV)/.has-docs
	$(BIN)/python -m sphinx -W --keep-going -n -j auto -c docs . docs/_build/html

# Needs Chromium (or Chrome): MINITF_CHROMIUM names it where it is not found.
test-website: docs $(VENV)/.has-browser
	$(BIN)/python -m pytest tests/course/test_website.py -rs

bench: $(VENV)/.has-course
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf $(VENV) docs/_build docs/api _contents build minitf.egg-info .pytest_cache .ruff_cache .mypy_cache

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "minitf needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	    { echo "No environment could be made (on Debian and Ubuntu the package python3-venv is needed)."; exit 1; }
	@touch $@

$(VENV)/.has-%: setup.cfg pyproject.toml | $(VENV)/.made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[$*]"
	@touch $@
