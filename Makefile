# Everything one does with the book. `make` alone lists it; each target sets up what it needs.
#
#   PYTHON=python3.12 make setup    makes .venv with that Python (3.11 to 3.13)
#   CHROMIUM=/path make browser     tests with that browser
#   make serve PORT=8001            shows the book on that port
#   make run DEVICE=gpu             runs every block and records it as run on a GPU
#   make blocks SHARD=2/3           the second of three shards of the pages (python -m book shards 3)
#   make site RECORDS=$(FRESH)      a site of what `make blocks` executed; `make test` and the workflow make this one
#   make workflows WORKFLOW=links   the commands of that workflow, here; or JOB=check
#   make repeat KIND=sweeps         of what no build repeats the sweeps alone; or KIND=long, KIND=frameworks

.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
export PYTHONUTF8 := 1

BIN := .venv/bin
PYTHONS := $(if $(PYTHON),$(PYTHON),python3 python3.13 python3.12 python3.11)
DEVICE ?=
SHARD ?=
KIND ?=
FRESH := .cache/fresh/records
RECORDS ?=
WITH_RECORDS = $(if $(RECORDS),--records $(RECORDS))
# The build of PyTorch for `make frameworks`; where pip would take one for a GPU, add the index for CPUs that PyTorch names
TORCH ?= torch==2.13.0

# $(call step,NAME,REMEDY,COMMAND): announce a step, run it, say how long it took; if it fails, say which one
# failed and what to do. COMMAND is shell and has no comma outside $(...).
define step
@printf -- '-- %s\n' '$(strip $(1))'; began=$$(date +%s); \
if { $(3); }; then printf -- '   %s: done in %s s\n' '$(strip $(1))' "$$(($$(date +%s) - began))"; \
else printf -- '\n!! %s: failed after %s s\n   remedy: %s\n' '$(strip $(1))' "$$(($$(date +%s) - began))" '$(strip $(2))' >&2; exit 1; fi
endef

# Holds a lock on this file while what follows runs, so that of two makes at once only one sets up. The lock ends
# with the last process that has it, however it ends.
LOCKED = $(FOUND_PYTHON) -c 'import fcntl, os, sys; lock = os.open("Makefile", os.O_RDWR); \
fcntl.flock(lock, fcntl.LOCK_EX); os.set_inheritable(lock, True); os.execvp(sys.argv[1], sys.argv[1:])'

.PHONY: help setup serve author site check blocks forms browser test run long rerecord frameworks cluster zensical repeat drill bench data downloads canary links audit workflows lock clean
.PHONY: set-up-under-lock set-up-frameworks lint types proof build reduced repeated gpu-skipped fonts release canary-issue

help: ## this list
	@echo 'make ...'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1 | \2/p' Makefile | awk -F ' [|] ' '{ printf "%-11s %s\n", $$1, $$2 }'

setup: ## set up .venv and node_modules (every other target does it when it needs to)
	@python=; for each in $(PYTHONS); do \
	    if "$$each" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; \
	    then python=$$each; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    printf '!! no Python from 3.11 to 3.13 among: %s\n' '$(PYTHONS)' >&2; \
	    printf '   remedy: install one, then name it if need be: make PYTHON=/path/to/python3.12 ...\n' >&2; exit 1; \
	fi; \
	if ! node -e 'process.exit(+(parseInt(process.versions.node) < 20))' 2>/dev/null || ! command -v npm >/dev/null; then \
	    printf '!! no Node.js 20 or newer with npm (found: %s)\n' "$$(node --version 2>/dev/null || echo none)" >&2; \
	    printf '   remedy: install Node.js 20 or newer, so that "node --version" and "npm --version" answer\n' >&2; exit 1; \
	fi; \
	$(MAKE) set-up-under-lock FOUND_PYTHON="$$python"

set-up-under-lock:
	@$(BIN)/python -c '' 2>/dev/null || rm -f .venv/.stamp-*
	@[ -d node_modules ] || rm -f .venv/.stamp-node
	@$(LOCKED) $(MAKE) -s .venv/.stamp-python .venv/.stamp-node

