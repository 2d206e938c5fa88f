#!/usr/bin/env bash
# Measures Vacancy and the reference side by side on a private PostgreSQL server, and writes the figures into docs/benchmarks.md:
#
#   scripts/bench.sh [flags of `vacancy bench suite`]
#
# SECONDS_EACH (10), ROUNDS (3) and BOOKINGS (1000000) say how much is measured, and DOCUMENT where the figures go. The whole takes about
# half an hour, during which the machine should have nothing else to do. To try it out: SECONDS_EACH=3 ROUNDS=1 BOOKINGS=20000.
# BENCH_DIR is where the databases live, on the disk that is to be measured; PostgreSQL's owner must be able to reach it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bookings="${BOOKINGS:-1000000}"
directory="$(mktemp -d "${BENCH_DIR:-${TMPDIR:-/tmp}}/vacancy-bench-XXXXXX")"
chmod 711 "$directory" # PostgreSQL runs as another user if this one is root

clean_up() {
	bash scripts/postgres.sh stop "$directory/postgres" immediate >/dev/null 2>&1 || true
	rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir "$directory/sqlite"
database="$(bash scripts/postgres.sh start "$directory/postgres")"
bin/vacancy bench suite --database "$database" --directory "$directory/sqlite" --document "${DOCUMENT:-docs/benchmarks.md}" \
	--seconds "${SECONDS_EACH:-10}" --rounds "${ROUNDS:-3}" --bookings "$bookings" --few "$((bookings / 100))" "$@"
