# Every target sets up what is missing first; nothing is set up twice.
.DEFAULT_GOAL := help
.PHONY: help setup up test check soak unit unit-others bench reference constraints clean

BIN := .venv/bin
STAMP := .venv/.set-up
export MLFLOW_DISABLE_TELEMETRY := true

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(STAMP): pyproject.toml constraints.txt scripts/setup.sh
	@bash scripts/setup.sh

setup: $(STAMP) ## Make .venv with the project, its extras and the tools

up: $(STAMP) ## Start the gateway and MLflow on this machine
	@exec $(BIN)/penstock up $(ARGS)

check: $(STAMP) ## Format, lint, types and import rules
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check unit-others ## Every check and every test
	@bash scripts/chromium.sh
	@bash scripts/databases.sh
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

soak: $(STAMP) ## The tests of rollouts that draw what they do, a hundred rounds
	PENSTOCK_ROUNDS=100 $(BIN)/python -m pytest --timeout 7200 --durations 10 \
		$(addprefix tests/contract/rollout/test_,crashes.py gateway_rollouts.py many_runs.py races.py)

unit: $(STAMP) ## The unit tests alone
	$(BIN)/python -m pytest tests/unit

unit-others: $(STAMP) ## The unit tests on the other Pythons of this machine
	@$(BIN)/python scripts/unit_on_other_pythons.py

bench: $(STAMP) ## Measure against the peers, in one run
	@$(BIN)/python -m bench $(ARGS)

reference: $(STAMP) ## Write the reference tables that follow from the code
	@$(BIN)/python scripts/reference.py

constraints: $(STAMP) ## Pin the newest versions that fit, names and versions only
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --group dev \
		--no-header --no-annotate --upgrade pyproject.toml --output-file constraints.txt

clean: ## Remove what set-up and tests made
	rm -rf .venv .venvs .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
