#!/usr/bin/env bash
# Repeats the Go tests with the race detector, in random order and on changing numbers of cores, until the time given has
# passed or one fails: scripts/soak.sh 10m
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1:?usage: scripts/soak.sh DURATION}" in
*h) seconds=$((${1%h} * 3600)) ;;
*m) seconds=$((${1%m} * 60)) ;;
*s) seconds=${1%s} ;;
*)
	echo "the duration must be like 90s, 10m or 2h" >&2
	exit 2
	;;
esac

end=$((SECONDS + seconds))
round=0
while ((SECONDS < end)); do
	round=$((round + 1))
	echo "==> round $round, $((end - SECONDS)) s left"
	# -count=1 keeps the test cache out of it. -shuffle prints its seed, which replays the order.
	CGO_ENABLED=1 go test -race -count=1 -cpu 1,2,4 -shuffle on -timeout 30m ./...
done
