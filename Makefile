# Learning to Remember. Every target sets up what it needs, in .venv.
SHELL := /bin/bash
BIN := .venv/bin
# One thread everywhere: results repeat, and two tests at a time fill two cores.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export PYTHONHASHSEED := 0
export PATH := $(CURDIR)/$(BIN):$(PATH)

# Sizes, as in: make soak STUDENTS=1000 SEED=7 KILLS=20
STUDENTS ?=
SEED ?= 0
KILLS ?= 5
# Environments of the launch check, as in: make launch-check LAUNCH="oldest binder"
LAUNCH ?=
# The notebooks are tested as two kinds of processors compute them, as unlike as possible.
LANES ?= widest,narrowest

.PHONY: FORCE help setup book serve notebooks lab lint test test-fast lanes launch-check bench long-experiments class soak mutants lock clean
.DEFAULT_GOAL := help

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

.venv/.ready: pyproject.toml requirements.lock package.json package-lock.json tools/setup.sh
	@tools/setup.sh

setup: .venv/.ready  ## .venv with everything in it

# Everything that the site is made of; folders of texts too, so that a deleted one counts as a change.
# (book and notebooks are also targets: "book/" is the folder.)
SITE_SOURCES := Makefile _config.yml _toc.yml package-lock.json \
  $(shell find book/ notebooks/ solutions/ exercises/) \
  $(shell find src/course_utils -path '*/grading' -prune -o -type f -not -name '*.pyc' -print)
# As old as the beginning of the last build that was verified: what changes meanwhile builds again.
SITE := _build/.verified
# So does a site in which anything is newer than its verification, or of which nothing is left.
VERIFIED := _build/html/.verified
SPOILT := $(shell test -e $(VERIFIED) && test -z "$$(find _build/html -newer $(VERIFIED) -print -quit)" || echo FORCE)

$(SITE): .venv/.ready $(SITE_SOURCES) $(SPOILT)
	@test ! -e $@.new || rm -rf _build/html _build/.doctrees  # pages of a failed build hide its warnings
	@mkdir -p _build && touch $@.new
	@jupyter-book build . -W -n --keep-going --quiet
	@python -m course_utils.authoring.sphinx.verify _build/html
	@touch $(VERIFIED) && mv $@.new $@
FORCE:

book: setup $(SITE)  ## build and verify the site in _build/html; never executes a notebook
	@echo "The book is in _build/html/index.html; 'make serve' opens it."

serve: book  ## open the built site
	@python -m webbrowser http://localhost:8000/ ; python -m http.server --bind localhost --directory _build/html 8000

notebooks: setup  ## execute what has changed: notebooks/, solutions/, exercises/
	@course make

lab: setup  ## open JupyterLab where students work; 'course start ps02' puts a problem set there
	@mkdir -p work && course start
	@jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/work

lint: setup  ## style, formatting, types of the numerics, arrows between the rooms
	@ruff check --quiet .
	@ruff format --check --quiet .
	@mypy --strict src/course_utils/nn
	@lint-imports --no-cache

test: setup lint book  ## everything: lint, made files against their texts, site, tests, stored outputs
	@course make --check
	@pytest --lanes $(LANES) -n 2 --dist loadfile tests notebooks solutions

test-fast: setup lint  ## a minute of tests for what has changed since origin/main
	@python tools/fast_tests.py

lanes: setup  ## every notebook as other processors compute it: a table notebook × lane, and margins
	@course lanes

launch-check: setup  ## every page as Binder, Colab, the oldest and the newest allowed versions run it
	@python tools/launch_check.py $(LAUNCH)

bench: setup  ## speed of the numerics and of the grader, also as JSON in _build/bench
	@python bench/nn.py
	@python bench/grading.py

long-experiments: setup  ## train chapter 08's longer runs; goes on where it was broken off
	@python tools/long_experiments.py

class: setup  ## a class of made-up submissions in _build/class
	@course class _build/class --students $(or $(STUDENTS),30) --seed $(SEED)

soak: setup  ## a larger class graded twice, once with kills: same journal, flat memory, nothing left; every known answer; thousands of mishaps
	@python tools/soak.py --students $(or $(STUDENTS),200) --seed $(SEED) --kills $(KILLS)
	@pytest tests/problem_sets/every_answer.py
	@COURSE_MISHAPS=2000 pytest tests/grading/test_agreement.py

mutants: setup  ## every mutant of the numerics and the checks must be killed or justified
	@python tools/mutants/run.py

lock: setup  ## resolve requirements.lock again
	@uv pip compile --quiet --universal --no-emit-index-url --python-version 3.11 --upgrade \
	  --extra lab --extra book --extra grading --extra dev -o requirements.lock pyproject.toml

clean:  ## remove what was built (not .venv)
	rm -rf _build
