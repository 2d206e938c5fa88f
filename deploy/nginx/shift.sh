#!/bin/sh
# Gives two versions of Vacancy their shares of nginx's traffic:
#
#   BLUE=127.0.0.1:8081 GREEN=127.0.0.1:8082 BLUE_WEIGHT=90 GREEN_WEIGHT=10 sh deploy/nginx/shift.sh
#
# `vacancy rollout --shift-command 'BLUE=... GREEN=... sh .../shift.sh'` calls it with the weights. It writes the upstream's file, has nginx
# check it, and reloads: requests under way and live connections stay with the old workers. A file that nginx refuses is taken back.
#
# NGINX is how nginx is called (nginx), UPSTREAM the file (/etc/nginx/vacancy-upstream.inc).
set -eu

: "${BLUE:?is HOST:PORT of the version that serves}" "${GREEN:?is HOST:PORT of the version that takes over}"
: "${BLUE_WEIGHT:?is 0 to 100}" "${GREEN_WEIGHT:?is 0 to 100}"
nginx=${NGINX:-nginx}
upstream=${UPSTREAM:-/etc/nginx/vacancy-upstream.inc}

# server writes the line of a node. nginx has no weight of 0: such a node is down.
server() {
	case $2 in
	0) echo "    server $1 down;" ;;
	*) echo "    server $1 weight=$2;" ;;
	esac
}

if [ -e "$upstream" ]; then cp -p "$upstream" "$upstream.before"; fi
{
	echo "upstream vacancy {"
	server "$BLUE" "$BLUE_WEIGHT"
	server "$GREEN" "$GREEN_WEIGHT"
	echo "}"
} >"$upstream.new"
mv "$upstream.new" "$upstream"
if ! said=$($nginx -t 2>&1); then
	if [ -e "$upstream.before" ]; then mv "$upstream.before" "$upstream"; fi
	echo "$said" >&2
	exit 1
fi
$nginx -s reload
