# Two targets matter: `make run` and `make test`. A virtual environment is made in .venv on first use.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PACKAGES := pyproject.toml serde/pyproject.toml constraints.txt
# Options for `accord serve`, as in: make run ARGS="--port 9000"
ARGS ?=
# Options for pytest, as in: make test TESTS=tests/cli
TESTS ?=

.PHONY: run test lint type format docs openapi bench image image-check lock clean

run: $(VENV)/.service
	$(BIN)/accord serve $(ARGS)

test: $(VENV)/.development
	$(BIN)/python -m pytest -n 2 $(TESTS)

lint: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

type: $(VENV)/.development
	$(BIN)/mypy

format: $(VENV)/.development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# docs/settings.md and docs/errors.md, from the code that they describe
docs: $(VENV)/.development
	$(BIN)/python docs/generate.py

openapi: $(VENV)/.development
	$(BIN)/python openapi/generate.py

bench: $(VENV)/.development
	$(BIN)/python -m benchmarks

image:
	docker build --tag accord .

# The image's steps without Docker; needs root and debootstrap.
image-check:
	$(PYTHON) tests/image/dockerfile_in_chroot.py

# Takes the newest versions that pyproject.toml allows, and pins them in constraints.txt.
lock:
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP) install --quiet --editable '.[test]' --editable 'serde[all]'
	$(PIP) freeze --exclude-editable > constraints.txt
	touch $(VENV)/.service $(VENV)/.development

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/.service: $(PACKAGES)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Accord needs Python 3.11 or later")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --constraint constraints.txt --editable . --editable serde
	touch $@

$(VENV)/.development: $(VENV)/.service
	$(PIP) install --quiet --constraint constraints.txt --editable '.[test]' --editable 'serde[all]'
	touch $@
