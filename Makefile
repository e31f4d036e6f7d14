# `make run` and `make test` each do everything from a clean clone: environment, install, job.
# PYTHON=/path/to/python names the interpreter; else tools/install.sh takes the newest that it finds.
VENV ?= .venv
BIN := $(VENV)/bin
FILES := pyproject.toml constraints.txt tools/install.sh
RECX_ARGS ?= --target sasrec --align hybrid
# One process per core; the tests of one file stay together, so that they share what they prepare.
PYTEST_ARGS ?= -n logical --dist loadfile
PLUGINS := recx_contrast recx_cornac recx_implicit recx_litellm
folder = plugins/$(subst _,-,$(1))

.DEFAULT_GOAL := help
.PHONY: help install install-dev run test plugins lint types floors docs wheel clean

help:
	@echo "make run    install, then: recx run $(RECX_ARGS)"
	@echo "make test   install with development tools, then run the tests"
	@echo "make plugins  install the packages in plugins/, then run their tests"
	@echo "make lint | types | floors | docs    the other checks"
	@echo "make wheel  build the wheel into dist/, then install and run it elsewhere"
	@echo "make clean  remove the environment and everything built"

# The stamps make a second call instant; a changed project file installs anew.
$(VENV)/.installed: $(FILES)
	./tools/install.sh "$(VENV)"
	@touch $@

$(VENV)/.installed-dev: $(FILES)
	./tools/install.sh "$(VENV)" dev
	@touch $@ "$(VENV)/.installed"

install: $(VENV)/.installed
install-dev: $(VENV)/.installed-dev

run: install
	$(BIN)/recx run $(RECX_ARGS)

test: install-dev
	$(BIN)/python -m pytest $(PYTEST_ARGS)

# Each in a process of its own: a plugin's tests see what a user's would.
plugins: install-dev
	$(BIN)/python -m pip install --quiet --constraint constraints.txt $(foreach p,$(PLUGINS),--editable $(call folder,$(p)))
	$(foreach p,$(PLUGINS),$(BIN)/python -m pytest $(call folder,$(p))/tests &&) true
	$(foreach p,$(PLUGINS),MYPYPATH=$(call folder,$(p)) $(BIN)/mypy -p $(p) &&) true

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install-dev
	$(BIN)/mypy

floors: install-dev
	$(BIN)/lint-imports

docs: install-dev
	$(BIN)/mkdocs build --strict

wheel: install-dev
	./tools/wheel.sh "$(VENV)"

clean:
	rm -rf "$(VENV)" build dist site *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
