# The two commands of the README are quickstart and test; the others are parts of them.
.PHONY: quickstart test install engines bench fuzz proofs generated

quickstart:
	@bash .ci/quickstart

test:
	@bash .ci/test

PROFILE ?= release
install:
	cargo install --locked --profile $(PROFILE) --path compiler/cli
	cargo install --locked --profile $(PROFILE) --path runtime
	cargo install --locked --profile $(PROFILE) --path runtime/bridge

engines:
	@bash .ci/engines

bench:
	@bash .ci/bench

fuzz:
	@bash .ci/fuzz

proofs:
	@bash .ci/proofs

generated:
	@bash .ci/generated
