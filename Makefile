PYTHON ?= python3

.PHONY: test slow check bench

test: ## the default tier
	$(PYTHON) -m pytest

slow: ## campaigns and large collections
	$(PYTHON) -m pytest -m slow

check: ## style and types
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

bench: ## named workloads, as ratios against peers
	$(PYTHON) -m benchmarks
