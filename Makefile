# The two commands of the README are `make demo` and `make test`. Each sees to what it needs first
# (.ci/prepare). All targets build with one profile, so that a fresh clone builds once.

CARGO_FLAGS := --release --locked

.PHONY: help prepare demo test lint bench simulate sabotage flips crash powercut drill fuzz

help: ## Lists the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sort | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

prepare:
	@bash .ci/prepare

demo: prepare ## Plays a whole trade on a real node, verifies its chain, and says what to try next
	cargo run $(CARGO_FLAGS) -p granary-cli -- demo

test: prepare ## Runs every test
	cargo test $(CARGO_FLAGS) --workspace
	python3 integration-tests/python/golden.py

lint: prepare ## Formatting, clippy with warnings denied, and dependencies where cargo-deny is installed
	cargo fmt --all --check
	cargo clippy $(CARGO_FLAGS) --workspace --all-targets -- -D warnings
	@if cargo deny --version >/dev/null 2>&1; then cargo deny --locked check; \
	else echo "lint: cargo-deny is not installed, so deny.toml was not checked"; fi

bench: prepare ## Measures the log and the whole path of a statement on this machine
	cargo run $(CARGO_FLAGS) -p granary-cli -- bench append
	cargo run $(CARGO_FLAGS) -p granary-cli -- bench grpc
	cargo run $(CARGO_FLAGS) -p granary-cli -- bench verify

simulate: prepare ## Plays 10,000 histories (GRANARY_SEEDS) of the log on the worst of disks
	GRANARY_SEEDS=$${GRANARY_SEEDS:-10000} cargo test $(CARGO_FLAGS) -p granary-log --test simulation nothing -- --nocapture

sabotage: prepare ## Plants mistakes in disk and harness, one by one: each must be noticed
	cargo test $(CARGO_FLAGS) -p granary-log --test simulation sabotage -- --nocapture

flips: prepare ## Flips 10,000 bits (GRANARY_FLIPS) of a published log, and as many of a node's storage: each is found
	GRANARY_FLIPS=$${GRANARY_FLIPS:-10000} cargo test $(CARGO_FLAGS) -p granary-integration-tests --test auditor flips -- --nocapture
	GRANARY_FLIPS=$${GRANARY_FLIPS:-10000} cargo test $(CARGO_FLAGS) -p granary-integration-tests --test faults flips -- --nocapture

crash: prepare ## Kills a node 1,000 times (GRANARY_CRASH_ROUNDS) on each store, and fails its system calls
	GRANARY_CRASH_ROUNDS=$${GRANARY_CRASH_ROUNDS:-1000} cargo test $(CARGO_FLAGS) -p granary-integration-tests --test crash -- --nocapture
	GRANARY_FAULTS=$${GRANARY_FAULTS:-40} cargo test $(CARGO_FLAGS) -p granary-integration-tests --test faults syscalls -- --nocapture

powercut: prepare ## Cuts the power of a real file system 200 times (GRANARY_CUTS) under a node; needs root
	GRANARY_CUTS=$${GRANARY_CUTS:-200} cargo test $(CARGO_FLAGS) -p granary-integration-tests --test faults powercut -- --nocapture

drill: prepare ## Backs a working node of a million entries (GRANARY_DRILL) up, and brings it back to serving
	GRANARY_DRILL=$${GRANARY_DRILL:-1000000} cargo test $(CARGO_FLAGS) -p granary-integration-tests --test faults drill -- --nocapture

fuzz: prepare ## Changes each decoder's corpus 5,000,000 times (GRANARY_MUTATIONS): nothing panics
	GRANARY_MUTATIONS=$${GRANARY_MUTATIONS:-5000000} cargo test $(CARGO_FLAGS) -p granary-log --test fuzz -- --nocapture
