# Two commands are always true on a fresh machine with Python >= 3.11, make and git:
#   make demo   the main job on real input, on a real network     make test   everything
.DEFAULT_GOAL := help
SHELL := /bin/sh
export PYTHONUTF8 := 1
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

.PHONY: help demo test test-long test-compose bench bench-peers lint go units clean lock

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/.ready: requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo '需要 Python 3.11 或更新版本。Python 3.11 or newer is needed.' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo '缺少 venv 模块,请先安装 python3-venv(Debian/Ubuntu: sudo apt install python3-venv)。' >&2; \
		echo 'The venv module is missing: install python3-venv first.' >&2; exit 1; }
	@echo '准备 Python 环境 · preparing the Python environment ($(VENV))'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(VENV)/.ready ## the main job, end to end, on a real network; then verified offline
	@$(BIN)/python -m api.demo

test: $(VENV)/.ready ## all of it: lint, types, import contracts, Go, units, end to end
	@$(MAKE) --no-print-directory -j 2 lint go
	@$(MAKE) --no-print-directory units

lint: $(VENV)/.ready ## ruff, mypy --strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

go: $(VENV)/.ready ## go vet, staticcheck and the chaincode's tests
	$(BIN)/python -m network.go_command chaincode vet ./...
	$(BIN)/python -m network.go_command chaincode tool staticcheck ./...
	$(BIN)/python -m network.go_command chaincode test ./...

units: $(VENV)/.ready ## pytest: units, attacks, and the real network
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

test-long: $(VENV)/.ready ## what takes minutes: every byte, every system call, new random cases (docs/testing.md: as root, with strace)
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m long
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m hypothesis --hypothesis-profile search

test-compose: $(VENV)/.ready ## docker-compose.yml as it stands, on a real engine (docs/testing.md: started by hand as root where none runs)
	$(BIN)/python -m pytest -m compose tests/compose

bench: $(VENV)/.ready ## performance: measures everything and writes docs/PERFORMANCE.md; leave the machine alone meanwhile
	$(BIN)/python -m tests.bench all

bench-peers: $(VENV)/.ready ## of it, the other logs alone, built from the registries the first time
	$(BIN)/python -m tests.bench peers

lock: $(VENV)/.ready ## renew the hashed requirement files
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--extra dev --output-file requirements/dev.txt pyproject.toml requirements/build.in
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--extra api --constraint requirements/dev.txt --output-file requirements/service.txt pyproject.toml requirements/build.in

clean: ## removes what make made, not your data
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
