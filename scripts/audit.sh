#!/usr/bin/env bash
# Asks the npm registry for known vulnerabilities of the pages' packages. Mirrors often have no advisories: then it says that nothing is
# known, and fails, rather than passing for a clean result.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../web"

report="$(npm audit --package-lock-only 2>&1)"
status=$?
if grep -q 'audit endpoint returned an error\|ENOAUDIT\|405 Method Not Allowed' <<<"$report"; then
	echo "npm audit: the registry $(npm config get registry) has no advisories; nothing is known of the packages" >&2
	exit 2
fi
echo "$report"
exit "$status"
