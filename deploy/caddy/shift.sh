#!/bin/sh
# Gives two versions of Vacancy their shares of Caddy's traffic:
#
#   BLUE=127.0.0.1:8081 GREEN=127.0.0.1:8082 BLUE_WEIGHT=90 GREEN_WEIGHT=10 sh deploy/caddy/shift.sh
#
# `vacancy rollout --shift-command 'BLUE=... GREEN=... sh .../shift.sh'` calls it with the weights. It has Caddy load the shares, and writes
# them into the file that Caddy starts with if Caddy takes them: requests under way and live connections stay where they are.
#
# CADDY is how Caddy is called (caddy), CADDYFILE its configuration (/etc/caddy/Caddyfile), VACANCY_UPSTREAM the file of the shares
# (/etc/caddy/vacancy-upstream).
set -eu

: "${BLUE:?is HOST:PORT of the version that serves}" "${GREEN:?is HOST:PORT of the version that takes over}"
: "${BLUE_WEIGHT:?is 0 to 100}" "${GREEN_WEIGHT:?is 0 to 100}"
caddy=${CADDY:-caddy}
upstream=${VACANCY_UPSTREAM:-/etc/caddy/vacancy-upstream}

case $BLUE_WEIGHT$GREEN_WEIGHT in
*[!0-9]*) echo "BLUE_WEIGHT and GREEN_WEIGHT are whole numbers" >&2 && exit 1 ;;
esac

# The shares are given in their smallest numbers (50 and 50 are 1 and 1), divided by what divides both. Caddy gives each version as many
# requests in a row as its number is: a request that is tried again then gets to the other version soon.
divisor=$BLUE_WEIGHT remainder=$GREEN_WEIGHT
while [ "$remainder" -gt 0 ]; do
	next=$((divisor % remainder)) divisor=$remainder remainder=$next
done
[ "$divisor" -gt 0 ] || { echo "one of BLUE_WEIGHT and GREEN_WEIGHT is more than 0" >&2 && exit 1; }

# share adds a version. One without a share is left out: Caddy would check it all the time, and write so into its log.
addresses='' weights=''
share() {
	if [ "$2" -gt 0 ]; then addresses="$addresses $1" weights="$weights $(($2 / divisor))"; fi
}

share "$BLUE" "$BLUE_WEIGHT"
share "$GREEN" "$GREEN_WEIGHT"
trap 'rm -f "$upstream.new"' EXIT
printf 'to%s\nlb_policy weighted_round_robin%s\n' "$addresses" "$weights" >"$upstream.new"
VACANCY_UPSTREAM=$upstream.new $caddy reload --adapter caddyfile --config "${CADDYFILE:-/etc/caddy/Caddyfile}"
mv "$upstream.new" "$upstream"
