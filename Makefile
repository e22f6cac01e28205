# SFD: one sentence becomes a finished vertical drama. `make` shows what there is.
SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# Values reach the programs through the environment and are never pasted into a shell line, so that quotes, $, newlines and
# every script of the world stay what they are. $(value ...) keeps make itself from expanding them.
unexport PREMISE EPISODES PROVIDER KEEP YES NAME ARGS
define pass
ifneq ($$(value $(1)),)
export $(2) := $$(value $(1))
endif
endef
# NAME counts only on make's own command line: some systems export a NAME that means something else.
ifeq ($(origin NAME),command line)
$(eval $(call pass,NAME,SFD_NAME))
endif
$(eval $(call pass,PREMISE,SFD_DEMO_PREMISE))
$(eval $(call pass,EPISODES,SFD_DEMO_EPISODES))
$(eval $(call pass,PROVIDER,SFD_DEMO_PROVIDER))
$(eval $(call pass,KEEP,SFD_DEMO_KEEP))
$(eval $(call pass,YES,SFD_YES))

.PHONY: help setup demo up down status dev logs doctor test test-full lint format proto migrate seed reset \
        bench bench-jobs bench-demo compose-test \
        fault-paying hooks

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## Install everything into .venv and make .env (first time: about 1.3 GB of downloads)
	@./setup.sh

demo: setup ## Make a drama and its film: PREMISE="..." EPISODES=1 PROVIDER=... KEEP=1 YES=1
	@$(BIN)/sfd demo

up: setup ## Start the servers and all services (NAME=dev)
	@$(BIN)/sfd up

down: ## Stop everything; the data stays
	@[ ! -x $(BIN)/sfd ] || $(BIN)/sfd down

status: ## Show every process with its port, state and memory
	@$(BIN)/sfd status

dev: setup ## Run everything here and restart services when their code changes
	@$(BIN)/sfd dev

logs: ## Follow all logs
	@$(BIN)/sfd logs --follow

doctor: setup ## Look for what would keep SFD from running on this machine
	@$(BIN)/sfd doctor

test: setup ## Check the code and run the tests
	@scripts/test.sh -m "not slow"

test-full: setup ## Also the slow tests
	@scripts/test.sh

lint: setup ## Only the static checks
	@scripts/lint.sh

format: setup ## Format the code and mend what can be mended by itself
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

proto: setup ## Generate gen/ from protos/
	@$(BIN)/python scripts/proto.py

migrate: setup ## Bring the database to the newest schema
	@$(BIN)/sfd migrate

seed: setup ## Fill the running stack with example dramas
	@$(BIN)/sfd seed

reset: setup ## Delete the data of NAME (asks first; YES=1 does not)
	@$(BIN)/sfd reset

fault-paying: setup ## Paying once: 135 crash cases, 60 misbehaviours, 300 kills (15 min); counts go into docs/evidence
	@for part in "test_paying_matrix.py -k zombie" "test_paying_matrix.py -k exit" "test_paying_matrix.py -k postgres" \
	  "test_paying_behaviours.py" "test_paying_random.py -k [0]" "test_paying_random.py -k [1]" "test_paying_random.py -k [2]"; do \
	  SFD_EVIDENCE=docs/evidence/faults.md $(BIN)/python -m pytest --quiet -s tests/faults/$$part || exit 1; done

bench: setup ## All benchmarks
	@$(BIN)/python -m bench

bench-jobs: setup ## Job throughput beside its peers
	@$(BIN)/python -m bench jobs

bench-demo: setup ## How long the demo's film takes
	@$(BIN)/python -m bench demo

compose-test: ## Build the image and run the stack with docker compose
	@scripts/compose-test.sh

hooks: setup ## Check staged files at every commit
	@git config core.hooksPath scripts/hooks
