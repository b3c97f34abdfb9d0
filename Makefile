# Every target can be run again; what is already done is not done twice. `make help` lists them.

PYTHON ?= $(shell for candidate in python3 python3.13 python3.12 python3.11; do \
	if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$candidate; break; fi; done)
IN_VENV := .venv/bin/python
PREPARE = @$(MAKE) --no-print-directory python && $(PYTHON) scripts/prepare.py
# Demonstration mode is the default of `make run` alone: `make run DEMO=0` starts the real thing.
DEMO ?= 1
PORT ?= 8000

.PHONY: help python run test check format assets lock bench soak doctor clean

help: ## What can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1	/' | expand -t 18

python:
	@test -n "$(PYTHON)" || { echo "Pumphouse needs Python 3.11 or later and found none."; \
		echo "What to do: install it (Debian: sudo apt-get install python3 python3-venv), or name one: make run PYTHON=/path/to/python3.11"; exit 1; }

run: ## Build everything and serve http://127.0.0.1:8000 with sample data
	$(PREPARE) runtime assets
	@DEMO=$(DEMO) PORT=$(PORT) $(IN_VENV) scripts/serve.py

test: ## Build everything and run the whole suite, on SQLite and on PostgreSQL, browser journeys included
	$(PREPARE) dev assets-for-tests browser scanner
	@$(IN_VENV) scripts/suite.py $(ARGS)

check: ## Linters, types, import contracts, migrations, and that generated files are current
	$(PREPARE) dev
	@$(IN_VENV) scripts/check.py

format: ## Let the formatters have their way
	$(PREPARE) dev
	@$(IN_VENV) -m ruff check -q --fix . ; $(IN_VENV) -m ruff format .

assets: ## Build the style sheet and scripts
	$(PREPARE) assets

bench: ## Run the benchmarks and write docs/performance.md (on DATABASE_URL, if it names a PostgreSQL: what is filled there stays)
	$(PREPARE) dev assets
	@$(IN_VENV) scripts/long.py benchmarks

soak: ## Kills, load and endurance: too long for `make test`
	$(PREPARE) dev assets
	@$(IN_VENV) scripts/long.py soak

doctor: ## Ask the set-up how it feels
	$(PREPARE) runtime
	@$(IN_VENV) manage.py doctor

lock: ## Write requirements/*.txt and package-lock.json anew (UPGRADE=1 takes newer versions)
	$(PREPARE) lock
	@$(PYTHON) scripts/lock.py $(if $(UPGRADE),--upgrade)

clean: ## Remove what was built or downloaded; the service's own state in var/ stays
	rm -rf .venv node_modules static/build staticfiles .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
