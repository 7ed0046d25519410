# Every command installs what it needs; see README.md.
PYTHON ?= python3
BIN := .venv/bin
LOCK = $(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --no-header --no-annotate --quiet
ARGS ?=
# Many short processes share what was compiled once, whatever the caller's environment says.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test check sweep histories bench docs format lock cluster cluster-down

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: .venv/ready ## a pull request's whole life on a local cluster (ARGS=--once: then clean up and end)
	$(BIN)/python -m dev.demo $(ARGS)

test: check ## everything: lint, types, imports, all tests, end to end included
	$(BIN)/python -m dev.test $(ARGS)

check: .venv/ready ## the fast part of it: no cluster, under a minute
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/lint-imports --no-logo >/dev/null || $(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/pytest -q tests/unit -n auto

format: .venv/ready ## put the code in order
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

sweep: .venv/ready ## a fault at every call that a pull request's life makes: up to an hour
	$(BIN)/python -m tests.faults $(ARGS)

histories: .venv/ready ## random histories of a repository, others each time, on the cluster that is up
	$(BIN)/python -m pytest -q -n 4 tests/faults/test_histories.py --histories=$$(date +%s)+40 $(ARGS)

bench: .venv/ready ## what people wait for, beside kubectl doing the same by hand
	$(BIN)/python -m dev.bench $(ARGS)

lock: .venv/ready ## choose the newest versions again, for the image and for development
	$(LOCK) --upgrade -o requirements.lock
	$(LOCK) --upgrade --group dev --constraint requirements.lock -o requirements-dev.lock

docs: .venv/ready ## write docs/ and app.json again from where settings and metrics are defined
	$(BIN)/python -m dev.docs

cluster: .venv/ready ## start just the cluster; the last line is its kubeconfig
	@$(BIN)/python -m dev.cluster up

cluster-down: .venv/ready ## stop it
	@$(BIN)/python -m dev.cluster down

# A marker of its own, because a folder's date says nothing about what is in it.
.venv/ready: requirements-dev.lock pyproject.toml dev/venv.sh
	@sh dev/venv.sh "$(PYTHON)"
