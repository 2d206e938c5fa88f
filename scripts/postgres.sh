#!/usr/bin/env bash
# Runs a private PostgreSQL server, to be thrown away with its directory. Only this machine reaches it, and without a password.
#
#   scripts/postgres.sh start DIR [PORT]            make the cluster if there is none, start it, print its URL
#   scripts/postgres.sh stop DIR [fast|immediate]   immediate stands for a crash: the next start recovers
#   scripts/postgres.sh restart DIR                 stop and start, on the same port
#   scripts/postgres.sh standby DIR PRIMARY         make DIR a standby of the server in PRIMARY, which runs, and start it
#   scripts/postgres.sh promote DIR                 have a standby take over
#   scripts/postgres.sh upgrade DIR OLD             make DIR what pg_upgrade makes of the server in OLD, which it stops, and start it
#   scripts/postgres.sh url DIR                     print its URL
#   scripts/postgres.sh keep [standby PRIMARY | upgrade OLD]   run a server in a directory of its own until standard input ends (see keep)
#   scripts/postgres.sh version                     print the PostgreSQL version that would be used, or nothing
set -euo pipefail
readonly self="$(realpath "${BASH_SOURCE[0]}")"

readonly least=14 # the oldest major version that serves

die() {
	echo "postgres: $1" >&2
	exit 1
}

# major_of prints the major version of the server binaries in a directory, or nothing if they are not all there.
major_of() {
	[[ -x $1/initdb && -x $1/pg_ctl && -x $1/pg_basebackup && -x $1/postgres ]] || return 0
	"$1/postgres" --version 2>/dev/null | sed -n 's/^postgres (PostgreSQL) \([0-9]*\).*/\1/p' || true
}

