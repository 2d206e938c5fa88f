#!/usr/bin/env bash
# Makes a staging database that is like production: the same schema, the same venues, bookings and history, without customers' data, keys
# and stored answers, and as an installation of its own, which no server of production ever takes for its own.
#
#   SOURCE=postgres://vacancy@db/vacancy STAGING=postgres://vacancy@staging-db/vacancy bash deploy/staging/staging.sh
#
# SOURCE is only read, in one snapshot; a standby will do. STAGING must be an empty database that exists. The copy is one transaction: it is
# there whole and without names, or not at all. VACANCY is the program of production's version (vacancy). pg_dump and psql are those of the
# newer of the two servers.
set -euo pipefail

: "${SOURCE:?is the URL of the database to copy}" "${STAGING:?is the URL of an empty database}"
vacancy=${VACANCY:-vacancy}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

ask() { psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --dbname "$1" --command "$2"; }

if [[ $(ask "$STAGING" "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") != 0 ]]; then
	echo "staging: $(ask "$STAGING" "SELECT current_database()") is not empty; nothing was done" >&2
	exit 1
fi

# What must not leave production is not even read: keys, answers that repeat a booking, and the nodes that live there.
dump() {
	pg_dump --dbname "$SOURCE" --schema public --no-owner --no-privileges --no-comments \
		--exclude-table-data keys --exclude-table-data answers --exclude-table-data nodes
}

# A dump that breaks off ends in an error of the transaction, and never in half of a copy.
{
	echo "DROP SCHEMA public;" # which the dump makes
	dump && cat "$here/anonymise.sql" || echo "SELECT 'the source could not be read' / 0;"
} | psql --no-psqlrc --quiet --single-transaction --set ON_ERROR_STOP=1 --dbname "$STAGING" >/dev/null

schema="SELECT max(version_id) FROM public.goose_db_version"
source_schema=$(ask "$SOURCE" "$schema") staging_schema=$(ask "$STAGING" "$schema")
if [[ $source_schema != "$staging_schema" ]]; then
	echo "staging: production's schema has changed meanwhile, from $staging_schema to $source_schema: make the copy again" >&2
	exit 1
fi

"$vacancy" failover allow --copy --database "$STAGING" --reason "a copy of production for staging" >/dev/null
"$vacancy" verify --database "$STAGING"
echo "staging: schema $staging_schema, $("$vacancy" version), $(ask "$STAGING" "SELECT count(*) FROM public.bookings") bookings without names"
