#!/usr/bin/env bash
# Fetches Apache Kafka and runs private brokers of it, to be thrown away with their directories. Only this machine reaches them.
#
#   scripts/kafka.sh fetch       fetch Kafka's jars and prepare them: half a minute; nothing to do if that was done
#   scripts/kafka.sh keep        run a broker in a directory of its own until standard input ends (see keep)
#   scripts/kafka.sh version     print the version of Kafka that would be used
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
self="$PWD/scripts/kafka.sh" root="$PWD"
readonly self root

readonly pom="$root/tools/kafka/pom.xml"
# Not below bin/tools, which is emptied when the Go tools are built anew.
readonly home="$root/bin/kafka"
readonly cluster=MkU3OEVBNTcwNTJENDM2Qg # any id serves, of 16 bytes

die() {
	echo "kafka: $1" >&2
	exit 1
}

version() { sed -n '/kafka_2.13/{n;s/.*<version>\(.*\)<.*/\1/p;}' "$pom"; }

# wanted changes with everything that the prepared directory was made from.
wanted() { cat "$pom" "$self" <(java -version 2>&1) | sha256sum | cut -d' ' -f1; }

# Small and quick to start: tests have two cores for all they run. The client's compiler is not worth its warm-up in a broker that lives
# for seconds.
readonly jvm=(java -Xms64m -Xmx256m -Xss512k -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -XX:MaxDirectMemorySize=64m
	-Djava.awt.headless=true -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dorg.slf4j.simpleLogger.showDateTime=true
	-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS)

# settings prints the part of a broker's properties that is the same for all. Addresses, and what a test wants besides, come after it.
settings() {
	cat <<-END
		process.roles=broker,controller
		node.id=1
		controller.listener.names=CONTROLLER
		inter.broker.listener.name=PLAINTEXT
		auto.create.topics.enable=false
		delete.topic.enable=true
		num.partitions=1
		default.replication.factor=1
		min.insync.replicas=1
		offsets.topic.num.partitions=1
		offsets.topic.replication.factor=1
		transaction.state.log.num.partitions=1
		transaction.state.log.replication.factor=1
		transaction.state.log.min.isr=1
		share.coordinator.state.topic.num.partitions=1
		share.coordinator.state.topic.replication.factor=1
		share.coordinator.state.topic.min.isr=1
		group.initial.rebalance.delay.ms=0
		controlled.shutdown.enable=false
		num.network.threads=1
		num.io.threads=2
		num.replica.fetchers=1
		num.recovery.threads.per.data.dir=1
		background.threads=2
		log.cleaner.threads=1
		log.cleaner.dedupe.buffer.size=2097152
		log.segment.bytes=67108864
		log.index.size.max.bytes=1048576
		broker.heartbeat.interval.ms=500
		broker.session.timeout.ms=6000
		controller.quorum.election.timeout.ms=300
		controller.quorum.election.backoff.max.ms=100
	END
}

# prepare makes the directory that brokers start from: the jars, a formatted log directory to copy, and an archive of the classes that a
# broker loads, which halves the time of a start.
prepare() {
	command -v java >/dev/null && command -v mvn >/dev/null || die "Java and Maven are not installed: run make setup"
	local new="$home.new"
	rm -rf "$new"
	mkdir -p "$new"
	mvn --batch-mode --quiet --file "$pom" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$new/libs" \
		>"$new/log" 2>&1 || { tail -n 20 "$new/log" >&2; die "Maven cannot fetch Kafka"; }
	local port
	port="$(choose_port)"
	{
		settings
		echo "listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))"
		echo "controller.quorum.voters=1@127.0.0.1:$((port + 1))"
		echo "log.dirs=$new/formatted"
	} >"$new/server.properties"
	"${jvm[@]}" -cp "$new/libs/*" kafka.tools.StorageTool format --cluster-id "$cluster" --config "$new/server.properties" \
		>"$new/log" 2>&1 || { tail -n 20 "$new/log" >&2; die "cannot format Kafka's storage"; }
	rm -rf "$home"
	mv "$new" "$home"
	archive_classes
	echo "$1" >"$home/made-from"
}

