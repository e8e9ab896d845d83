# make run      build everything and start it with a demo fleet; Ctrl-C stops all of it
# make test     every check and every test
# make fmt      format Rust and TypeScript
# make soak     10,000 copies under kills and cuts, on a durable database (COPIES, KILLS, SEED)
# make mutants  break each guard on purpose and demand a red test; slow
#
# Variables: PORT=8080 EA_PORT=5001 HOST=127.0.0.1 DEMO=1, and those of the configuration table in README.md.

SHELL := /bin/bash
.PHONY: run test fmt soak mutants

run:
	@scripts/run

test:
	@scripts/test

fmt:
	@cargo fmt --all
	@if [ -d frontend/node_modules ]; then cd frontend && npx biome check --write .; fi

soak:
	@scripts/soak

mutants:
	@scripts/mutants
