# Plain, portable commands; README spells them out for those without make.
VENV ?= .venv
PY := $(VENV)/bin/python
BIN := $(VENV)/bin
SCALE ?= 1

.PHONY: setup demo test lint imports types tests docs isolated package installed benchmarks clean

$(VENV)/.ready: pyproject.toml plugins/*/pyproject.toml requirements/*.txt constraints.txt
	sh requirements/install.sh $(VENV) requirements/dev.txt
	@touch $@

setup: $(VENV)/.ready  ## the environment, with everything pinned

demo: setup  ## synthetic data in demo.duckdb, and the scorecard of all KPIs
	$(BIN)/kpisdk demo --scale $(SCALE) --out demo.duckdb --force

test: setup lint imports types tests docs  ## everything that must hold

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell

imports:
	$(BIN)/lint-imports

types:
	$(BIN)/mypy

tests:
	$(PY) -m pytest -q -n 2 --dist loadfile

docs:
	$(BIN)/sphinx-build -n -T -W -q -b html docs docs/_build/html

isolated: package  ## each plugin's tests with only the core's and that plugin's built wheels
	UV_FIND_LINKS="$${UV_FIND_LINKS:-$${PIP_FIND_LINKS:-$$($(PY) -m pip config get global.find-links 2>/dev/null)}}" $(BIN)/tox run

package: setup  ## wheels and source distributions in dist/, checked
	$(PY) -m release.build
	$(BIN)/twine check --strict dist/*
	$(PY) -m release.check

installed: package  ## what was built, installed into fresh environments in every combination
	$(PY) -m release.install

benchmarks: setup
	for file in benchmarks/*.py; do $(PY) $$file || exit 1; done

clean:
	rm -rf $(VENV) dist docs/_build .tox demo.duckdb