# archive_classes has a broker run for a moment and Java write down what it has loaded. That it does not work is no reason to fail: brokers
# start without it, only not as fast.
archive_classes() {
	local work="$home/training" broker
	mkdir "$work"
	cp -r "$home/formatted" "$work/data"
	sed "s|^log.dirs=.*|log.dirs=$work/data|" "$home/server.properties" >"$work/server.properties"
	"${jvm[@]}" -XX:ArchiveClassesAtExit="$home/classes.jsa" -cp "$home/libs/*" kafka.Kafka "$work/server.properties" \
		>"$home/log" 2>&1 </dev/null &
	broker=$!
	for _ in {1..600}; do
		if (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || ! kill -0 "$broker" 2>/dev/null; then break; fi
		sleep 0.1
	done
	kill "$broker" 2>/dev/null || true
	wait "$broker" || true
	rm -rf "$work"
}

fetch() {
	local made
	made="$(wanted)"
	[[ "$(cat "$home/made-from" 2>/dev/null)" == "$made" ]] && return
	mkdir -p "$root/bin"
	(
		flock 9
		[[ "$(cat "$home/made-from" 2>/dev/null)" == "$made" ]] || prepare "$made"
	) 9>"$root/bin/kafka.lock"
}

# choose_port prints a port that nobody listens on, nor on the next one, below those that systems give to outgoing connections.
choose_port() {
	local port
	while port=$((20000 + RANDOM % 12000)); (: <>"/dev/tcp/127.0.0.1/$port" || : <>"/dev/tcp/127.0.0.1/$((port + 1))") 2>/dev/null; do :; done
	echo "$port"
}

# keep runs a broker for another process and leaves nothing behind, however that process ends: it holds the other end of standard input,
# and the system closes that for the dead. First comes "directory DIR"; the caller then writes DIR/server.properties, which is put after
# the settings above. Each line read is a command, and answered with "ok", or with what went wrong and a last line "failed":
#
#   start    start the broker, on what it has stored before if there is any; it is not waited for
#   alive    fails if the broker has ended, and shows its log
#   kill     end it as kill -9 does
#   stop     have it shut down in good order
#   freeze   stop it where it is, as a machine that hangs; thaw lets it go on
keep() {
	# A session of its own: what is sent to the process group of a test must not hit the one who cleans up after it.
	if [[ -z ${VACANCY_KAFKA_KEPT-} ]] && command -v setsid >/dev/null; then
		VACANCY_KAFKA_KEPT=1 exec setsid bash "$self" keep
	fi
	fetch
	trap '' HUP INT QUIT TERM PIPE
	dir="$(mktemp -d "${TMPDIR:-/tmp}/vacancy-kafka-XXXXXX")" broker=''
	trap 'end KILL; rm -rf "$dir"' EXIT
	echo "directory $dir"
	local command
	while read -r command; do
		case $command in
		start) launch && echo ok ;;
		alive) if [[ -n $broker ]] && kill -0 "$broker" 2>/dev/null; then echo ok; else tail -n 20 "$dir/log"; false; fi ;;
		kill) end KILL && echo ok ;;
		stop) end TERM && echo ok ;;
		freeze) kill -STOP "$broker" && echo ok ;;
		thaw) kill -CONT "$broker" && echo ok ;;
		*) echo "no such command: $command" && false ;;
		esac || echo failed
	done
}

launch() {
	end KILL
	[[ -d $dir/data ]] || make_data
	{
		settings
		echo "log.dirs=$dir/data"
		cat "$dir/server.properties"
	} >"$dir/all.properties"
	# What it ignores, it would ignore too, as the keeper does of signals; a subshell gives it the default back.
	(
		trap - HUP INT QUIT TERM PIPE
		exec "${jvm[@]}" -XX:SharedArchiveFile="$home/classes.jsa" -Xlog:cds=off -cp "$home/libs/*" kafka.Kafka "$dir/all.properties"
	) >>"$dir/log" 2>&1 </dev/null &
	broker=$!
}

# make_data makes the log directory of a new broker, with the number that it has in its cluster and an id of its own.
make_data() {
	local node id
	node="$(sed -n 's/^node\.id=//p' "$dir/server.properties")"
	id="$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=')"
	cp -r "$home/formatted" "$dir/data"
	sed -i "s/^node\.id=.*/node.id=${node:-1}/; s/^directory\.id=.*/directory.id=$id/" "$dir/data/meta.properties"
}

# end sends a signal to the broker and waits for its end.
end() {
	[[ -n $broker ]] || return 0
	kill -CONT "$broker" 2>/dev/null || true # it may be stopped
	kill "-$1" "$broker" 2>/dev/null || true
	wait "$broker" 2>/dev/null || true
	broker=''
}

usage() {
	sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$self" >&2
	exit 2
}

case "${1-}" in
fetch) fetch ;;
keep) keep ;;
version) version ;;
*) usage ;;
esac
