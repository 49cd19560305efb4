# `make run` and `make test` set up .venv by themselves; the second time they begin at once.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: run test check benchmark clean

run: $(READY)  ## train, evaluate and compare all models on the built-in synthetic faces
	$(BIN)/harness run --all

test: check  ## every check, then the tests with their coverage
	$(BIN)/pytest -n auto --cov --cov-report=term-missing:skip-covered

check: $(READY)  ## format, lint, types and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

benchmark: $(READY)  ## time what is discovered here; leave the machine alone meanwhile
	$(BIN)/pytest --benchmark-only

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

clean:  ## remove what was built; results and data stay
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
