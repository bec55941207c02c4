# make run   sets everything up and starts the product with example data
# make test  sets everything up and runs every check and test
# make bench prints how fast it is, beside something to compare with
# make lighthouse prints what Google's audits say of the main pages
# make fuzz  reads FUZZ_RUNS files of each kind, changed by chance, and stops at the first that is a fault

PYTHON ?= python3
DATA ?= data
PORT ?= 8000
FUZZ_RUNS ?= 150000
ENV := .venv
PY := $(ENV)/bin/python

.PHONY: run setup setup-dev test bench lighthouse fuzz lint types format screenshots lock clean

run: setup
	OPPFOLGING_DATA="$(DATA)" OPPFOLGING_PORT="$(PORT)" $(ENV)/bin/tracker demo

setup: $(ENV)/.installed
	@$(PY) tracker/static/build.py

setup-dev: setup $(ENV)/.installed-dev

# Only what the product needs, from the lock, each file checked against its hash.
$(ENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: PYTHON=python3.12 make …")'
	@test -x $(PY) || $(PYTHON) -m venv $(ENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(ENV)/.installed-dev: $(ENV)/.installed requirements-dev.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

test: setup-dev lint types
	@$(PY) -m tests.needs
	$(PY) -m pytest -n 2

lint:
	$(ENV)/bin/ruff check --output-format concise
	$(ENV)/bin/ruff format --check --quiet
	$(ENV)/bin/lint-imports
	$(ENV)/bin/bandit --quiet --configfile pyproject.toml --recursive tracker jobs config

types:
	$(ENV)/bin/mypy

format: setup-dev
	$(ENV)/bin/ruff check --fix --quiet
	$(ENV)/bin/ruff format --quiet

bench: setup-dev
	$(PY) -m tests.benchmarks

# atheris has wheels for few Pythons, so it stands in no lock.
fuzz: setup-dev
	@$(PY) -c 'import atheris' 2>/dev/null || $(PY) -m pip install --quiet --disable-pip-version-check 'atheris>=3,<4'
	@for kind in txt html eml docx odt pdf zip; do $(PY) -m tests.fuzz $$kind -runs=$(FUZZ_RUNS) || exit 1; done

lighthouse: setup-dev
	$(PY) -m tests.browser.lighthouse

screenshots: setup-dev
	$(PY) -m tests.browser.screenshots

lock: setup-dev
	$(ENV)/bin/uv pip compile pyproject.toml --group build --generate-hashes --universal --no-header --python-version 3.11 --quiet -o requirements.lock
	$(ENV)/bin/uv pip compile pyproject.toml --group build --group dev --generate-hashes --universal --no-header --python-version 3.11 --quiet -o requirements-dev.lock

clean:
	rm -rf $(ENV) build tracker/static/vendor tracker/static/node_modules *.egg-info
