PYTHON ?= python3

.PHONY: campaign cells test slow check bench bench-growth bench-peers bench-scale bench-server coverage fuzz mutants planted

test: ## the default tier
	$(PYTHON) -m pytest

slow: ## campaigns and large collections
	$(PYTHON) -m pytest -m slow

check: ## style and types
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

fuzz: ## twenty minutes of fuzzing on one core; SECONDS= and SEED= say otherwise
	$(PYTHON) -m tests.fuzz --seconds $(or $(SECONDS),1200) --seed $(or $(SEED),1)

planted: ## plant every bug of the security specification in a copy, and see the tests find it
	$(PYTHON) -m tests.planted $(NUMBERS)

coverage: ## branch coverage of the core by the default tier; what is missing must be named in tests/COVERAGE.md
	mkdir -p .cache/coverage && rm -f .cache/coverage/*
	$(PYTHON) -m coverage run -m pytest -n auto -p tests.coverage
	$(PYTHON) -m coverage combine --quiet
	$(PYTHON) -m coverage json --quiet -o .cache/coverage.json
	$(PYTHON) -m tests.coverage .cache/coverage.json

mutants: ## change the core in every small way and see the fast tests notice; ONLY= and SHARE= say less
	$(PYTHON) -m tests.mutants --share $(or $(SHARE),1) $(if $(ONLY),--only $(ONLY))

campaign: ## seeded cases against a real server; MINUTES= and SEED= say otherwise
	$(PYTHON) -m cubequery.testing campaign --minutes $(or $(MINUTES),10) --seed $(or $(SEED),1) --report campaign.json

cells: ## every operator on every type with every operand over every stored value, once
	$(PYTHON) -m cubequery.testing cells

bench: ## named workloads, as ratios against peers
	$(PYTHON) -m benchmarks

bench-peers: ## every peer in one table, installed apart in .cache/peers
	$(PYTHON) -m benchmarks.rivals --write benchmarks/results/peers.md

bench-scale: ## keys, records and time at 100,000 and 1,000,000 records
	$(PYTHON) -m benchmarks.scale

bench-growth: ## cost by parameters, items, levels and records, and memory under an adversary
	$(PYTHON) -m benchmarks.growth --write benchmarks/results

bench-server: ## the server over loopback, as a ratio against a bare one
	$(PYTHON) -m benchmarks.server
