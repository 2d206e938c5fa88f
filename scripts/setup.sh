#!/usr/bin/env bash
# Checks what `make test` needs and says so in one line. What is missing is installed from Debian's packages where that is
# allowed: as root, or with a sudo that asks nothing. Anything else is named, with the way to get it, and the script fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly go_least=1.26 node_least=20.19 java_least=17

# at_least FOUND LEAST compares dotted versions.
at_least() { [[ -n $1 && $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# Each found_* prints the version that is there, or nothing. A Go that can switch toolchains answers with the one it switches to.
found_go() { go env GOVERSION 2>/dev/null | sed -n 's/^go\([0-9.]*\).*/\1/p' || true; }
found_node() { node --version 2>/dev/null | sed 's/^v//' || true; }
found_java() { java -version 2>&1 | sed -n 's/^[a-z]* version "\([0-9.]*\).*/\1/p' || true; }
# The tests run the one in this place: the one in Debian's PATH is for root and one user alone.
found_rabbitmq() {
	printf '%s\n' /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server | sort -V | sed -n '$s/.*server-\([0-9.]*\)\/sbin.*/\1/p'
}
# It knows by itself which version is too old.
found_postgres() { bash scripts/postgres.sh version 2>/dev/null || true; }

or_none() { echo "${1:-none}"; }

has_npm() { npm --version >/dev/null 2>&1; }
# The race detector is linked by the C compiler, against the C library's headers.
has_cc() { echo '#include <stdlib.h>' | "${CC:-gcc}" -fsyntax-only -x c - >/dev/null 2>&1; }

packages=() # Debian's packages that would bring what is missing
missing=()  # what no package brings, one sentence each

# offered_node is the version of Node.js that this release of Debian has.
offered_node() { apt-cache policy nodejs 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9]*:\)\{0,1\}\([0-9.]*\).*/\2/p'; }

look() {
	packages=()
	missing=()
	command -v git >/dev/null || packages+=(git)
	command -v chromium >/dev/null || packages+=(chromium)
	[[ -n $(PATH="$PATH:/usr/sbin" command -v nginx) ]] || packages+=(nginx-light)
	[[ -n $(PATH="$PATH:/usr/sbin" command -v haproxy) ]] || packages+=(haproxy)
	command -v systemd-analyze >/dev/null || packages+=(systemd)
	command -v promtool >/dev/null && command -v prometheus >/dev/null || packages+=(prometheus)
	command -v curl >/dev/null || packages+=(curl)
	has_cc || packages+=(gcc libc6-dev)
	[[ -n $(found_postgres) ]] || packages+=(postgresql)
	[[ -n $(found_rabbitmq) ]] || packages+=(rabbitmq-server)
	# Kafka runs on Java, and Maven fetches it.
	at_least "$(found_java)" "$java_least" || packages+=(default-jre-headless)
	command -v mvn >/dev/null || packages+=(maven)
	at_least "$(found_go)" "$go_least" ||
		missing+=("Go $go_least or newer (found: $(or_none "$(found_go)")): https://go.dev/doc/install")
	if at_least "$(found_node)" "$node_least"; then
		has_npm || packages+=(npm)
	elif at_least "$(offered_node)" "$node_least"; then
		packages+=(nodejs) # some bring npm along; if not, it is what the next look finds missing
	else
		missing+=("Node.js $node_least or newer with npm (found: $(or_none "$(found_node)")): https://nodejs.org")
	fi
}

# as_root runs a command as root, or fails without asking for a password.
as_root() {
	if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi
}

may_install() {
	command -v apt-get >/dev/null && { ((EUID == 0)) || sudo -n true 2>/dev/null; }
}

# quietly shows a command's output only if it fails.
quietly() {
	local log
	log="$(mktemp)"
	if ! "$@" >"$log" 2>&1; then
		tail -n 30 "$log" >&2
		rm -f "$log"
		return 1
	fi
	rm -f "$log"
}

# without_services runs the command that installs the packages. The tests run servers of their own, so none is started for the machine:
# no PostgreSQL cluster is made, unless somebody has already said how PostgreSQL is to be set up here, and none of the others is
# started.
without_services() {
	local settings=/etc/postgresql-common policy=/usr/sbin/policy-rc.d status=0 made=()
	if [[ " ${packages[*]} " == *" postgresql "* && ! -e $settings/createcluster.conf ]]; then
		as_root mkdir -p "$settings/createcluster.d"
		echo 'create_main_cluster = false' | as_root tee "$settings/createcluster.d/vacancy-setup.conf" >/dev/null
		made+=("$settings/createcluster.d/vacancy-setup.conf")
	fi
	if [[ " ${packages[*]} " =~ \ (nginx-light|haproxy|prometheus|rabbitmq-server)\  && ! -e $policy ]]; then
		printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
		as_root chmod 755 "$policy"
		made+=("$policy")
	fi
	"$@" || status=$?
	((${#made[@]})) && as_root rm -f "${made[@]}"
	return "$status"
}

install_packages() {
	echo "setup: installing ${packages[*]}"
	without_services quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
		-o DPkg::Lock::Timeout=300 "${packages[@]}"
}

fail() {
	echo "setup: this is missing:" >&2
	for sentence in "${missing[@]}"; do echo "  $sentence" >&2; done
	if ((${#packages[@]})); then
		echo "  Debian's packages: apt-get install --no-install-recommends ${packages[*]}" >&2
	fi
	exit 1
}

look
if ((${#packages[@]} + ${#missing[@]})) && may_install; then
	# The lists of a new machine are empty or old; what they offer is known only after this.
	quietly as_root apt-get -o DPkg::Lock::Timeout=300 update || true
	look
	for _ in 1 2; do
		if ((!${#packages[@]} || ${#missing[@]})); then break; fi
		install_packages || fail
		hash -r
		look
	done
fi
if ((${#packages[@]} + ${#missing[@]})); then fail; fi

bash scripts/kafka.sh fetch

echo "setup: Go $(found_go), Node.js $(found_node), npm $(npm --version), PostgreSQL $(found_postgres)," \
	"RabbitMQ $(found_rabbitmq), Java $(found_java), Kafka $(bash scripts/kafka.sh version)," \
	"C compiler, Chromium, nginx, HAProxy, Prometheus, curl, git: all there"
