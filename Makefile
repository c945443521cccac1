# What people do with this project. `make` alone lists it.

ifeq ($(OS),Windows_NT)
PYTHON ?= python
BIN := .venv/Scripts
else
PYTHON ?= python3
BIN := .venv/bin
endif

# Touched when .venv holds what requirements.lock says.
INSTALLED := .venv/installed

# Written last when the widget is built.
WIDGET := quart_app/static/widget/widget.js
NODE := $(BIN)/python -m widget.node

.DEFAULT_GOAL := help
.PHONY: help setup widget serve test test-long topology check licenses bench eval asyncapi lock lock-check

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile

setup: $(WIDGET) ## Create .venv, install the pinned packages, build the widget [PYTHON=python3]

widget: $(WIDGET) ## Build the widget from widget/

# What was given as an argument of make. Some systems export HOST and others for their own use.
given = $(if $(filter command,$(origin $1)),$($1))

# Each book has its own data folder, so that one never replaces another.
ifneq ($(filter-out examples/book examples/book/,$(call given,BOOK)),)
SCHOLIAST_DATA ?= .scholiast-$(shell basename "$(BOOK)")
export SCHOLIAST_DATA
endif
ifneq ($(call given,MODEL),)
SCHOLIAST_MODEL := $(MODEL)
export SCHOLIAST_MODEL
endif

serve: $(WIDGET) ## Ingest a book and serve it [BOOK=path MODEL=quotes|local|name HOST= PORT=]
	@$(BIN)/scholiast ingest "$(or $(call given,BOOK),examples/book)"
	@exec $(BIN)/scholiast serve $(addprefix --host ,$(call given,HOST)) \
		$(addprefix --port ,$(call given,PORT))

test: $(WIDGET) ## Run all tests, and show coverage; or some [ARGS="tests/ingestion/test_markdown.py -x"]
	@$(BIN)/python -m pytest -m "not slow" $(or $(ARGS),-n 2 --dist loadfile --cov --reruns 1 -r fER)

test-long: $(WIDGET) ## Run the tests that take minutes too
	@$(BIN)/python -m pytest $(ARGS)

topology: $(WIDGET) ## Try what deploy/ describes, as processes: two servers, nginx, Redis
	@$(BIN)/python -m pytest tests/topology $(ARGS)

check: $(WIDGET) ## Check style, types, and which room imports which
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(NODE) --dev node_modules/typescript/bin/tsc --noEmit
	@$(NODE) --dev node_modules/@biomejs/biome/bin/biome check . ../quart_app/static

licenses: $(INSTALLED) ## Check that all packages, of Python and npm, have an allowed licence
	@$(BIN)/pip-licenses --output-file .venv/licenses.txt >/dev/null
	@$(BIN)/python -m widget.licenses

bench: $(WIDGET) ## Measure the server beside a peer, and write docs/performance.md [QUICK=1]
	@$(BIN)/python -m benchmarks $(if $(call given,QUICK),--quick) $(ARGS)

eval: $(INSTALLED) ## Score search, gate, answers and proofs [ARGS="--books FOLDER --sets FOLDER"]
	@$(BIN)/python -m benchmarks.evaluation $(ARGS)

asyncapi: $(INSTALLED) ## Update docs/asyncapi.json and the widget's types from those of chat-v1
	@$(BIN)/python -m quart_app.protocol.asyncapi docs/asyncapi.json
	@$(NODE) protocol.mjs

lock: $(INSTALLED) ## Update requirements.lock from pyproject.toml [ARGS=--upgrade]
	@UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal \
		--python-version 3.11 --fork-strategy fewest --all-extras --group dev --no-annotate \
		--generate-hashes --output-file requirements.lock $(ARGS) pyproject.toml

# manylinux_2_28 is what Debian 10, Ubuntu 18.10, Fedora 29 and later can install.
PLATFORMS := x86_64-manylinux_2_28 aarch64-manylinux_2_28 x86_64-apple-darwin \
	aarch64-apple-darwin x86_64-pc-windows-msvc

lock-check: $(INSTALLED) ## Check that each pin has a wheel for each platform and Python
	@for python in 3.11 3.12 3.13; do for platform in $(PLATFORMS); do \
		echo "$$python $$platform"; \
		MACOSX_DEPLOYMENT_TARGET=14.0 $(BIN)/uv pip compile --quiet --no-deps \
			--only-binary :all: --python-version $$python --python-platform $$platform \
			requirements.lock > .venv/wheels.txt || exit 1; \
	done; done

# The folders of the sources are listed too, so that a deleted file counts as a change.
$(WIDGET): $(addprefix widget/,build.mjs package.json package-lock.json src) \
		$(wildcard widget/src/* widget/src/*/*) | $(INSTALLED)
	@$(NODE) build.mjs

$(INSTALLED): pyproject.toml requirements.lock
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { $(PYTHON) -c "$$CHECK_PYTHON" \
		&& $(PYTHON) -m venv --clear .venv; }
	@(PYTHONUNBUFFERED=1 $(PIP) --no-deps --require-hashes --progress-bar off \
			-r requirements.lock; echo "status $$?") \
		| awk -v total="$$(grep -c == requirements.lock)" "$$COUNT_PACKAGES"
	@$(PIP) --quiet --no-deps --no-build-isolation -e .
	@touch $@

PIP := $(BIN)/python -m pip install --disable-pip-version-check

define CHECK_PYTHON
import sys
if sys.version_info < (3, 11):
    sys.exit("Scholiast needs Python 3.11 or newer; this is %d.%d. Choose another one: "
             "make $(MAKECMDGOALS) PYTHON=python3.13" % sys.version_info[:2])
endef
export CHECK_PYTHON

# pip prints several lines for each package; this shows one line that counts them.
define COUNT_PACKAGES
/^(Collecting|Processing|Ignoring|Requirement already) / { printf "\r%-70s", sprintf("package %d of %d: %.40s", ++n, total, $$(/^Req/ ? 4 : 2)) }
/^Installing collected/ { printf "\r%-70s", sprintf("installing %d packages", NF - 3) }
{ fflush() }
/^status / { print ""; exit $$2 }
endef
export COUNT_PACKAGES
