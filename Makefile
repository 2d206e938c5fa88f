# Vacancy. `make` lists the targets. `make run` needs Go and nothing else; `make test` fetches what it needs.

# Steps run one after the other: each uses all cores by itself, and the output stays in order.
.NOTPARALLEL:
.DEFAULT_GOAL := help

# The checkers, and what the tests run, are built once for each Go release and each change of their versions.
GO_RELEASE  := $(shell go env GOVERSION 2>/dev/null)
TOOLS       := bin/tools
TOOLS_BUILT := $(TOOLS)/.built-$(GO_RELEASE)

# npm ci leaves this file behind, so it stands for "the packages of the lock file are installed".
WEB_PACKAGES := web/node_modules/.package-lock.json

FUZZTIME      ?= 10s
SOAK_DURATION ?= 10m
GOTESTFLAGS   ?=

step = @echo "==> $(1)"

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

## ---- use it

.PHONY: run
run: ## Start a server with demo venues; needs only Go
	@go run ./cmd/vacancy serve --demo

.PHONY: build
build: ## Build bin/vacancy, one static binary
	$(call step,build bin/vacancy)
	@CGO_ENABLED=0 go build -trimpath -buildvcs=auto -ldflags='-s -w' -o bin/vacancy ./cmd/vacancy

## ---- test it

.PHONY: setup
setup: ## Check what the tests need; install what is missing where that is allowed
	@bash scripts/setup.sh

.PHONY: test
test: setup check web-check test-go ## Run everything: setup, checks, pages, Go tests with the race detector

.PHONY: test-go
test-go: $(WEB_PACKAGES) ## Run all Go tests with the race detector, browser tests among them
	$(call step,go test -race)
	@CGO_ENABLED=1 go test -race -timeout 20m $(GOTESTFLAGS) ./...

.PHONY: test-browser
test-browser: $(WEB_PACKAGES) ## Run the browser tests alone
	$(call step,browser tests)
	@go test -timeout 20m $(GOTESTFLAGS) ./test/browser/...

.PHONY: check
check: vet fmt-check lint ## Check the Go code without running it

.PHONY: vet
vet:
	$(call step,go vet)
	@go vet ./...

.PHONY: fmt-check
fmt-check: $(TOOLS_BUILT)
	$(call step,gofumpt)
	@unformatted="$$($(TOOLS)/gofumpt -l .)" || exit 1; \
	if [ -n "$$unformatted" ]; then \
		echo "not formatted; run 'make fmt':" >&2; echo "$$unformatted" >&2; exit 1; \
	fi

.PHONY: lint
lint: $(TOOLS_BUILT) ## Run golangci-lint
	$(call step,golangci-lint)
	@$(TOOLS)/golangci-lint run ./...

.PHONY: fmt
fmt: $(TOOLS_BUILT) ## Format the Go code
	@$(TOOLS)/gofumpt -l -w .

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (10s)
	@bash scripts/fuzz.sh $(FUZZTIME)

.PHONY: bench
bench: build ## Measure beside the reference on PostgreSQL, and write docs/benchmarks.md: half an hour
	$(call step,vacancy bench suite)
	@bash scripts/bench.sh

.PHONY: bench-go
bench-go: ## Run the Go benchmarks
	@go test -run '^$$' -bench . -benchmem ./...

.PHONY: soak
soak: setup $(WEB_PACKAGES) ## A million commands, 200 crashes of each kind, 10 of each broker, then the tests in random order for SOAK_DURATION (10m)
	@bash scripts/soak.sh $(SOAK_DURATION)

.PHONY: cover
cover: $(WEB_PACKAGES) ## Measure coverage of the server and the client: bin/coverage.html
	$(call step,coverage)
	@mkdir -p bin
	@go test -timeout 12m -coverpkg=./internal/...,./client/... -coverprofile=bin/coverage.out ./...
	@go tool cover -html=bin/coverage.out -o bin/coverage.html
	@go tool cover -func=bin/coverage.out | tail -n 1

