# The two commands of the README are `make demo` and `make test`. Each sees to what it needs first
# (.ci/prepare). All targets build with one profile, so that a fresh clone builds once.

CARGO_FLAGS := --release --locked

.PHONY: help prepare demo test lint bench simulate sabotage flips

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

flips: prepare ## Flips 10,000 bits (GRANARY_FLIPS) of a published log: each must be found where it is
	GRANARY_FLIPS=$${GRANARY_FLIPS:-10000} cargo test $(CARGO_FLAGS) -p granary-integration-tests --test auditor flips -- --nocapture
