# Everything a newcomer needs: Python 3.11 or newer, make, and `make run`.
# PYTHON=/path/to/python names the interpreter if the right one is not found by itself.

.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
RUN_READY := $(VENV)/.ready-to-run
TEST_READY := $(VENV)/.ready-to-test
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: help run practice test check bench clean

help:  ## list what can be made
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

run: $(RUN_READY)  ## start the bot: the chat page, and Telegram when TELEGRAM_TOKEN is set
	$(BIN)/python -m bot run

practice: $(RUN_READY)  ## start the practice chat with the sample village
	$(BIN)/python -m bot practice

test: check  ## every check and every test
	$(BIN)/python -m pytest -n 2 -q

check: $(TEST_READY)  ## everything but the tests: format, lint, types, imports, content
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m bot check

bench: $(TEST_READY)  ## print the figures of the benchmarks
	$(BIN)/python -m benchmarks

clean:  ## remove what setting up, building and testing left; households and .env stay
	rm -rf $(VENV) build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find bot tests benchmarks -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# A stamp is written last, so an installation that was interrupted is begun again.
$(RUN_READY): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing what hubang needs into $(VENV) (once) ..."
	$(INSTALL) --editable .
	@touch $@

$(TEST_READY): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing what hubang and its tests need into $(VENV) (once) ..."
	$(INSTALL) --editable '.[test]'
	@touch $(RUN_READY) $@

$(BIN)/python:
	@for python in $(if $(PYTHON),'$(PYTHON)',python3 python3.11 python3.12 python3.13 python3.14 python); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  echo "Making $(VENV) with $$("$$python" --version) ..."; \
	  "$$python" -m venv $(VENV) && exit 0; \
	  rm -rf $(VENV); \
	  echo "$$python could not make a virtual environment; on Debian install python3-venv." >&2; exit 1; \
	done; \
	echo "Python 3.11 or newer is needed. Install it, or name it: make PYTHON=/path/to/python" >&2; exit 1
