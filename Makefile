# o2o: `make` prints what there is. A fresh clone needs Python, make and the PyPI and npm registries; nothing else.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
PY := .venv/bin/python
PYTEST := $(PY) -m pytest
# One more than the cores of a small machine: a test waits for a page, a clock or a server for a quarter of its time.
WORKERS ?= 3
seed ?= 7
hours ?= 24

# Where Python is told to keep no bytecode, each of its processes reads all libraries anew, for four seconds of processor.
unexport PYTHONDONTWRITEBYTECODE

WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -type f -print 2>/dev/null)

.PHONY: help setup demo up test test-fast check sim reset clean web

help: ## 本说明 / this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: .venv/.o2o-ready ## 安装依赖 / install what is needed

demo: setup web ## 演示：一座有顾客、店员和骑手的城区 / a living district on real engines
	@$(PY) -m o2o.cli demo

up: setup web ## 启动系统，不含模拟 / the whole house, nothing simulated
	@$(PY) -m o2o.cli up

test: setup web ## 全部测试 / all tests, on real PostgreSQL and Valkey
	@OMP_NUM_THREADS=1 $(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-fast: setup ## 较快的测试 / without the slow ones and the browser
	@OMP_NUM_THREADS=1 $(PYTEST) -n $(WORKERS) --dist loadfile -m "not slow and not browser"

check: setup web ## 静态检查 / format, lint, types, contracts, schema and API drift
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@$(PY) -m o2o.cli migrate --check
	@$(PY) -m o2o.cli openapi --check
	@deploy/setup npm run --silent types
	@deploy/setup npm test --silent

sim: setup ## 模拟一天 / a simulated day: make sim seed=7 hours=24
	@$(PY) -m o2o.cli simulate --seed $(seed) --hours $(hours) --speed max

reset: setup ## 清空演示数据 / delete the demo's data
	@$(PY) -m o2o.cli reset

clean: ## 删除依赖与构建结果 / delete packages and builds (not the data)
	rm -rf .venv .tool web/node_modules o2o/screens/web .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

web: o2o/screens/web/.o2o-ready

.venv/.o2o-ready: pyproject.toml uv.lock .python-version
	@deploy/setup python
	@touch $@

o2o/screens/web/.o2o-ready: $(WEB_SOURCES)
	@deploy/setup web
	@touch $@
