# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Everything these targets install or write stays in this checkout. `make help` is the menu.

PYTHON ?= python3
VENV := .venv
SANDBOX := $(PYTHON) tests/tools/sandbox.py
RUN := $(SANDBOX) $(VENV)/bin/python tests/tools/run_tests.py

.DEFAULT_GOAL := help
.PHONY: help check test test-all lint unit browser eda sanity integration modules build docs coverage \
	torture benchmark release-check demo emulator venv clean

help: ## show this menu
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do printf '%-14s %s\n' "$$name" "$$text"; done

check: $(VENV)/.tested ## style, and the unit tests that start no Ansible: under a minute
	@$(SANDBOX) $(VENV)/bin/ruff check --quiet --output-format concise .
	@$(SANDBOX) $(VENV)/bin/ruff format --quiet --check .
	@$(SANDBOX) $(VENV)/bin/python -m pytest -q -n 2 -m "not ansible and not slow and not nightly" tests/unit

test: venv ## what a release must not break; CORES="2.18 2.20" or CORES=all chooses ansible-core
	@$(RUN) lint unit browser sanity integration build

test-all: venv ## every test on every ansible-core, or those of CORES: some hours, for a nightly job
	@WHOLE=1 $(RUN) lint unit browser eda sanity integration modules build docs torture

lint unit browser eda sanity integration modules build docs: venv
	@$(RUN) $@
lint: ## style, spelling, types, licences, change log, documentation
unit: ## unit tests; on the newest ansible-core also those that start Ansible
browser: ## HTML reports in Chromium, where there is one
eda: ## the rulebook under ansible-rulebook, where there is Java
sanity: ## ansible-test sanity
integration: ## ansible-test integration, against the emulator
modules: ## ansible-test integration, with modules on Pythons that only targets may have
build: ## the artefact, in build/, checked by Galaxy's importer
docs: ## the documentation as a site, in build/docs

coverage: venv ## how much of the code unit and integration tests run, each line and branch
	@$(SANDBOX) env COUNT_LINES=1 $(VENV)/bin/python tests/tools/run_tests.py unit integration coverage

torture: venv ## faults, hostile input, secrets: the whole suite, some minutes; its last line is pytest's
	@$(SANDBOX) $(VENV)/bin/python -m nox -s torture 2>.cache/torture.log || { grep -v 'nox > ' .cache/torture.log >&2; exit 1; }

benchmark: venv ## us and others on the same work, as ratios; some minutes; ARGS="tasks --runs 3" chooses
	@$(SANDBOX) $(VENV)/bin/python -m nox -s benchmark -- $(ARGS)

release-check: venv ## what a release needs: from a clean clone, installed on each ansible-core; see docs/releasing.md
	@$(RUN) release installed

demo: venv ## see it work, without an account
	@$(SANDBOX) env PATH="$(CURDIR)/$(VENV)/bin:$$PATH" tests/demo/run

emulator: venv ## a VPN service on loopback for your own playbooks; ARGS="--port 9000"
	@$(SANDBOX) $(VENV)/bin/python tests/integration/targets/setup_emulator/files/emulator.py $(or $(ARGS),--port 8080)

venv: $(VENV)/.installed
# nox changes options and defaults within a year, hence not just any; ansible-core is the newest that this Python takes.
$(VENV)/.installed: tests/tools/venv.txt
	@$(SANDBOX) $(PYTHON) -m venv --clear $(VENV) || { echo 'python3 needs its venv module (Debian: python3-venv).' >&2; exit 1; }
	@$(SANDBOX) $(VENV)/bin/python -m pip install --quiet --no-compile --disable-pip-version-check -r tests/tools/venv.txt
	@touch $@
# What make check needs besides, so that make demo need not wait for it.
$(VENV)/.tested: $(VENV)/.installed tests/unit/requirements.txt tests/tools/requirements.txt
	@$(SANDBOX) $(VENV)/bin/python -m pip install --quiet --no-compile --disable-pip-version-check \
		-r tests/unit/requirements.txt -r tests/tools/requirements.txt
	@touch $@

clean: ## remove what the other targets made
	rm -rf $(VENV) .nox .cache build .ansible .hypothesis .mypy_cache .pytest_cache .ruff_cache tests/output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
