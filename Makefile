# `make lab` and `make test` do all set-up; nothing else needs to be typed before them.
# PIP_ARGS is passed to pip, such as --extra-index-url for PyTorch's CPU wheels.

PYTHON ?= python3
PIP_ARGS ?=
BIN := .venv/bin
WORKERS ?= 2
RULES := tests/test_repository.py tests/test_architecture.py tests/test_notebook_rules.py

.PHONY: help setup lab test check notebooks claims bench reproduce slides site

help:
	@echo "make lab        set up, then open the lectures in JupyterLab"
	@echo "make test       set up, then run every test and every lecture"
	@echo "make check      style, links and rules of the project"
	@echo "make notebooks  run all lectures from a clean kernel and store their outputs"
	@echo "make claims     measure the ledger again from the shipped weights"
	@echo "make bench      compare speed with what else one could use"
	@echo "make reproduce  train every checkpoint and measure every figure again"
	@echo "make slides     build slides of every lecture in build/slides"
	@echo "make site       build web pages of all lectures in build/site"

setup: .venv/data-stamp

.venv/stamp: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet $(PIP_ARGS) -c constraints.txt -e '.[lab,test,browser]'
	touch $@

.venv/data-stamp: .venv/stamp data/sources.toml
	$(BIN)/python -m imi.data fetch --core
	touch $@

lab: setup
	$(BIN)/jupyter lab --notebook-dir=notebooks $(LAB_ARGS)

test: setup
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --ignore tests/benchmarks --ignore tests/browser
	-$(BIN)/python -m imi.data fetch mathjax reveal
	$(BIN)/python -m pytest tests/browser

check: .venv/stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest $(RULES)

notebooks: setup
	$(BIN)/python tests/notebook_runs.py notebooks/[0-9][0-9]_*.ipynb
	$(BIN)/python -m imi.claims --docs
	-$(BIN)/python -m publish.stills

claims: setup
	$(BIN)/python -m imi.claims --check

bench: setup
	$(BIN)/python tests/benchmarks $(BENCH_ARGS)

reproduce: setup
	$(BIN)/python -m imi.train --all

slides: .venv/stamp
	rm -rf build/slides
	$(BIN)/python -m publish slides

site: .venv/stamp
	rm -rf build/site
	$(BIN)/python -m publish site
