# On a fresh Debian or Ubuntu with git, make and Python 3.11 or newer (with venv),
# `make publish` and `make test` install all they need. Everything goes into .venv and
# .wheelhouse, at the versions and hashes of requirements/*.txt.

PYTHON ?= python3

.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE # tests start kg a thousand times

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
LOCKED := --quiet --progress-bar off --require-hashes --only-binary :all:

# A stamp is named by checksums of what the step was made from: it exists as long as
# nothing changed, whatever the times of the files are.
sum = $(shell { $(1); } 2>/dev/null | cksum | tr ' ' -)
BASE := $(call sum,$(PYTHON) -VV; pwd; cat requirements/run.txt requirements/build.txt)
RUN := $(VENV)/.run-$(BASE)
KG := $(VENV)/.kg-$(BASE)-$(call sum,cat pyproject.toml kg/__init__.py)
DEV := $(VENV)/.dev-$(BASE)-$(call sum,cat requirements/dev.txt)
SERVE := $(VENV)/.serve-$(BASE)-$(call sum,cat requirements/serve.txt)
ASSETS := .assets/.made-$(call sum,cat requirements/assets.txt $$(find assets \( -name node_modules -o -name __pycache__ \) -prune -o -type f -print | LC_ALL=C sort))
WHEELS := .wheelhouse/.made-$(call sum,$(PYTHON) -VV; uname -sm; cat requirements/run.txt)

.PHONY: help assets publish serve bench bench-serve test test-slow programs programs-slow lint format lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile

publish: $(KG) ## build the dataset of this folder into public/
	@$(BIN)/kg build . --out public

assets: $(ASSETS) ## bundle what pages run that others wrote into kg/pages/built/

serve: $(SERVE) publish ## serve the published dataset at http://127.0.0.1:8000/
	@$(BIN)/kg serve

bench: $(KG) ## measure bulk beside morph-kgc, rdflib, pySHACL and Jena
	@$(BIN)/python benchmarks/scale.py

bench-serve: $(SERVE) ## measure serving beside other servers, at peace and under attack
	@$(BIN)/python benchmarks/serve.py

test: lint $(WHEELS) programs ## lint, check types and run the tests
	$(BIN)/python -m pytest -W error -m "not slow" -n auto --dist worksteal

test-slow: $(WHEELS) programs-slow ## run the tests that take long
	$(BIN)/python -m pytest -W error -m slow

lint: $(KG) $(DEV) ## check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --strict kg

format: $(DEV) ## bring the code into the house style
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

# `make lock` keeps the pins that still fit; `make lock UPGRADE=1` takes the newest.
lock: ## make requirements/*.txt anew from pyproject.toml
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && trap 'exit 1' INT TERM && \
	$(PYTHON) -m venv "$$tmp" && \
	"$$tmp/bin/python" -m pip install $(LOCKED) -r requirements/lock.txt && \
	compile() { \
		name=$$1 && shift && echo "Locking requirements/$$name.txt" && \
		"$$tmp/bin/uv" pip compile --quiet --universal --python-version 3.11 \
			--python "$$tmp/bin/python" --only-binary :all: --generate-hashes \
			--no-emit-index-url --no-header --no-annotate $(if $(UPGRADE),--upgrade) \
			"$$@" --output-file "requirements/$$name.txt" >/dev/null; \
	} && \
	compile run pyproject.toml && \
	compile build --group build --constraints requirements/run.txt && \
	compile serve pyproject.toml --extra serve --constraints requirements/run.txt && \
	compile scale pyproject.toml --extra scale --constraints requirements/serve.txt && \
	compile dev pyproject.toml --extra serve --extra scale --group build --group dev \
		--constraints requirements/serve.txt --constraints requirements/scale.txt \
		--constraints requirements/build.txt && \
	compile assets --group assets && \
	compile rivals --group rivals && \
	compile rivals-bulk --group rivals-bulk && \
	compile lock --group lock

clean: ## remove all that was built or installed here
	rm -rf $(VENV) .rivals .rivals-bulk .wheelhouse public .public.* dist build
	rm -rf .assets assets/node_modules kg/pages/built
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Programs that tests run, with the Debian packages that have them (and what the browser writes
# with). Only root can install them, and where they cannot be had the tests that need them say so.
programs: PROGRAMS := curl:curl nginx:nginx openssl:openssl systemd-analyze:systemd wrk:wrk zstd:zstd
programs-slow: PROGRAMS := virtuoso-t:virtuoso-opensource-7-bin \
	chromium:chromium,fonts-dejavu-core,fonts-noto-cjk
programs programs-slow:
	@missing=$$(for each in $(PROGRAMS); do \
		command -v "$${each%%:*}" >/dev/null || echo "$${each##*:}" | tr , ' '; done) && \
	if [ "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing, for tests: $$(echo $$missing)" && \
		apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
			apt-get install -qq --no-install-recommends $$missing >/dev/null || \
		echo 'Not all could be installed' >&2; \
	fi

# What is installed. Steps that write to .venv follow one another under `make -j` too.

$(RUN):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'kgpress needs Python 3.11 or newer: make PYTHON=/path/to/python3 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo '$(PYTHON) has no venv module; on Debian or Ubuntu: apt install python3-venv' >&2; exit 1; }
	@echo 'Setting up $(VENV) (once, about a minute)'
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install $(LOCKED) -r requirements/run.txt -r requirements/build.txt
	@touch $@

# Node.js comes from a Python package, and is not in .venv: kg does not need it.
$(ASSETS): | $(RUN)
	@echo 'Bundling what pages run (once, some seconds)'
	@rm -rf .assets
	@$(PIP) install $(LOCKED) --no-deps --target .assets/node -r requirements/assets.txt
	@PYTHONPATH=.assets/node $(BIN)/python assets/hatch_build.py
	@touch $@

$(KG): | $(RUN) $(ASSETS)
	@rm -f $(VENV)/.kg-*
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(SERVE): | $(KG)
	@echo 'Installing what serving needs'
	@$(PIP) install $(LOCKED) -r requirements/serve.txt
	@touch $@

$(DEV): | $(KG)
	@echo 'Installing the tools that tests need'
	@rm -f $(VENV)/.dev-*
	@$(PIP) install $(LOCKED) -r requirements/dev.txt
	@touch $@

# The wheels that tests/test_packaging.py installs without a network.
$(WHEELS): | $(DEV)
	@rm -rf .wheelhouse
	@$(PIP) download $(LOCKED) --no-deps --dest .wheelhouse -r requirements/run.txt
	@touch $@