# An install that was interrupted leaves `.venv/.unfinished` and no stamp; then .venv is made anew.
.venv/.stamp-python: requirements.txt pyproject.toml
	@rm -f $@
	@if [ -e .venv/.unfinished ] || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	    rm -rf .venv; \
	    if ! $(FOUND_PYTHON) -m venv .venv; then \
	        rm -rf .venv; \
	        printf '!! %s cannot make a virtual environment\n' '$(FOUND_PYTHON)' >&2; \
	        printf '   remedy: install its venv module (Debian, Ubuntu: apt install python3-venv)\n' >&2; exit 1; \
	    fi; \
	fi
	@touch .venv/.unfinished
	@echo 'The packages of requirements.txt take a minute or two; longer where TensorFlow has to be downloaded.'
	$(call step,install the packages of requirements.txt,\
	see the message of pip above; where the network is slow name a mirror (pip config set global.index-url URL); \
	TensorFlow has packages for Linux and for Macs with Apple silicon,\
	$(BIN)/python -m pip install --disable-pip-version-check --no-input --require-hashes -r requirements.txt && \
	    $(BIN)/python -m pip install --disable-pip-version-check --no-input --quiet --no-deps --no-build-isolation --editable .)
	@mv .venv/.unfinished $@

.venv/.stamp-node: package-lock.json | .venv/.stamp-python
	@rm -f $@
	$(call step,install the packages of package-lock.json,\
	see the message of npm above; where the network is slow name a mirror (npm config set registry URL),\
	npm ci --no-audit --no-fund </dev/null)
	@touch -r package-lock.json $@

serve: setup ## show both languages on one port and reload what changes; runs no block
	@exec $(BIN)/python -m book serve $(if $(PORT),--port $(PORT))

author: lint proof ## what an author asks before a commit: lint, and what `check` says of the book; runs no block
	@echo 'Nothing stands in the way. Next: make serve, and read it in both languages; make test before a pull request.'

site: build ## the book's own check, then build both languages into site/; runs no block

check: lint types proof ## lint, types, the book (nothing stale, untranslated or broken), unit tests; runs no block
	$(call step,unit tests,see the failures above; one of them alone: $(BIN)/pytest FILE::TEST,\
	$(BIN)/pytest -q -n 2 --dist loadfile tests/unit)

lint: setup # what takes a second or two
	$(call step,lint,$(BIN)/ruff check --fix . mends what can be mended by itself,$(BIN)/ruff check .)
	$(call step,format,$(BIN)/ruff format .,$(BIN)/ruff format --check .)

types: setup # of Python and of the live pictures; the rooms of the package; the workflow
	$(call step,rooms,import only from the rooms below (pyproject.toml: importlinter),mkdir -p .cache && \
	    $(BIN)/lint-imports --no-logo --cache-dir .cache/importlinter >.cache/rooms 2>&1 || { cat .cache/rooms; false; })
	$(call step,types,correct the lines named above,$(BIN)/mypy)
	$(call step,types of the live pictures,correct the lines named above,node_modules/.bin/tsc -p tools)
	$(call step,workflows,correct the lines named above,$(BIN)/zizmor --offline --no-progress --quiet --persona pedantic .github)

proof: setup # what forbids publishing
	$(call step,the book,mend what is named above; a stale block: make run,$(BIN)/python -m book check)

build: setup
	$(call step,build the site,mend what is named above; a stale block: make run,$(BIN)/python -m book build $(WITH_RECORDS))

run: setup ## run and check what is stale and record it (all blocks on another device: DEVICE=gpu)
	$(call step,run the blocks,mend what is named above,$(BIN)/python -m book run $(WITH_RECORDS) $(if $(DEVICE),--all --device $(DEVICE)))

rerecord: setup ## run every block twice, which must give the same, and record it anew (after an upgrade of a library)
	$(call step,run every block,mend the block named above,$(BIN)/python -m book run --all --twice)

long: setup ## run the long runs whose code changed and keep their results (many minutes)
	$(call step,run the long runs,mend the script named above,$(BIN)/python -m book long)

reduced: setup # every long run to its end, with less of everything
	$(call step,long runs reduced,mend the script named above,$(BIN)/python -m book long --reduced)

blocks: setup ## run every block and check every equation afresh, and compare with the records (minutes)
	$(call step,every block and equation afresh,mend what is named above; if the new result is right: make run,$(BIN)/pytest --noconftest -p book.pytest_plugin --codeblocks $(if $(SHARD),--shard $(SHARD)) -n 2 --dist loadfile docs/zh)

