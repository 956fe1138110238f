# Two commands are enough: `make run` starts the demo, `make test` runs every test.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup setup-test run test check bench lock migration screenshots clean

PY := .venv/bin/python
WORDY := accounts announcements billing charging closures graphql_api handovers imports kit licensing mass_changes partners portal smart_me stations webhooks
export PORT LAN

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup:  ## install what the program needs
	@bash setup/system.sh run
	@bash setup/packages.sh run

setup-test:  ## install what the tests need, too
	@bash setup/system.sh test
	@bash setup/packages.sh test

run: setup  ## start the demo (PORT=8080, LAN=1)
	@exec bash setup/run.sh

test: setup-test  ## run all tests
	PYTHONDONTWRITEBYTECODE= $(PY) -m pytest -n 2 --dist worksteal  # compiled once, tests too

check: setup-test  ## style, types, house contracts
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	.venv/bin/djlint --lint --quiet portal graphql_api billing partners stations

bench: setup-test  ## measure speed against the ocpp package's own example
	$(PY) -m benchmarks

lock: setup-test  ## write the lock files anew (UPGRADE=1 takes newer versions)
	@bash setup/lock.sh

migration: setup-test  ## write the next migration from the models (SUBJECT="what changes")
	$(PY) setup/new_migration.py "$(SUBJECT)"

messages: setup-test  ## collect new words into translations/*/LC_MESSAGES/messages.po
	.venv/bin/pybabel -q extract -F translations/babel.cfg -k lazy_ -k word --no-location --sort-output \
	  -o var/messages.pot $(WORDY)
	for language in de fr it; do .venv/bin/pybabel -q update -i var/messages.pot -d translations -l $$language \
	  --init-missing --no-wrap --no-fuzzy-matching --ignore-obsolete; done

schema: setup-test  ## write graphql_api/schema.graphql anew
	$(PY) -c 'from graphql_api.schema import schema; print(schema.as_str())' > graphql_api/schema.graphql

screenshots: setup-test  ## take the pictures of the README from the running program
	$(PY) docs/screenshots/take.py

clean:  ## remove what was installed; var/ with your data stays
	rm -rf .venv node_modules static/lib .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