# find_binaries sets bin and major: the newest of what PATH has and of Debian's versions, which are in no PATH. The one in PATH wins
# a draw.
find_binaries() {
	bin='' major=0
	local candidate found
	for candidate in "$(dirname "$(command -v initdb || echo /nowhere/initdb)")" /usr/lib/postgresql/*/bin; do
		found="$(major_of "$candidate")"
		if [[ -n $found ]] && ((found >= least && found > major)); then bin="$candidate" major="$found"; fi
	done
}

need_binaries() {
	find_binaries
	[[ -n $bin ]] || die "PostgreSQL $least or newer is not installed: run make setup"
	if ((EUID == 0)); then
		id -u postgres >/dev/null 2>&1 || die "PostgreSQL does not run as root, and there is no user postgres: run make setup"
	fi
}

# as_owner runs a command as the user whom the cluster belongs to: PostgreSQL refuses to run as root.
as_owner() {
	if ((EUID == 0)); then runuser -u postgres -- "$@"; else "$@"; fi
}

url() { echo "postgres://vacancy@127.0.0.1:$(cat "$dir/port")/vacancy?sslmode=disable"; }

running() { [[ -d $dir/data ]] && as_owner "$bin/pg_ctl" status -D "$dir/data" >/dev/null 2>&1; }

# claim_directory makes DIR the owner's. A directory that holds anything else is left alone.
claim_directory() {
	mkdir -p "$dir"
	if [[ ! -d $dir/data && ! -d $dir/new && -n $(ls -A "$dir") ]]; then die "$dir is not empty and holds no cluster"; fi
	chmod 700 "$dir"
	if ((EUID == 0)); then chown postgres "$dir"; fi
	as_owner test -w "$dir" || die "the user postgres cannot reach $dir: a directory above it lets nobody pass"
}

# make_empty_cluster makes a cluster called "new". The settings that decide whether a committed booking survives a crash are PostgreSQL's
# defaults, and stand here to be seen.
make_empty_cluster() {
	as_owner rm -rf "$dir/new"
	as_owner "$bin/initdb" --no-sync --auth=trust --username=vacancy --encoding=UTF8 --locale=C \
		-D "$dir/new" >/dev/null
	as_owner tee -a "$dir/new/postgresql.conf" >/dev/null <<-EOF
		listen_addresses = '127.0.0.1'
		unix_socket_directories = '${dir//\'/\'\'}'
		fsync = on
		synchronous_commit = on
		full_page_writes = on
		max_connections = 300
		shared_buffers = 256MB
		log_min_messages = log
		log_checkpoints = off
	EOF
}

# make_cluster is done or not done: after a half-made one the next attempt starts again.
make_cluster() {
	make_empty_cluster
	# Without -F each of the thousand files of a new database would be flushed.
	as_owner "$bin/postgres" --single -F -D "$dir/new" postgres >/dev/null 2>&1 <<<'CREATE DATABASE vacancy' ||
		die "cannot make the database vacancy"
	as_owner mv "$dir/new" "$dir/data"
}

# choose_port prints a port that nobody listens on, below those that systems give to outgoing connections and to listeners that
# leave the choice to them.
choose_port() {
	local port
	while port=$((20000 + RANDOM % 12000)); (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
	echo "$port"
}

# launch starts the cluster on a port and waits until it accepts connections. The log begins anew.
launch() {
	as_owner rm -f "$dir/log"
	as_owner "$bin/pg_ctl" start -D "$dir/data" -l "$dir/log" -o "-p $1" -w -t 60 >/dev/null 2>&1
}

start() {
	claim_directory
	[[ -d $dir/data ]] || make_cluster
	if running; then
		url
		return
	fi
	local port="${1-}" attempts=1
	if [[ -z $port && -s $dir/port ]]; then port="$(cat "$dir/port")"; fi
	if [[ -z $port ]]; then
		port="$(choose_port)"
		attempts=5 # another server may take a port between its choice and the start
	fi
	until launch "$port"; do
		attempts=$((attempts - 1))
		if ((attempts == 0)) || ! grep -qs 'Address already in use' "$dir/log"; then
			tail -n 20 "$dir/log" >&2 || true
			die "the server in $dir does not start"
		fi
		port="$(choose_port)"
	done
	echo "$port" >"$dir/port"
	url
}

# standby copies a server that runs, and has the copy follow it.
standby() {
	local primary
	primary="$(realpath -m "$1")"
	claim_directory
	as_owner "$bin/pg_basebackup" --host=127.0.0.1 --port="$(cat "$primary/port")" --username=vacancy --pgdata="$dir/data" \
		--write-recovery-conf --wal-method=stream --checkpoint=fast --no-sync >/dev/null || die "cannot copy the server in $primary"
	as_owner tee -a "$dir/data/postgresql.conf" >/dev/null <<<"unix_socket_directories = '${dir//\'/\'\'}'"
	start
}

promote() {
	as_owner "$bin/pg_ctl" promote -D "$dir/data" -w -t 60 >/dev/null || die "the server in $dir cannot be promoted"
}

# upgrade makes a new cluster with all that an old one has. That may be of the same version: a new cluster it is all the same.
upgrade() {
	local old
	old="$(realpath -m "$1")"
	bash "$self" stop "$old" >/dev/null
	claim_directory
	make_empty_cluster
	# It writes where it stands, and into the new cluster.
	(cd "$dir" && as_owner "$bin/pg_upgrade" --no-sync --username=vacancy --socketdir="$dir" --old-bindir="$bin" --new-bindir="$bin" \
		--old-datadir="$old/data" --new-datadir="$dir/new") >"$dir/upgrade.log" 2>&1 || {
		tail -n 20 "$dir/upgrade.log" >&2
		die "the server in $old cannot be upgraded"
	}
	as_owner mv "$dir/new" "$dir/data"
	start
}

stop() {
	if ! running; then return; fi
	as_owner "$bin/pg_ctl" stop -D "$dir/data" -m "$1" -w -t 60 >/dev/null || die "the server in $dir does not stop"
}

# keep runs a server for another process and leaves nothing behind, however that process ends: it holds the other end of standard
# input, and the system closes that for the dead. It is served in lines: first come "directory DIR" and the answer to a start,
# then each line read, one of the commands start, stop MODE, restart, promote, is answered. An answer is "ok" and what the command printed, or
# what went wrong and a last line "failed".
keep() {
	# A session of its own: what is sent to the process group of a test must not hit the one who cleans up after it.
	if [[ -z ${VACANCY_POSTGRES_KEPT-} ]] && command -v setsid >/dev/null; then
		VACANCY_POSTGRES_KEPT=1 exec setsid bash "$self" keep "$@"
	fi
	trap '' HUP INT QUIT TERM PIPE
	dir="$(mktemp -d "${TMPDIR:-/tmp}/vacancy-postgres-XXXXXX")"
	trap 'bash "$self" stop "$dir" immediate >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT
	echo "directory $dir"
	answer "${1:-start}" ${2:+"$2"}
	local command mode
	while read -r command mode; do answer "$command" ${mode:+"$mode"}; done
}

answer() {
	local said
	if said="$(bash "$self" "$1" "$dir" "${@:2}" </dev/null 2>&1)"; then echo "ok $said"; else printf '%s\nfailed\n' "$said"; fi
}

usage() {
	sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$self" >&2
	exit 2
}

command="${1-}"
case $command in
version)
	find_binaries
	if [[ -n $bin ]]; then "$bin/postgres" --version | sed 's/^postgres (PostgreSQL) \([0-9.]*\).*/\1/'; fi
	exit
	;;
keep)
	keep "${@:2}"
	exit
	;;
start | stop | restart | standby | promote | upgrade | url) ;;
*) usage ;;
esac

(($# >= 2 && $# <= 3)) || usage
dir="$(realpath -m "$2")"
cd / # the caller's directory may be closed to the owner
need_binaries
case $command in
start) start "${3-}" ;;
stop) stop "${3:-fast}" ;;
standby) standby "${3:?a standby needs the directory of its primary}" ;;
promote) promote ;;
upgrade) upgrade "${3:?an upgrade needs the directory of the old server}" ;;
restart)
	stop fast
	start
	;;
url)
	[[ -s $dir/port ]] || die "there is no cluster in $dir"
	url
	;;
esac