forms: setup ## run the practice page once more as notebook and as script (minutes)
	$(call step,the practice page as notebook and as script,see the differences above,$(BIN)/pytest -q tests/forms)

browser: setup ## test site/ in a browser; brings one when there is none
	$(call step,find a browser,do what is said above,$(BIN)/python -m tests.browser.browser)
	$(call step,the site in a browser,see the failures above; pictures of them are in .cache/browser,$(BIN)/pytest -q -n 2 --dist worksteal tests/browser)

test: RECORDS := $(FRESH)
test: check blocks reduced forms build zensical browser ## everything, from nothing: check, every block and equation afresh, of these the site, browser
	@echo 'All is well.'

# Environments beside .venv, each made anew when its lock file or .venv changes; a broken install leaves no stamp.
.venv-%/.stamp: requirements/%.txt .venv/.stamp-python
	@rm -rf .venv-$*
	$(call step,install the packages of $<,\
	see the message of pip above; where the network is slow name a mirror (pip config set global.index-url URL),\
	$(BIN)/python -m venv .venv-$* && .venv-$*/bin/python -m pip install --disable-pip-version-check --no-input \
	    --quiet --require-hashes -r $<)
	@touch $@

# What .venv has is found from .venv-$(1), too.
on_top_of_venv = cd .venv-$(1)/lib/python*/site-packages && $(CURDIR)/$(BIN)/python -c 'import sysconfig; \
print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"))' > book.pth

cluster zensical frameworks set-up-frameworks links audit: FOUND_PYTHON = $(BIN)/python

set-up-frameworks: setup
	@$(LOCKED) $(MAKE) -s .venv-frameworks/.stamp
	@$(call on_top_of_venv,frameworks)
	$(call step,install $(TORCH),\
	see the message of pip above; another build: make frameworks TORCH=...,\
	.venv-frameworks/bin/python -m pip install --disable-pip-version-check --no-input --quiet --no-deps $(TORCH))

frameworks: set-up-frameworks ## set up .venv-frameworks, with PyTorch and JAX on top of .venv; run the pages that need them
	$(call step,run the blocks,mend the block named above,.venv-frameworks/bin/python -m book run)

repeat: $(if $(filter long sweeps,$(KIND)),setup,set-up-frameworks) ## repeat in full what no build repeats: long runs, sweeps, other frameworks (hours)
	$(call step,repeat in full,find out which of the two is wrong,\
	$(if $(filter long sweeps,$(KIND)),$(BIN),.venv-frameworks/bin)/python -m book repeat $(KIND))

repeated: # what the weekly workflow repeated last, for the badges
	$(call step,fetch what was repeated,see the message of gh above,rm -rf .cache/repeated && \
	    run=$$(gh run list --workflow repeat.yml --branch main --status success --limit 1 --json databaseId --jq '.[].databaseId') && \
	    if [ -n "$$run" ]; then gh run download "$$run" --dir .cache/repeated; else echo 'nothing was repeated yet'; fi)

cluster: setup ## set up .venv-cluster, with Ray on top of .venv; try a cluster of two nodes on this machine
	@$(LOCKED) $(MAKE) -s .venv-cluster/.stamp
	@$(call on_top_of_venv,cluster)
	$(call step,pages on a cluster,see the failures above,.venv-cluster/bin/python -m pytest -q tests/cluster)

zensical: setup ## set up .venv-zensical; build the pages with Zensical and compare them with those of MkDocs
	@$(LOCKED) $(MAKE) -s .venv-zensical/.stamp
	$(call step,the pages under Zensical,see the failures above,$(BIN)/pytest -q tests/zensical)

drill: setup ## break a small copy of the book in every way a machine can, and lie in every way an author can; reports in tools/drill
	$(call step,fault drill,see what was not survived above; one kind alone: $(BIN)/python -m tools.drill.drill --only NAME,\
	$(BIN)/python -m tools.drill.drill)
	$(call step,lies,see what passed above; one alone: $(BIN)/python -m tools.drill.lie --only TEXT,\
	$(BIN)/python -m tools.drill.lie)

