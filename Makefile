# Needs Python 3.11 or newer, Node 20 or newer and make; everything else installs itself.
PORT ?= 8000
LKK_DATA_DIR ?= .data
WORKERS ?= 2
STAGE ?= dev
export PORT LKK_DATA_DIR

PYTHON := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help setup run test check format types web units audit screenshots templates reset import export package deploy campaign pins

# These say in one line what is wrong, and end make by SIGPIPE lest it adds a line of its own:
# local/failing.py.
setup run reset import export: export MAKE_PID = $(shell echo $$PPID)

help: ## what can be asked for
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1	\2/' | expand -t 20

setup: ## install everything into .venv, .venv-engines and node_modules
	@sh local/setup.sh

run: setup ## the whole system at http://localhost:8000; PORT=…, LKK_DATA_DIR=…
	@exec $(PYTHON) -m local.run

test: setup check units ## everything that CI runs

check: setup format types web ## formatting, lint, types, texts

format: setup
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m ruff check .

types: setup
	@$(PYTHON) -m mypy

web: setup ## the web cabinet: contract's types, its own types, unit tests, size
	@sh web/check.sh

units: setup
	@$(PYTHON) -m pytest -n $(WORKERS)

audit: setup ## Lighthouse and axe on every page: build/audit.json, docs/web.md; PAGES=…, LKK_URL=…
	@$(PYTHON) -m local.beside npm --prefix web run --silent audit

screenshots: setup ## pictures of the main screens into docs/pictures, README.md and docs/web.md; LKK_URL=…
	@$(PYTHON) -m local.beside npm --prefix web run --silent pictures

reset: setup ## empty the data folder
	@$(PYTHON) -m local.folder

import: setup ## take in a file of the billing system: FILE=…
	@$(PYTHON) -m local.billing import "$(FILE)"

export: setup ## write the day's files for the billing system
	@$(PYTHON) -m local.billing export

templates: setup ## compile the letters' MJML sources
	@$(PYTHON) -m local.templates

pins: setup ## pin requirements/*.in anew
	@sh requirements/pins.sh

campaign: setup ## the long random campaigns that CI leaves out
	@$(PYTHON) -m pytest -m slow -n $(WORKERS)

package: setup ## the SAM template and the zip for AWS, in build/package; STAGE=…
	@$(PYTHON) -m infra.package build/package --stage $(STAGE)

deploy: setup ## put a stage into your AWS account: docs/deploy.md; STAGE=…
	@sh infra/deploy.sh $(STAGE)

.PHONY: bench-import
bench-import: setup ## a million rows go in while memory stays flat: ROWS=…
	@$(PYTHON) -m local.bench_import

.PHONY: bench-start
bench-start: setup ## how long a later start takes, beside importing the application: STARTS=…
	@$(PYTHON) -m local.bench_start
