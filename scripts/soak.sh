#!/usr/bin/env bash
# Runs what is too long for `make test`: a million random commands against the model, 200 crashes of each kind on each database,
# ten of each broker, and many histories of the relay. Then it repeats the Go tests with the race detector, in random order and on changing numbers of cores,
# until the time given has passed or one fails: scripts/soak.sh 10m
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

echo "==> a million commands against the model"
VACANCY_SIM_COMMANDS=1000000 go test -count=1 -timeout 4h -v -run TestEverythingIsAsTheRulesSay ./test/sim | grep -v '^=== '
echo "==> 200 crashes of each kind"
VACANCY_CRASH_RUNS=200 go test -count=1 -timeout 4h -v -run Killed ./test/e2e | grep -v '^=== '

echo "==> ten crashes of each broker"
VACANCY_BUS_CRASHES=10 go test -count=1 -timeout 1h -v -run Conformance ./internal/bus/... | grep -v '^=== '

echo "==> 20000 histories of a relay, and a long storm"
go test -count=1 -timeout 1h -v -run TestWhateverHappens ./internal/outbox -rapid.checks=20000 | grep -v '^=== '
VACANCY_STORM_COMMANDS=2000 go test -count=1 -timeout 1h -v -run TestStorm ./internal/outbox | grep -v '^=== '

end=$((SECONDS + seconds))
round=0
while ((SECONDS < end)); do
	round=$((round + 1))
	echo "==> round $round, $((end - SECONDS)) s left"
	# -count=1 keeps the test cache out of it. -shuffle prints its seed, which replays the order.
	CGO_ENABLED=1 go test -race -count=1 -cpu 1,2,4 -shuffle on -timeout 30m ./...
done
