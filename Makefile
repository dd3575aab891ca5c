.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
# Forty processes of ours start in a test run: compiled code is worth keeping.
unexport PYTHONDONTWRITEBYTECODE
# Node brings its own certificate authorities; a machine behind a proxy has others.
export NODE_USE_SYSTEM_CA := 1

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

install: .venv/installed assets ## the environment in .venv, exactly as locked, and the assets

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

PAGES := services/pages/assets

assets: $(PAGES)/built/manifest.json ## the pages' style sheet, built by a Node from PyPI

$(PAGES)/built/manifest.json: .venv/installed package-lock.json services/pages/build.py $(wildcard $(PAGES)/*.*)
	$(BIN)/python -m services.pages.build

up: deploy/.env ## the same services in containers, as deploy/compose.yaml has them (needs Docker)
	docker compose -f deploy/compose.yaml up --build --wait

down: ## stop the containers; the data stays
	docker compose -f deploy/compose.yaml down

deploy/.env:
	@echo "deploy/.env is missing: copy deploy/example.env there and put values of your own in it" && false

schemas: install ## what is written from the classes: snapshots, AsyncAPI, tables of topics and settings
	$(BIN)/python -m schemas.publish
	settings=$$($(BIN)/p2a settings) && printf '%s\n' "$$settings" > docs/settings.md

demo: install assets ## everything on this machine with an invented cohort; Ctrl-C stops it
	@$(BIN)/p2a demo

lock: ## requirements.lock anew from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		--all-extras --custom-compile-command "make lock" pyproject.toml -o requirements.lock

lint: install ## format, then every check
	$(BIN)/ruff format . && $(BIN)/ruff check --fix . && $(BIN)/mypy && $(BIN)/lint-imports

lint-ci: install ## the same checks, changing nothing
	$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

test: install ## everything that needs no outside service
	$(BIN)/pytest -n 2 --dist loadfile -m "not kafka and not browser and not faults"

test-browser: install ## pages and letters' links in a real Chromium, with and without scripts
	$(BIN)/pytest -m "browser and not faults"

test-kafka: install ## the broker suite on Apache Kafka: P2A_KAFKA_BOOTSTRAP, else one of its own (Java, Maven)
	P2A_TEST_BROKER=apache $(BIN)/pytest tests/broker -m "not browser and not faults"

faults: install ## every fault against every service on both brokers, and the soak; 40 minutes (Java, Maven)
	$(BIN)/python -m tests.faults.whole

bench: install ## what is measured, against a baseline of the same run; fails when a bar is missed
	@short=0; for each in $(filter-out bench/figure.py,$(wildcard bench/*.py)); do \
		echo "== $$each"; $(BIN)/python -m $$(echo $${each%.py} | tr / .) || short=1; \
	done; exit $$short

COMPOSE_GO := v2.16.2

check-compose: .make/compose-$(COMPOSE_GO) ## deploy/compose.yaml read by the Compose specification's own loader (needs Go)
	@# this loader's command is blind to the environment; tests/repository checks the variables
	$< -no-interpolation deploy/compose.yaml > /dev/null && echo "deploy/compose.yaml is a valid Compose file"

.make/compose-$(COMPOSE_GO):
	GOBIN=$(CURDIR)/.make go install github.com/compose-spec/compose-go/v2/cmd@$(COMPOSE_GO)
	mv .make/cmd $@

.PHONY: help demo up down install assets schemas lock lint lint-ci test test-browser test-kafka faults bench check-compose
