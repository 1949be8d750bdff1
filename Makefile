# Every line does one thing; `make demo` and `make test` need nothing but Python 3.11 or newer and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo serve test quick check bench bench-large lock

demo: .venv/runs          ## a demo organisation, matched and served at http://127.0.0.1:8000
	@exec $(BIN)/python -m service demo

serve: .venv/runs         ## the service, as the environment says (README, "Operate")
	@exec $(BIN)/python -m service serve

test: .venv/develops      ## everything, on SQLite and PostgreSQL, with a browser where there is one
	$(MAKE) check
	$(BIN)/python -m pytest -n 2 --dist worksteal

quick: .venv/develops     ## the tests that take milliseconds
	$(BIN)/python -m pytest -m "not slow and not browser"

check: .venv/develops     ## style, types, import directions: seconds
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: .venv/develops     ## speed as ratios within one run; saved under var/bench
	$(BIN)/python -m tests.bench

bench-large: .venv/develops  ## the questions of the matching engine that take minutes each
	$(BIN)/python -m tests.bench matching --large

lock:                     ## requirement files from pyproject.toml, with hashes and without any address
	uv pip compile --universal --generate-hashes --no-header --no-annotate -q pyproject.toml -o requirements.txt
	uv pip compile --universal --generate-hashes --no-header --no-annotate -q --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	uv pip compile --universal --generate-hashes --no-header --no-annotate -q tests/bench/peers.in -o tests/bench/peers.txt

.venv/runs: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/develops: requirements-dev.txt .venv/runs
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