.PHONY: vuln
vuln: $(TOOLS_BUILT) ## Look for known vulnerabilities; needs the Go vulnerability database
	$(call step,govulncheck)
	@$(TOOLS)/govulncheck ./...

.PHONY: audit
audit: ## Look for known vulnerabilities of the pages' packages; needs a registry with advisories
	$(call step,npm audit)
	@bash scripts/audit.sh

.PHONY: sbom
sbom: build ## Write what bin/vacancy is made of, as CycloneDX: bin/vacancy.cdx.json, bin/web.cdx.json
	$(call step,bin/vacancy.cdx.json and bin/web.cdx.json)
	@node scripts/sbom.mjs bin/vacancy > bin/vacancy.cdx.json
	@cd web && npm sbom --sbom-format cyclonedx --package-lock-only > ../bin/web.cdx.json

## ---- pages and generated files

.PHONY: web
web: $(WEB_PACKAGES) ## Build the pages into web/dist, which is committed
	$(call step,build web/dist)
	@npm --prefix web run --silent build

.PHONY: web-check
web-check: $(WEB_PACKAGES) ## Check and test the pages; fail if web/dist is out of date
	$(call step,svelte-check)
	@npm --prefix web run --silent check
	$(call step,page tests)
	@npm --prefix web run --silent test
	$(call step,web/dist is up to date)
	@rm -rf bin/web-dist
	@npm --prefix web run --silent build -- --outDir ../bin/web-dist --emptyOutDir --logLevel warn
	@diff -rq bin/web-dist web/dist || { echo "web/dist is not what web/ builds; run 'make web' and commit it" >&2; exit 1; }

.PHONY: pictures
pictures: build $(WEB_PACKAGES) ## Take the pictures of README.md from a demo server
	$(call step,docs/pictures)
	@bash scripts/pictures.sh

.PHONY: dashboard-picture
dashboard-picture: build $(WEB_PACKAGES) ## Draw the Grafana dashboard from a real Prometheus, into docs/pictures: six minutes
	$(call step,docs/pictures/dashboard.png)
	@node scripts/dashboard-picture.mjs docs/pictures/dashboard.png docs/pictures/dashboard-rest.png

.PHONY: generate
generate: ## Write api/openapi.yaml, docs/metrics.md and deploy/grafana/vacancy.json from the code
	$(call step,api/openapi.yaml)
	@mkdir -p api
	@go run ./cmd/vacancy openapi > api/openapi.yaml.new || { rm -f api/openapi.yaml.new; exit 1; }
	@mv api/openapi.yaml.new api/openapi.yaml
	$(call step,docs/metrics.md)
	@go run ./cmd/vacancy metrics > docs/metrics.md.new || { rm -f docs/metrics.md.new; exit 1; }
	@mv docs/metrics.md.new docs/metrics.md
	$(call step,deploy/grafana/vacancy.json)
	@cd tools && go run ./dashboard > ../deploy/grafana/vacancy.json.new || { rm -f ../deploy/grafana/vacancy.json.new; exit 1; }
	@mv deploy/grafana/vacancy.json.new deploy/grafana/vacancy.json

.PHONY: clean
clean: ## Remove what the targets made, but for web/dist
	@rm -rf bin web/node_modules

## ---- what the targets above stand on

# Built as the tests build those of them that they run (test/proc/build.go): what was compiled here is not compiled again there. The tags
# leave the databases out of Caddy that its own releases leave out.
$(TOOLS_BUILT): tools/go.mod tools/go.sum tools/caddy/main.go
	$(call step,build the checkers and what the tests run (once, some minutes))
	@rm -rf $(TOOLS)
	@mkdir -p $(TOOLS)
	@cd tools && CGO_ENABLED=0 go build -tags=nobadger,nomysql,nopgx -trimpath -ldflags='-s -w' -o ../$(TOOLS)/ tool
	@touch $@

$(WEB_PACKAGES): web/package.json web/package-lock.json
	$(call step,npm ci)
	@npm --prefix web ci --no-audit --no-fund --silent || npm --prefix web ci --no-audit --no-fund
	@touch $@
