# Milkrun. `make` alone lists what there is. Needed: Go, Node.js with npm, make, git.

GO ?= go
ARGS ?=
BENCH ?= .
PKG ?= ./...

# Debian's PostgreSQL, a Chromium and a font are found or installed by the targets that need them.
.DEFAULT_GOAL := help
.PHONY: help run demo build assets test check lint format generate bench clean needs-go

help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build and serve with demo data; ARGS="--listen :9000" and the like are passed on
	./bin/milkrun serve --demo $(ARGS)

demo: build ## load the demo business into an empty database
	./bin/milkrun demo $(ARGS)

build: assets ## build bin/milkrun
	@vcs=$$(git rev-parse HEAD >/dev/null 2>&1 && echo auto || echo false); \
	$(GO) build -buildvcs=$$vcs -trimpath -o bin/milkrun ./cmd/milkrun

assets: needs-go ## install the browser libraries and lay them out in web/static/vendor
	@$(GO) run -C tools ./assets

# Integration tests want a database and a browser. With CI=true or MILKRUN_REQUIRE=1 nothing may be skipped.
test: assets ## vet and test everything, in a real browser and on a real database
	@set -e; \
	if [ "$${CI:-}" = true ]; then MILKRUN_REQUIRE=$${MILKRUN_REQUIRE:-1}; export MILKRUN_REQUIRE; fi; \
	if chrome=$$(./tools/browser.sh); then MILKRUN_CHROME=$$chrome; export MILKRUN_CHROME; \
	elif [ "$${MILKRUN_REQUIRE:-}" = 1 ]; then exit 1; fi; \
	set -x; \
	$(GO) vet $(PKG); \
	$(GO) vet -C tools ./...; \
	$(GO) test -C tools ./...; \
	$(GO) run ./internal/gotest -timeout 20m $(PKG)

check: assets format lint ## gofmt, templates generated, vet, golangci-lint

format: needs-go ## fail if a Go file is not gofmt-ed or a template's Go file is out of date
	@files=$$(git ls-files -co --exclude-standard '*.go' | while read -r f; do [ -f "$$f" ] && echo "$$f"; done); \
	bad=$$(gofmt -l $$files); \
	if [ -n "$$bad" ]; then echo "not gofmt-ed (run gofmt -w):"; echo "$$bad"; exit 1; fi
	@# The template's path within an error message depends on where templ was run; it does not count.
	@sums() { git ls-files -co --exclude-standard '*_templ.go' | sort | while read -r f; do \
	  if [ -f "$$f" ]; then echo "$$f"; sed 's/FileName: `[^`]*`//' "$$f" | cksum; fi; done; }; \
	before=$$(sums); $(MAKE) -s generate; after=$$(sums); \
	if [ "$$before" != "$$after" ]; then echo "templates were out of date; commit what make generate has made"; exit 1; fi

lint: assets ## vet and golangci-lint, at the version that tools/go.mod pins
	$(GO) vet ./...
	$(GO) tool -modfile=tools/go.mod golangci-lint run

generate: needs-go ## generate Go from the templates, at the version of the module
	@$(GO) run github.com/a-h/templ/cmd/templ generate -log-level=error

bench: assets ## run the benchmarks; BENCH=Solve PKG=./routing/... narrows them
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -timeout 60m $(PKG)

clean: ## remove what was built and installed; the database in .milkrun stays
	rm -rf bin node_modules
	find web/static/vendor -mindepth 1 ! -name .gitkeep -exec rm -rf {} +

needs-go:
	@command -v $(GO) >/dev/null 2>&1 || { \
	  echo "Go 1.26 or newer is needed: see go.dev/dl, or brew install go" >&2; exit 1; }
	@v=$$(cd / && GOTOOLCHAIN=local $(GO) env GOVERSION | sed 's/^go//'); \
	minor=$${v#*.}; minor=$${minor%%[!0-9]*}; \
	if [ "$${v%%.*}" -lt 1 ] || { [ "$${v%%.*}" -eq 1 ] && [ "$${minor:-0}" -lt 26 ]; }; then \
	  case $$(cd / && $(GO) env GOTOOLCHAIN) in \
	    local*) echo "Go 1.26 or newer is needed; this is $$v, which may not fetch a newer one (GOTOOLCHAIN=local): see go.dev/dl" >&2; exit 1 ;; \
	    *) if [ "$${minor:-0}" -lt 21 ]; then echo "Go 1.26 or newer is needed; this is $$v: see go.dev/dl" >&2; exit 1; fi; \
	       echo "Go $$v will fetch the toolchain that go.mod asks for" >&2 ;; \
	  esac; \
	fi
