# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# `make` alone lists the targets. Everything happens in the checkout; only the bed needs root.
.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory
# Where it is set, as in some containers, each of a thousand processes compiles all that it imports: a second for every
# ansible-playbook.
unexport PYTHONDONTWRITEBYTECODE

python := .venv/bin/python
test := $(python) -m tests.tools.run

help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9-]+:.*## / { printf "  make %-21s %s\n", $$1, $$2 }' Makefile

setup: ## Make .venv with all that the tests need
	@sh tests/tools/setup.sh dev

demo: ## Lose a small stack and bring it back, with proof: three minutes, set-up included
	@sh tests/tools/setup.sh run
	@$(python) -m demo

test: setup ## Run all tests, several parts at once; logs in build/test
	@$(test)

lint: setup ## Check style, YAML, types, roles, changelog and module documentation
	@$(test) --live lint types

sanity: setup ## Run ansible-test sanity on every Python found, and on the tests too
	@$(python) -m tests.tools.sanity --all build/test/sanity.xml

units: setup ## Run the unit tests with coverage
	@$(test) --live units

integration: setup ## Run the tests against a real PostgreSQL and a real n8n
	@$(test) --live n8n integration

bed: setup ## Bring up a whole stack to test on: Docker, two servers, S3, DNS (as root)
	@$(python) -m tests.bed up

bed-down: setup ## Remove the bed; its cache stays
	@$(python) -m tests.bed down

e2e: setup ## Bring up the bed and run the tests that need it, but for the thorough ones (as root)
	@$(test) --live e2e

test-all: setup ## Run what `test` and `e2e` run, at once: what asks for no time beside what does (as root)
	@$(test) --all

e2e-thorough: bed ## Run the tests that take long: a failing rebuild, point-in-time recovery, clouds
	@$(python) -m pytest --durations=15 -m thorough tests/e2e tests/integration

chaos: setup ## Break whatever can break while each module works (as root), and look: the whole matrix
	@$(python) -m tests.chaos

chaos-short: setup ## Each module and each fault of the chaos matrix once (as root): minutes
	@$(python) -m tests.chaos --short

chaos-window: bed ## Kill the module, the playbook, Docker and the server while n8n is stopped: 20 times
	@CHATBOT_KILLS=20 $(python) -m pytest -s tests/e2e/test_window.py

screenshots: site ## Take the pictures of the demo's report, the health page and the site in Chromium (which needs root once, to install it)
	@$(python) -m tests.tools.screenshots

site: setup ## Build the documentation into build/site: handbook, messages, playbooks, modules, roles
	@$(test) --live site

package: setup ## Build the collection, install it elsewhere, read its documentation there
	@$(test) --live package

clean-room: setup ## Run the demo, and the tarball's playbooks, on a bare Debian in a folder (as root); TARGETS names others
	@$(python) -m tests.tools.clean_room $(TARGETS)

build: setup ## Build the collection's tarball into build/
	@$(python) -m tests.tools.package build

bench: setup ## Compare speed and memory with other tools
	@$(python) -m tests.bench

scale: setup ## Measure how the playbooks grow with the fleet: 10, 100 and 1,000 simulated hosts
	@$(python) -m tests.scale

bench-rebuild: setup ## Compare the rebuild of a server with a shell script that does the same by hand (needs the bed)
	@$(python) -m tests.bench.rebuild

bench-container-logs: setup ## See that logs stay within their limits, and how fast 1 GiB of them is read (needs the bed)
	@$(python) -m tests.bench.container_logs

format: setup ## Format the Python code, write the roles' READMEs anew, put the licence where it is missing
	@$(python) -m ruff check --fix-only --quiet .
	@$(python) -m ruff format .
	@$(python) -m tests.tools.role_pages
	@$(python) -m tests.tools.headers

changelog: setup ## Turn the fragments into the changelog of galaxy.yml's version
	@.venv/bin/antsibull-changelog release --ansible-doc-bin "$(CURDIR)/.venv/bin/ansible-doc"

constraints: setup ## Look up the newest allowed version of every package again
	@.venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-annotate \
		--custom-compile-command 'make constraints' --output-file constraints.txt requirements*.txt

clean: ## Remove what the other targets made, .venv included
	rm -rf .venv .ansible build .coverage .mypy_cache .pytest_cache .ruff_cache tests/output

.PHONY: help setup demo test lint sanity units integration bed bed-down e2e test-all e2e-thorough chaos chaos-short chaos-window screenshots site package clean-room build bench scale bench-rebuild bench-container-logs format changelog constraints clean
