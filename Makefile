# Everything a person runs. Each target sets up what it needs first, and says what it is doing.
# Settings are the environment's (docs/settings.md); `make run PORT=9000` works too, because make
# hands the variables of its command line on. PYTHON=python3.12 chooses the Python to set up with.

.DEFAULT_GOAL := help
.PHONY: help run example test check fix openapi model image rehearse sync imports reindex replay doctor report deploy costs bench figures bench-peers soak lock clean

# Paths are relative, so that a folder with spaces in its name is a folder like any other. Any
# Python can start the set-up; the set-up then finds one that suits.
ANY_PYTHON = "$$(command -v python3 || command -v python3.13 || command -v python3.12 || command -v python3.11 || echo python3)"
SETUP = @$(ANY_PYTHON) -I scripts/setup.py
RUN = .venv/run/bin/python
DEV = .venv/dev/bin/python
SAM = .venv/sam/bin/python
EXAMPLE = env PYTHONPATH=clients/python:clients $(DEV) -m shop_backend
LOCK = $(DEV) -m uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock"
# SAM and checkov each pin a boto3. SAM talks to AWS with its own; checkov only loads it.
SAM_BOTO3 = boto3[crt]==1.43.108

help: ## this list
	@echo "make <target>, where target is one of"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile

run: ## start the shop with its demo catalogue; Ctrl-C stops it (HOST, PORT, DATA_DIR)
	$(SETUP) run
	@exec $(RUN) -m scripts.run

example: ## a shop's backend beside make run, at http://127.0.0.1:8002 (PORT, LIKENESS_URL)
	$(SETUP) dev
	@$(EXAMPLE).sync clients/shop_backend/products.csv
	@exec $(EXAMPLE)

# A file's tests stay together, since they share what is dear to make; files go in their order, in
# which those that take long come first. They start hundreds of servers and commands, so bytecode is
# kept even where the environment says it shall not be.
test: ## every test this machine can run (ARGS="-k cache" picks some)
	$(SETUP) dev sam
	@$(DEV) -m scripts.chromium
	@exec env -u PYTHONDONTWRITEBYTECODE $(DEV) -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

check: ## format, lint, types, import contracts, documentation
	$(SETUP) dev sam
	@exec $(DEV) -m scripts.check

fix: ## put right what the formatter and the linter can
	$(SETUP) dev
	@$(DEV) -m ruff format && $(DEV) -m ruff check --fix

openapi: ## write docs/openapi.json anew
	$(SETUP) dev
	@exec $(DEV) -m scripts.check.openapi --write

model: ## build a model: MODEL=clip-vit-b-32 (SOURCE=folder, TEXT=folder, MODEL_DIR=folder)
	$(SETUP) dev
	@exec $(DEV) -m scripts.model "$(MODEL)" $(if $(SOURCE),--source "$(SOURCE)") \
		$(if $(TEXT),--text "$(TEXT)") $(if $(MODEL_DIR),--out "$(MODEL_DIR)") $(ARGS)

image: ## build the container image (MODEL, BASE_IMAGE, PLATFORM, EMBEDDED=1, TAG, ENGINE)
	$(SETUP) dev
	@exec $(DEV) -m scripts.image $(if $(MODEL),--model "$(MODEL)") \
		$(if $(BASE_IMAGE),--base "$(BASE_IMAGE)") $(if $(PLATFORM),--platform "$(PLATFORM)") \
		$(if $(EMBEDDED),--embedded) $(if $(TAG),--tag "$(TAG)") \
		$(if $(ENGINE),--engine "$(ENGINE)")

rehearse: ## build the image, and run it as Lambda and SAM would (Debian, root; REHEARSAL_DIR)
	$(SETUP) dev sam
	@exec $(DEV) -m pytest -n0 -s -v --rehearse tests/rehearsal $(ARGS)

sync: ## index what is new in the bucket (ARGS=--dry-run to see what that would be)
	$(SETUP) dev
	@exec $(DEV) -m scripts.sync $(ARGS)

imports: ## products from a file into a shop: ARGS="products.csv --dry-run"
	$(SETUP) dev
	@exec $(DEV) -m scripts.imports $(ARGS)

deploy: ## build the image and deploy it to AWS; asks the first time (MODEL, ARCHITECTURE)
	$(SETUP) sam
	@exec $(SAM) -m scripts.deploy $(if $(MODEL),--model "$(MODEL)") \
		$(if $(ARCHITECTURE),--architecture "$(ARCHITECTURE)") $(ARGS)

reindex: ## index anew for another model: MODEL=clip-vit-b-32 (ARGS=--rollback goes back)
	$(SETUP) dev
	@exec $(DEV) -m scripts.reindex $(ARGS)

replay: ## send dead letters back to the queue (ARGS=--dry-run lists them)
	$(SETUP) dev
	@exec $(DEV) -m scripts.replay $(ARGS)

doctor: ## look a deployment over (ARGS="--url https://api.my.shop" asks the API, too)
	$(SETUP) dev
	@exec $(DEV) -m scripts.doctor $(ARGS)

costs: ## what a shop pays a month, and how it scales from zero (ARGS=scale, or --help)
	$(SETUP) dev >&2
	@exec $(DEV) -m scripts.cost $(ARGS)

report: ## the catalogue as a page to look at; the shop may be running (ARGS="--out page.html")
	$(SETUP) dev
	@exec $(DEV) -m scripts.report $(ARGS)

bench: ## measure: JSON lines to stdout, a table to stderr (ARGS=--keep tells the docs, too)
	$(SETUP) dev >&2
	@exec $(DEV) -m scripts.bench $(ARGS)

figures: ## the tables and plots of docs/bench.md, from what make bench has kept
	$(SETUP) dev
	@exec $(DEV) -m scripts.bench.figures

bench-peers: ## what others use, each in an environment of its own, for make bench to measure too
	$(SETUP) dev
	@exec $(DEV) -m scripts.bench.peers $(ARGS)

soak: ## shoppers for half an hour, and whether anything grew (ARGS="--minutes 5")
	$(SETUP) dev >&2
	@exec $(DEV) -m scripts.soak $(ARGS)

lock: ## pin what pyproject.toml asks for (UPGRADE=--upgrade to look for newer)
	$(SETUP) dev
	@$(LOCK) $(UPGRADE) pyproject.toml -o requirements.txt
	@$(LOCK) $(UPGRADE) pyproject.toml --extra cloud -c requirements.txt -o requirements-cloud.txt
	@$(LOCK) $(UPGRADE) pyproject.toml --extra cloud --group dev -c requirements-cloud.txt \
		-o requirements-dev.txt
	@echo "$(SAM_BOTO3)" | $(LOCK) $(UPGRADE) --group sam --override - -o requirements-sam.txt

clean: ## remove the environments and what the tools left; data and models stay
	@rm -rf .venv .aws-sam .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	@find . -type d -name __pycache__ -not -path './data/*' -prune -exec rm -rf {} +
