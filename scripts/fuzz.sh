#!/usr/bin/env bash
# Runs every fuzz target of the module, one after the other, for the time given: scripts/fuzz.sh 10s
# A finding is written to the package's testdata/fuzz: commit it with its fix, and every `go test` replays it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
time_each="${1:?usage: scripts/fuzz.sh DURATION}"

# `go test -list` prints the names of a package's targets, then "ok <package> <seconds>".
targets="$(go test -list '^Fuzz' ./... | awk '/^Fuzz/ { names[++n] = $1 } /^ok/ { for (i = 1; i <= n; i++) print $2, names[i]; n = 0 }')"
if [[ -z $targets ]]; then
	echo "no fuzz target was found" >&2
	exit 1
fi
while read -r package name; do
	echo "==> fuzz $package $name"
	go test -run '^$' -fuzz "^$name\$" -fuzztime "$time_each" "$package"
done <<<"$targets"
