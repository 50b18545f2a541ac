# "make" or "make help" lists the targets.

# Both come from the commit, so that building it twice gives the same binary.
VERSION    := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
BUILD_DATE := $(shell TZ=UTC git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd 2>/dev/null || date -u +%Y-%m-%dT%H:%M:%SZ)
LDFLAGS    := -s -w -X main.version=$(VERSION) -X main.buildDate=$(BUILD_DATE)
TOOL       := go tool -modfile=scripts/tools.mod
FUZZTIME   ?= 30s
SEED       ?= 1
SOAK       ?= 10m
KILLS      ?= 500
# Many packages wait for emulated modems most of the time: one more at once than there are
# processors keeps those busy.
PACKAGES   := $(shell echo $$((1 + $$(getconf _NPROCESSORS_ONLN))))

# The race detector needs cgo, a C compiler and one of these architectures.
RACE := $(shell [ "$$(go env CGO_ENABLED)" = 1 ] && command -v "$$(go env CC | cut -d' ' -f1)" >/dev/null \
	&& case "$$(go env GOARCH)" in (amd64|arm64|ppc64le|s390x|riscv64|loong64) echo -race;; esac)

.DEFAULT_GOAL := help
.PHONY: help build demo test conformance soak crash hardware check fuzz bench bench-api bench-webhook clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 15

build: ## build bin/tetherd, one static binary
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/tetherd ./cmd/tetherd

demo: build ## build and run the demo: two emulated modems that reach each other
	./bin/tetherd serve --demo

test: build ## run every test, with the race detector where there is one; sets up Node and Chromium for some
	scripts/test-setup.sh
	@echo "race detector: $(if $(RACE),on,off (needs cgo and a C compiler))"
	go test $(RACE) -p $(PACKAGES) ./...

conformance: ## run every modem against every fault (SEED=1), print the table
	CONFORMANCE=full SEED=$(SEED) go test -count=1 -timeout 60m -v ./modem/conform | grep -v '^=== '

soak: ## run a daemon with eight modems and random faults, and webhooks with bad receivers, SOAK (10m) each; SEED repeats
	SOAK=$(SOAK) go test -count=1 -timeout 0 -v -run '^TestSoak$$' ./webhook
	SOAK=$(SOAK) SEED=$(filter-out 1,$(SEED)) go test -count=1 -timeout 0 -v -run '^TestSoak$$' ./cmd/tetherd

crash: ## kill the daemon, and what delivers webhooks, KILLS (500) times each
	KILLS=$(KILLS) go test -count=1 -timeout 60m -v -run '^TestKill$$' ./webhook
	CRASH_ROUNDS=$(KILLS) go test -count=1 -timeout 60m -v -run '^TestCrash$$' ./cmd/tetherd

hardware: ## try a real modem, deleting nothing: PORT=/dev/ttyUSB2 [PIN=1234] [TO=its own number, for one SMS]
	PORT=$(PORT) PIN=$(PIN) TO=$(TO) go test -tags hardware -count=1 -timeout 15m -v -run '^TestHardware$$' ./modem/conform

check: ## format, vet (also for 32 bits), static analysis, architecture, sizes
	@out="$$($(TOOL) gofumpt -l .)"; [ -z "$$out" ] || { echo "not formatted, run: $(TOOL) gofumpt -w ." >&2; echo "$$out" >&2; exit 1; }
	go vet ./...
	CGO_ENABLED=0 GOOS=linux GOARCH=arm go vet ./...
	go vet -tags hardware ./modem/conform
	$(TOOL) staticcheck ./...
	go test -count=1 -run 'TestArchitecture|TestFileSizes' ./cmd/tetherd
	LDFLAGS='$(LDFLAGS)' scripts/size.sh

fuzz: ## run every fuzz target for FUZZTIME (30s)
	scripts/fuzz.sh $(FUZZTIME)

bench: ## run every benchmark
	go test -run '^$$' -bench . -benchmem ./...

bench-api: ## measure what is accepted beside what the disk and HTTP can do alone, how soon events are seen, and a million messages (5 minutes)
	go test -run '^$$' -bench 'APISend' -benchtime 20000x ./cmd/tetherd
	go test -run '^$$' -bench 'APIBatch' -benchtime 5x ./cmd/tetherd
	go test -run '^$$' -bench 'APIScale' -benchtime 1x -timeout 30m ./cmd/tetherd
	go test -run '^$$' -bench 'APIStream' -benchtime 300x ./cmd/tetherd
	go test -run '^$$' -bench 'Admit|Verify' ./gateway/access

bench-webhook: ## measure deliveries beside what the disk and HTTP can do alone (4 minutes)
	go test -run '^$$' -bench 'Delivery|Ceiling|Latency' -benchtime 5s ./webhook
	go test -run '^$$' -bench 'Paced' -benchtime 3000x ./webhook
	go test -run '^$$' -bench 'Backlog' -benchtime 1x -timeout 30m ./webhook

clean: ## remove what was built
	rm -rf bin
