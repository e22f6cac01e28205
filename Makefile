# SFD: one sentence becomes a finished vertical drama. `make` shows what there is.
SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# Values reach the programs through the environment and are never pasted into a shell line, so that quotes, $, newlines and
# every script of the world stay what they are. $(value ...) keeps make itself from expanding them.
unexport PREMISE EPISODES PROVIDER KEEP YES NAME ARGS PART
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
$(eval $(call pass,PART,SFD_TEST_PART))

.PHONY: help setup demo up down status dev logs doctor test test-full fault-paying fault-paying-vendors fault-jobs fault-effects fault-poison \
        fault-outage fault-matrix fault-power lint format proto openapi fuzz migrate seed reset \
        bench bench-jobs bench-demo bench-dramas bench-productions bench-listeners bench-gateway \
        bench-generations compose-test hooks

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

test-full: setup ## Also the slow tests: PART=fast, slow, paying, jobs, ... each at most 9 minutes; without it all of them in turn
	@SFD_TEST_PART="$${SFD_TEST_PART:-all}" scripts/test.sh

# Each of these appends its seed and its counts to docs/evidence/faults.md.
FAULTS = @SFD_FAULT_EVIDENCE=docs/evidence/faults.md

fault-jobs: setup ## A hundred random faults under light jobs, then twelve under productions
	$(FAULTS) SFD_TEST_PART=jobs scripts/test.sh
	$(FAULTS) SFD_TEST_PART=films scripts/test.sh

fault-effects: setup ## Reports three times, updates under kills, events under kills, rolling restarts
	$(FAULTS) SFD_TEST_PART=effects scripts/test.sh
	$(FAULTS) SFD_TEST_PART=order scripts/test.sh

fault-poison: setup ## Twenty kinds of poison among a thousand good jobs
	$(FAULTS) SFD_TEST_PART=poison scripts/test.sh

fault-outage: setup ## NATS, Postgres and S3 away: PART=kill-30, kill-120, pause-30 or pause-120
	$(FAULTS) SFD_TEST_PART="outage-$${SFD_TEST_PART:-kill-30}" scripts/test.sh

fault-matrix: setup ## One process in every state of a production, killed and stopped: PART=gateway, story, ... s3
	$(FAULTS) SFD_TEST_PART="matrix-$${SFD_TEST_PART:-storage}" scripts/test.sh

fault-power: setup ## Power cuts of the disk under Postgres and NATS; needs root and a loop device
	$(FAULTS) SFD_TEST_PART=power scripts/test.sh

lint: setup ## Only the static checks
	@scripts/lint.sh

format: setup ## Format the code and mend what can be mended by itself
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

proto: setup ## Generate gen/ from protos/
	@$(BIN)/python scripts/proto.py

openapi: setup ## Write openapi.yaml from the gateway's routes
	@$(BIN)/python scripts/openapi.py

fuzz: setup ## Fuzz REST and every RPC at full length: PART=storage, services, rest-get, rest-post or rest-others; without it all of them
	@scripts/fuzz.sh $(PART)

migrate: setup ## Bring the database to the newest schema
	@$(BIN)/sfd migrate

seed: setup ## Fill the running stack with example dramas
	@$(BIN)/sfd seed

reset: setup ## Delete the data of NAME (asks first; YES=1 does not)
	@$(BIN)/sfd reset

fault-paying: setup ## Paying once: 135 crash cases, 60 misbehaviours, 300 kills (15 min); counts go into docs/evidence
	@for part in "test_paying_matrix.py -k zombie" "test_paying_matrix.py -k exit" "test_paying_matrix.py -k postgres" \
	  "test_paying_behaviours.py" "test_paying_random.py -k [0]" "test_paying_random.py -k [1]" "test_paying_random.py -k [2]"; do \
	  SFD_FAULT_EVIDENCE=docs/evidence/paying.md $(BIN)/python -m pytest --quiet -s tests/faults/$$part || exit 1; done

fault-paying-vendors: setup ## Paying once over the nine real adapters: 135 crash cases (12 min); counts go into docs/evidence
	@for part in zombie exit postgres; do \
	  SFD_FAULT_EVIDENCE=docs/evidence/paying.md SFD_TEST_PART=vendors-$$part scripts/test.sh || exit 1; done

bench: setup ## All benchmarks
	@$(BIN)/python -m bench

bench-jobs: setup ## Job throughput beside its peers
	@$(BIN)/python -m bench jobs

bench-demo: setup ## How long the demo's film takes
	@$(BIN)/python -m bench demo

bench-dramas: setup ## Lists and single dramas among 1,000, 10,000 and 100,000, beside one JSON object each
	@$(BIN)/python -m bench dramas

bench-productions: setup ## Requests on dramas of 10, 100 and 1,000 steps, beside one JSON object each
	@$(BIN)/python -m bench productions

bench-listeners: setup ## 1, 50 and 500 event streams, beside polling
	@$(BIN)/python -m bench listeners

bench-gateway: setup ## What the gateway costs a request, beside a bare hop, Envoy's transcoder and LiteLLM's proxy
	@$(BIN)/python -m bench gateway

bench-generations: setup ## 1, 50 and 500 films at a vendor at once on one video worker process
	@$(BIN)/python -m bench generations

compose-test: ## Build the image and run the stack with docker compose
	@scripts/compose-test.sh

hooks: setup ## Check staged files at every commit
	@git config core.hooksPath scripts/hooks
