# The two commands of the README are quickstart and test; the others are parts of them.
.PHONY: quickstart test engines bench fuzz

quickstart:
	@bash .ci/quickstart

test:
	@bash .ci/test

engines:
	@bash .ci/engines

bench:
	@bash .ci/bench

fuzz:
	@bash .ci/fuzz
