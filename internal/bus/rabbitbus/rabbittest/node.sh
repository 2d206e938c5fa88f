# Runs a RabbitMQ node for another process and leaves nothing behind, however that process ends: it holds the other end of standard input,
# and the system closes that for the dead. What is written here are lines: first "directory DIR", which is where the caller then writes
# node.config; after that each line read, one of the commands start, kill, stop, is answered, with "ok" and the node's process id, or
# with what went wrong and a last line "failed".
set -euo pipefail

# A session of its own: what is sent to the process group of a test must not hit the one who cleans up after it.
if [[ -z ${VACANCY_RABBITMQ_SESSION-} ]] && command -v setsid >/dev/null; then
	VACANCY_RABBITMQ_SESSION=1 exec setsid bash -c "$1" rabbitmq "$1"
fi
trap '' HUP INT QUIT TERM PIPE

# find_server prints the script that starts a node, the newest of Debian's. The one in PATH is for root and one user alone.
find_server() {
	local found
	found="$(printf '%s\n' /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server | sort -V | tail -n 1)"
	[[ -x $found ]] && echo "$found"
}

dir="$(mktemp -d "${TMPDIR:-/tmp}/vacancy-rabbitmq-XXXXXX")"
pid=''
trap 'end KILL; rm -rf "$dir"' EXIT
echo "directory $dir"

running() { [[ -n $pid ]] && kill -0 "$pid" 2>/dev/null; }

# end ends the node by a signal and waits for it.
end() {
	if [[ -n $pid ]]; then
		kill -CONT "$pid" 2>/dev/null || true # it may be frozen
		kill -"$1" "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	fi
	pid=''
}

# launch replaces this shell by a node, which writes the file "up" when it has started. Nothing of the machine's RabbitMQ is read or
# written. There is no epmd, which would stay behind: no other node looks for this one.
launch() {
	export HOME="$dir" ERL_CRASH_DUMP=/dev/null ERL_MAX_PORTS=4096 \
		RABBITMQ_CONF_ENV_FILE="$dir/none" RABBITMQ_CONFIG_FILE="$dir/node.config" RABBITMQ_ADVANCED_CONFIG_FILE="$dir/none.config" \
		RABBITMQ_ENABLED_PLUGINS_FILE="$dir/plugins" RABBITMQ_MNESIA_BASE="$dir/data" RABBITMQ_LOG_BASE="$dir/log" \
		RABBITMQ_LOGS="$dir/log/node.log" RABBITMQ_PID_FILE="$dir/pid" RABBITMQ_NODENAME=vacancy@localhost \
		RABBITMQ_DIST_PORT="$(cat "$dir/distribution_port")" RABBITMQ_MAX_NUMBER_OF_PROCESSES=65536 \
		RABBITMQ_ALLOW_INPUT=1 # exec the node: the process that is killed is the node's
	exec "$server" -noinput -sname vacancy@localhost -start_epmd false -erl_epmd_port "$RABBITMQ_DIST_PORT" \
		-eval "$(cat "$dir/control.erl")" </dev/null >"$dir/out" 2>&1
}

start() {
	if running; then
		echo "ok $pid"
		return
	fi
	server="$(find_server)" || {
		printf 'RabbitMQ is not installed: run make setup\nfailed\n'
		return
	}
	rm -f "$dir/control"
	launch &
	pid=$!
	until [[ -S $dir/control ]]; do
		if ! running; then
			wait "$pid" || true
			pid=''
			tail -n 20 "$dir/out" "$dir/log/node.log" 2>/dev/null || true
			echo failed
			return
		fi
		sleep 0.05
	done
	echo "ok $pid"
}

printf 'vacancy' >"$dir/.erlang.cookie"
chmod 400 "$dir/.erlang.cookie"
printf '[].\n' >"$dir/plugins"
while read -r command; do
	case $command in
	start) start ;;
	kill) end KILL; echo ok ;;
	stop) end TERM; echo ok ;;
	*) printf 'unknown command\nfailed\n' ;;
	esac
done
