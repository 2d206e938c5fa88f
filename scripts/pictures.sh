#!/usr/bin/env bash
# Starts a demo server on a new database, takes the pictures of README.md from it, and stops it.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
address=127.0.0.1:8099
bin/vacancy serve --demo --listen "$address" --database "sqlite:$work/demo.db" --log-level warn > "$work/out" &
server=$!
for _ in $(seq 100); do
  grep -q 'API reference' "$work/out" && break
  sleep 0.2
done
node scripts/pictures.mjs "http://$address" docs/pictures
