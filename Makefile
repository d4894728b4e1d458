# Everything a newcomer types. Each target is a script in deploy/dev that says what it does before it does it.
# SIGINT is set back to its default because a shell script's background job starts with it ignored.
MAKEFLAGS += --no-builtin-rules --no-print-directory
dev := env --default-signal=INT deploy/dev

.DEFAULT_GOAL := help
.PHONY: help run test story freshness optouts fuzz bench check build format schema clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

run: ## the service on http://127.0.0.1:8080 with a database of its own, demo leads and three commands to paste
	@$(dev)/run.sh

test: ## every test, against a throw-away PostgreSQL (FILTER=… picks some)
	@$(dev)/test.sh

story: ## three persons of three policies from collection to erasure, every answer printed (STORY=… tells one)
	@$(dev)/story.sh

freshness: ## 100,000 opt-outs, each checked the moment after, three times; some minutes (PAIRS=… for fewer)
	@$(dev)/freshness.sh

optouts: ## 10,000 one-click opt-outs while instances are killed and the database is stopped; some minutes (PEOPLE=…)
	@$(dev)/optouts.sh

fuzz: ## feeds the readers of lists with what libFuzzer thinks up (FUZZ_SECONDS=60)
	@$(dev)/fuzz.sh

check: ## format, warnings, import walls, shell scripts and the schema dump
	@$(dev)/check.sh

bench: ## how fast checks and imports are, side by side with what limits them (BENCH_PEOPLE=…, BENCH_SECONDS=…, BENCH_ONLY=…)
	@$(dev)/bench.sh

build: ## the release binary, .build/release/maysend
	@$(dev)/build.sh

format: ## lay out the Swift sources as the check wants them
	swift format --in-place --parallel --recursive Package.swift Sources Tests

schema: ## write sql/schema.sql anew from the migrations
	@$(dev)/schema.sh dump

clean: ## remove what was built; the data of `make run` stay
	rm -rf .build .local/venv
	@echo "The data of make run stay in .local; when it is stopped, rm -rf .local removes them too."
