# `make help` lists what can be done. Needs Python 3.11+ and make; everything else goes into .venv or is named.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
MESSAGES := app/translations/ru/LC_MESSAGES/messages

.PHONY: help run test check demo bench messages freeze setup clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z.]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.venv: .venv/.installed $(MESSAGES).mo ## the environment of the product alone
	@touch .venv

.venv/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Rodnik needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version)."; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv || { echo "Python cannot make environments here. Install it: apt-get install -y python3-venv"; rm -rf .venv; exit 1; }
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(MESSAGES).mo: $(MESSAGES).po .venv/.installed
	@$(BIN)/pybabel -q compile -d app/translations

run: .venv ## the whole product on this machine: http://localhost:8080
	@exec $(BIN)/python run.py

demo: .venv ## fill an empty database with the demo utility
	@$(BIN)/flask init && $(BIN)/flask demo --if-empty

setup: .venv .venv/.installed-dev ## what the tests need, each thing tried by using it
	@$(BIN)/python -m tests.capabilities

check: .venv .venv/.installed-dev ## style, types, layers, templates, messages, migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/djlint app/templates app/gateways/sandbox/templates --lint --quiet
	@$(BIN)/python -m tests.checks

test: setup check ## everything: rules, pages, both databases, browser journeys
	@$(BIN)/python -m tests.scratch -- $(BIN)/pytest -n 2 --dist loadgroup
	@$(BIN)/python -m tests.scratch -- $(BIN)/python -m tests.postgres -- $(BIN)/pytest -n 2 --dist loadgroup --database postgresql -m "not browser"

bench: .venv .venv/.installed-dev ## speed and memory over a million accounts (half an hour), into benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks.bench

messages: .venv .venv/.installed-dev ## gather the words of the interface into the catalogue
	@$(BIN)/python -m tests.checks --write-messages
	@$(BIN)/pybabel -q compile -d app/translations

freeze: .venv .venv/.installed-dev ## pin the requirements of pyproject.toml with hashes
	@$(BIN)/uv pip compile -q --upgrade --universal --generate-hashes --no-header --no-emit-index-url pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile -q --upgrade --universal --generate-hashes --no-header --no-emit-index-url --group dev pyproject.toml -c requirements.txt -o requirements-dev.txt

clean: ## remove the environment (the data under var/ stays)
	rm -rf .venv $(MESSAGES).mo