bench: setup ## measure the book beside its peers; report in tools/bench/RESULTS.md (an hour, on a quiet machine)
	$(call step,measurements,see the message above,$(BIN)/python -m tools.bench)

downloads: setup ## of site/, made before: PDF, EPUB, a copy to read offline, all code; the home pages link them
	$(call step,make the downloads,see the message above; CHROMIUM=/path names the browser that prints,$(BIN)/python -m book downloads)

fonts: # those of Chinese, which machines of a workflow lack
	$(call step,install Noto Sans CJK,see the message of apt above,sudo apt-get update -qq && \
	    sudo apt-get install -qq --no-install-recommends fonts-noto-cjk)

release: # of a tag (TAG=v1.0), with the downloads of the site that the workflow published from this commit
	$(call step,release,see the message above; the site of a commit is kept for seven days: run docs.yml again,\
	if ! grep -qx "version: [\"]$${TAG#v}[\"]" CITATION.cff; then \
	    echo "CITATION.cff has another version than $$TAG: set version and date there and in pyproject.toml" >&2; false; fi && \
	rm -rf .cache/release && \
	    run=$$(gh run list --workflow docs.yml --commit "$$(git rev-parse HEAD)" --status success --limit 1 \
	        --json databaseId --jq '.[].databaseId') && \
	    if [ -z "$$run" ]; then echo 'docs.yml has not published this commit' >&2; false; fi && \
	    gh run download "$$run" --name site --dir .cache/release && \
	    gh release create "$$TAG" --verify-tag --generate-notes .cache/release/downloads/*)

workflows: setup ## run the commands of a workflow here, from a clean clone (WORKFLOW=docs JOB=check)
	$(call step,the workflow $(or $(WORKFLOW),docs),mend the step that is named above,\
	$(BIN)/python -m tools.workflows $(WORKFLOW) $(if $(JOB),--job $(JOB)))

canary: setup ## try the newest versions of all that the book needs, in a clone; runs every block there
	$(call step,the newest versions,see .cache/canary/issue.md,$(BIN)/python -m tools.canary run)

canary-issue: # open or edit the issue that says what the newest versions break
	$(call step,the issue,see the message of gh above,$(firstword $(PYTHONS)) -m tools.canary report)

links: setup ## ask for each address that the built site/ links
	@$(LOCKED) $(MAKE) -s .venv-upkeep/.stamp
	$(call step,external links,correct the address or cite another source; site/ comes from make site,\
	test -f site/index.html && find site -name '*.html' | .venv-upkeep/bin/linkchecker --config tools/linkchecker.ini --no-status --stdin)

audit: setup ## ask what is known against the locked packages
	@$(LOCKED) $(MAKE) -s .venv-upkeep/.stamp
	$(call step,faults of Python packages,take the version that is named above; then make lock and make rerecord,\
	for each in requirements.txt requirements/*.txt; do \
	    .venv-upkeep/bin/pip-audit --strict --progress-spinner off --disable-pip --require-hashes -r $$each || exit 1; done)
	$(call step,faults of Node packages,npm audit says more,npm audit)

data: setup ## fetch the data sets the blocks need, through npm and pip
	$(call step,fetch the data,see the message above,$(BIN)/python -m book data)

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
    --generate-hashes --no-header --no-emit-index-url --no-emit-find-links

lock: setup ## write the lock files anew from requirements/*.in and package.json
	$(call step,lock the Python packages,see the message of uv above,$(LOCK) requirements/book.in -o requirements.txt && \
	    for each in bench cluster frameworks upkeep zensical; do \
	        $(LOCK) -c requirements.txt requirements/$$each.in -o requirements/$$each.txt || exit 1; done)
	$(call step,lock the Node packages,see the message of npm above,npm install --package-lock-only \
	    --omit-lockfile-registry-resolved --no-audit --no-fund)

clean: ## remove what can be made again: site/, .cache/ (and, by hand: rm -rf .venv* node_modules)
	rm -rf site .site.* .cache
	find book tools tests snippets -name __pycache__ -type d -prune -exec rm -rf {} +

gpu-skipped:
	@echo 'The blocks were not run on a GPU: the repository variable GPU_RUNNER names no runner.' \
	    | tee -a "$${GITHUB_STEP_SUMMARY:-/dev/null}"
