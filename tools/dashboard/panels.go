package main

import "strings"

// The filters of queries: of the servers that were chosen, and of the records, which are of a whole job.
const (
	chosen = `job="$job",instance=~"$instance"`
	ofJob  = `job="$job"`
	// writes are the requests that book, confirm, extend and cancel.
	writes = `route=~"POST /v1/venues/{venue}/bookings.*"`
	// reads are those of availability.
	reads = `route=~"GET /v1/venues/{venue}/services/{service}/availability"`
	// withVersion multiplies what is counted by server with the label of its version.
	withVersion = ` * on (job, instance) group_left (version) go_build_info{` + chosen + `,path="vacancy"}`
)

// Widths of panels of which two or four stand side by side.
const half, quarter = 12, 6

// noBus is what there is to say of events if no server sends any.
const noBus = "no broker, no webhooks"

// ratesBy is the rate of a counter of the chosen servers, by a label.
func ratesBy(label, counter string, filters ...string) string {
	return "sum by (" + label + ") (rate(" + counter + "{" + strings.Join(append([]string{chosen}, filters...), ",") + "}[$__rate_interval]))"
}

// occurring is [ratesBy] of those values of the label that occurred within the time that is shown: the others would fill the legend.
func occurring(label, counter string) string {
	return ratesBy(label, counter) + " and on (" + label + ") sum by (" + label + ") (increase(" + counter + "{" + chosen + "}[$__range])) > 0"
}

// quantile is one of a histogram of the chosen servers.
func quantile(q, histogram string, filters ...string) string {
	return "histogram_quantile(" + q + ", " + ratesBy("le", histogram+"_bucket", filters...) + ")"
}

// quantileBy is [quantile] for each value of a label.
func quantileBy(label, q, histogram string) string {
	return "histogram_quantile(" + q + ", " + ratesBy(label+", le", histogram+"_bucket") + ")"
}

var annotations = []annotation{
	{
		name: "Starts", expr: `process_start_time_seconds{` + chosen + `} * 1000`, title: "a server was started", color: "blue",
		timeIsValue: true,
	},
	{
		name: "Failovers", expr: `changes(vacancy_database_term{` + chosen + `}[1m]) > 0`, title: "another database is in charge",
		color: "orange",
	},
}

// rows are what the dashboard shows, in the order in which an operator asks who is called at night: are customers hurt, what is wrong and
// since when, where, and is something running out. What has another unit stands in another panel. deploy/prometheus/recording.yml has the
// records (vacancy:...), docs/metrics.md the metrics.
var rows = []row{
	{"Are customers hurt?", []panel{
		{
			kind: figure, title: "Bookings failing", about: "Share of bookings of the last hour that were answered with a 5xx, and " +
				"of the servers' own probe that failed. The objective is 0.1 %; at 1.44 % a person is called.",
			unit: "percentunit", decimals: 2, levels: levels{.001, .0144}, none: "no rules", queries: []query{
				{`vacancy:bookings_bad:ratio_rate1h{` + ofJob + `}`, ""},
			},
		},
		{
			kind: figure, title: "Updates late", about: "Share of updates of the last hour that readers got later than a second " +
				"after the commit. The objective is 1 %; at 14.4 % a person is called.",
			unit: "percentunit", decimals: 2, levels: levels{.01, .144}, none: "no updates", queries: []query{
				{`vacancy:updates_late:ratio_rate1h{` + ofJob + `} >= 0`, ""}, // without updates it is no number
			},
		},
		{
			kind: figure, title: "Bookings possible, a day", about: "Share of the rounds of the servers' own probe within a day that succeeded.",
			unit: "percentunit", decimals: 2, levels: levels{.9995, .999}, none: "no probe", queries: []query{
				{`vacancy:probe:availability1d{` + ofJob + `}`, ""},
			},
		},
		{
			kind: figure, title: "Servers away", about: "Servers that Prometheus knows and that do not serve: down, starting or stopping.",
			unit: "none", levels: levels{critical: 1}, none: "no servers", queries: []query{
				{`count(up{` + chosen + `}) - (sum(vacancy_ready{` + chosen + `}) or vector(0))`, ""},
			},
		},
		{
			kind: figure, title: "Servers that cannot book", about: "Servers that serve, and whose database cannot be written to.",
			unit: "none", levels: levels{critical: 1}, queries: []query{
				{`count(vacancy_database_writable{` + chosen + `} == 0) or vector(0)`, ""},
			},
		},
		{
			kind: figure, title: "Readers with old data", about: "Live queries whose readers were told that what they see may be old.",
			unit: "none", levels: levels{warning: 1, critical: 1000}, none: "no servers", queries: []query{
				{`sum(vacancy_live_stale_readers{` + chosen + `})`, ""},
			},
		},
	}},
	{"What is wrong, and since when?", []panel{
		{
			kind: states, title: "Alerts that fire",
			about: "Each has a section in the runbook, docs/runbook.md, and so has each key of a condition.",
			width: half, meanings: map[string]meaning{"1": {"warning", "yellow"}, "2": {"critical", "red"}}, none: "Nothing fires.",
			queries: []query{{
				`label_replace(label_replace(max by (alertname, key) (` +
					`ALERTS{job=~"$job|",instance=~"$instance|",alertstate="firing",severity="critical"} * 2 ` +
					`or ALERTS{job=~"$job|",instance=~"$instance|",alertstate="firing",severity="warning"}), ` +
					`"name", "$1", "alertname", "(.*)"), "name", "$1", "key", "(.+)")`, // a condition goes by its key
				"{{name}}",
			}},
		},
		{
			title: "Budgets burning", about: "How many times as fast as 30 days allow the budgets are used up. People are called at 14.4 " +
				"and 6, if both the long and the short window are above.",
			unit: "suffix: ×", width: half, levels: levels{6, 14.4}, none: "no rules", queries: []query{
				{`vacancy:bookings_bad:ratio_rate1h{` + ofJob + `} / 0.001`, "bookings, an hour"},
				{`vacancy:bookings_bad:ratio_rate5m{` + ofJob + `} / 0.001`, "bookings, 5 minutes"},
				{`vacancy:updates_late:ratio_rate1h{` + ofJob + `} / 0.01`, "updates, an hour"},
				{`vacancy:updates_late:ratio_rate5m{` + ofJob + `} / 0.01`, "updates, 5 minutes"},
			},
		},
	}},
	{"Bookings", []panel{
		{
			title: "Bookings and changes of them", about: "Requests that book, confirm, extend and cancel, a second, by status.", unit: "reqps",
			none: "no bookings", colors: []color{{"2..", "green"}, {"5..", "red"}}, queries: []query{
				{ratesBy("status", "vacancy_http_request_seconds_count", writes), "{{status}}"},
			},
		},
		{
			title: "Time to answer", about: "Quantiles of bookings and changes of them, and of availability.", unit: "s", none: "no requests",
			queries: []query{
				{quantile("0.5", "vacancy_http_request_seconds", writes), "bookings, p50"},
				{quantile("0.99", "vacancy_http_request_seconds", writes), "bookings, p99"},
				{quantile("0.99", "vacancy_http_request_seconds", reads), "availability, p99"},
			},
		},
		{
			title: "Problems", about: "Answers that told of a problem, a second, by code. slot_unavailable is a lost race; internal is a fault " +
				"of the program.",
			unit: "reqps", none: "no problems", colors: []color{{"(internal|outcome_unknown|unavailable|busy|needs_newer)", "red"}},
			queries: []query{
				{occurring("code", "vacancy_http_problems_total"), "{{code}}"},
			},
		},
		{
			title: "The servers' own probe", about: "Time of a hold and its cancellation, two commits.", unit: "s", none: "no probe",
			queries: []query{
				{quantile("0.5", "vacancy_probe_round_seconds"), "p50"},
				{quantile("0.99", "vacancy_probe_round_seconds"), "p99"},
			},
		},
		{
			title: "Probes that fail", about: "Share of the rounds, by server.", unit: "percentunit", max: 1, none: "no probe", queries: []query{{
				`rate(vacancy_probe_rounds_total{` + chosen + `,result="failed"}[$__rate_interval]) / on (job, instance) ` +
					`sum by (job, instance) (rate(vacancy_probe_rounds_total{` + chosen + `}[$__rate_interval]))`, "{{instance}}",
			}},
		},
		{
			title: "Queue of writes", about: "Commands that wait for their transaction, and commits in doubt.", unit: "short", none: "no servers",
			queries: []query{
				{`vacancy_desk_waiting_commands{` + chosen + `}`, "waiting at {{instance}}"},
				{`sum(vacancy_desk_commits_in_doubt{` + chosen + `})`, "in doubt"},
			},
		},
		{
			title: "Transactions", about: "Time of a transaction, its commit included.", unit: "s", none: "no transactions", queries: []query{
				{quantile("0.5", "vacancy_desk_transaction_seconds"), "p50"},
				{quantile("0.99", "vacancy_desk_transaction_seconds"), "p99"},
			},
		},
		{
			title: "Commands a transaction", about: "How many share one commit: more is cheaper.", unit: "short", none: "no transactions",
			queries: []query{{
				`sum(rate(vacancy_desk_transaction_commands_sum{` + chosen + `}[$__rate_interval])) / ` +
					`sum(rate(vacancy_desk_transaction_commands_count{` + chosen + `}[$__rate_interval]))`, "mean",
			}},
		},
		{
			title: "All requests", about: "Requests a second, by route: the eight with most.", unit: "reqps", none: "no requests", queries: []query{
				{"topk(8, " + ratesBy("route", "vacancy_http_request_seconds_count") + ")", "{{route}}"},
			},
		},
	}},
	{"Live updates", []panel{
		{
			title: "Update latency", about: "From the commit to a reader's connection. Changes are merged for 50 ms.", unit: "s", none: "no updates",
			queries: []query{
				{quantile("0.5", "vacancy_live_delivery_age_seconds"), "p50"},
				{quantile("0.99", "vacancy_live_delivery_age_seconds"), "p99"},
				{quantile("0.99", "vacancy_live_publish_age_seconds"), "p99 of the server's part"},
			},
		},
		{
			title: "Readers", about: "Live connections.", unit: "short", none: "no servers", queries: []query{
				{`vacancy_live_readers{` + chosen + `}`, "{{instance}}"},
			},
		},
		{
			title: "Readers and venues that are behind", about: "Live queries whose readers were told that what they see may be old, " +
				"and venues that cannot be brought up to date.",
			unit: "short", none: "no servers", queries: []query{
				{`sum(vacancy_live_stale_readers{` + chosen + `})`, "readers"},
				{`sum(vacancy_view_lagging_venues{` + chosen + `})`, "venues"},
			},
		},
		{
			title: "Behind the database", about: "Time since the memory was known to equal the database, which is compared every second.", unit: "s",
			none: "no servers", queries: []query{{`vacancy_view_age_seconds{` + chosen + `}`, "{{instance}}"}},
		},
		{
			title: "Frames", about: "Frames to readers, a second, by event.", unit: "ops", none: "no frames", queries: []query{
				{occurring("event", "vacancy_live_frames_total"), "{{event}}"},
			},
		},
		{
			title: "Readers that begin anew", about: "Resets a second, by reason; readers that a fault of the program has cost; and those " +
				"who come from a later term than the server finds, which may be cut off.", unit: "ops",
			none: "no resets", colors: []color{{"a fault", "red"}}, queries: []query{
				{occurring("reason", "vacancy_live_resets_total"), "{{reason}}"},
				{`sum(rate(vacancy_live_panics_total{` + chosen + `}[$__rate_interval]))`, "a fault"},
				{`sum(rate(vacancy_live_later_terms_total{` + chosen + `}[$__rate_interval]))`, "of a term that is not found"},
			},
		},
	}},
	{"Events to the outside", []panel{
		{
			kind: states, title: "Do brokers and webhooks take events?", about: "The worst of what the servers say. Events wait in the " +
				"database meanwhile, and bookings go on. A bus that refuses needs a person; one that does not answer is tried again by itself.",
			width: quarter, none: noBus,
			meanings: map[string]meaning{
				"0": {"yes", "green"}, "1": {"no confirmation", "orange"}, "2": {"refuses", "red"}, "3": {"refuses", "red"},
			},
			queries: []query{{
				`max by (bus) (vacancy_outbox_bus_failing{` + chosen + `} + 2 * vacancy_outbox_bus_misconfigured{` + chosen + `})`, "{{bus}}",
			}},
		},
		{
			title: "Oldest change that is not sent", about: "How old what consumers know is, at the worst venue. Alerts look at a minute and at " +
				"a quarter of an hour.",
			unit: "s", width: quarter, levels: levels{60, 900}, none: noBus, queries: []query{
				{`max by (bus) (vacancy_outbox_oldest_unsent_seconds{` + chosen + `})`, "{{bus}}"},
			},
		},
		{
			title: "What waits", about: "Changes that are not sent and the venues that have some. Delayed venues wait after an error of " +
				"their own, while others go on.",
			unit: "short", width: quarter, none: noBus, colors: []color{{"delayed.*", "red"}}, queries: []query{
				{`sum by (bus) (vacancy_outbox_unsent_changes{` + chosen + `})`, "changes, {{bus}}"},
				{`sum by (bus) (vacancy_outbox_unsent_venues{` + chosen + `})`, "venues, {{bus}}"},
				{`sum by (bus) (vacancy_outbox_delayed_venues{` + chosen + `})`, "delayed venues, {{bus}}"},
			},
		},
		{
			title: "From the commit to the confirmation", about: "Age of the oldest change of a batch when the bus confirmed it.", unit: "s",
			width: quarter, none: "nothing was sent", queries: []query{
				{quantileBy("bus", "0.5", "vacancy_outbox_lag_seconds"), "p50, {{bus}}"},
				{quantileBy("bus", "0.99", "vacancy_outbox_lag_seconds"), "p99, {{bus}}"},
			},
		},
		{
			title: "Events", about: "Events that were confirmed, a second, by name. Repeats count.", unit: "ops", width: quarter,
			none: "nothing was sent", queries: []query{
				{occurring("bus, event", "vacancy_outbox_events_total"), "{{event}}, {{bus}}"},
			},
		},
		{
			title: "What fails, and is tried again", about: "A second, by kind. publish and misconfigured are the bus; read, scan, cursors and " +
				"leases the database; picture and events a venue. The log has the reason.",
			unit: "ops", width: quarter, none: "nothing fails", colors: []color{{"misconfigured.*", "red"}}, queries: []query{
				{occurring("bus, kind", "vacancy_outbox_failures_total"), "{{kind}}, {{bus}}"},
			},
		},
		{
			title: "What consumers did not get", about: "A second: changes that were left out, by reason, of which consumers were told; events " +
				"that were taken for nobody, of which they were not; and venues whose consumers begin anew, with another history of the database.",
			unit: "ops", width: quarter, none: "nothing is missing", colors: []color{{"left out.*", "red"}, {"unrouted.*", "orange"}},
			queries: []query{
				{occurring("bus, reason", "vacancy_outbox_left_out_total"), "left out: {{reason}}, {{bus}}"},
				{occurring("bus", "vacancy_outbox_unrouted_total"), "unrouted, {{bus}}"},
				{occurring("bus", "vacancy_outbox_resets_total"), "begin anew, {{bus}}"},
			},
		},
		{
			title: "Leases", about: "Who sends the events of how many of the 64 parts of the venues. Together they are 64 of each bus, and " +
				"another server takes over what one loses.",
			unit: "short", width: quarter, max: 64, none: noBus, queries: []query{
				{`vacancy_outbox_leases{` + chosen + `}`, "{{instance}}, {{bus}}"},
			},
		},
		{
			title: "Webhooks: attempts", about: "Attempts to deliver an event to an endpoint of a venue, a second, by what became of them. An " +
				"endpoint that fails for three days is disabled, with an alert.",
			unit: "ops", width: half, none: "no webhooks", colors: []color{{"delivered", "green"}}, queries: []query{
				{occurring("outcome", "vacancy_webhook_attempts_total"), "{{outcome}}"},
			},
		},
		{
			title: "Webhooks: the event that has waited longest", about: "Of those that an endpoint did not take, and that are tried again.",
			unit: "s", width: half, none: "no servers", queries: []query{
				{`max(vacancy_webhook_oldest_waiting_seconds{` + chosen + `})`, "oldest"},
			},
		},
	}},
	{"Database", []panel{
		{
			kind: states, title: "Does it answer?", about: "What each server can do with its database.", width: quarter, none: "no servers",
			meanings: map[string]meaning{
				"0": {"does not answer", "red"}, "1": {"read only", "orange"}, "2": {"cannot be read", "orange"}, "3": {"books", "green"},
			},
			queries: []query{{`vacancy_database_readable{` + chosen + `} + 2 * vacancy_database_writable{` + chosen + `}`, "{{instance}}"}},
		},
		{
			title: "PostgreSQL: term", about: "How often another database came to be in charge. It is to be the same on all servers.", unit: "none",
			width: quarter, none: "not on PostgreSQL", queries: []query{{`vacancy_database_term{` + chosen + `}`, "{{instance}}"}},
		},
		{
			kind: states, title: "PostgreSQL: could the other hosts take over?", about: "As judged once a minute; the worst of what the " +
				"servers say. The alert and the log say why not.",
			width: quarter, none: "no other hosts are listed",
			meanings: map[string]meaning{"0": {"no", "red"}, "1": {"yes", "green"}},
			queries:  []query{{`min by (host) (vacancy_database_backup_fit{` + chosen + `})`, "{{host}}"}},
		},
		{
			title: "PostgreSQL: the other hosts' lag", about: "By the newest heartbeat that each has: one comes every five seconds.", unit: "s",
			width: quarter, none: "no other hosts are listed", levels: levels{critical: 30}, queries: []query{
				{`max by (host) (vacancy_database_backup_lag_seconds{` + chosen + `})`, "{{host}}"},
			},
		},
		{
			title: "PostgreSQL: transactions", about: "By how they lock their venues' rows, and races that were lost.", unit: "ops",
			none: "not on PostgreSQL", queries: []query{
				{occurring("locking", "vacancy_postgres_transactions_total"), "{{locking}}"},
				{`sum(rate(vacancy_postgres_lost_races_total{` + chosen + `}[$__rate_interval]))`, "lost races"},
			},
		},
		{
			title: "SQLite: file and log", about: "Size of the file and of its write-ahead log.", unit: "bytes", none: "not on SQLite",
			queries: []query{
				{`vacancy_sqlite_file_bytes{` + chosen + `}`, "file of {{instance}}"},
				{`vacancy_sqlite_wal_bytes{` + chosen + `}`, "log of {{instance}}"},
			},
		},
		{
			title: "SQLite: room on the disk", about: "A person is called at 512 MiB.", unit: "bytes", none: "not on SQLite",
			levels: levels{critical: 512 << 20}, queries: []query{{`vacancy_sqlite_disk_free_bytes{` + chosen + `}`, "{{instance}}"}},
		},
	}},
	{"Limits", []panel{
		{
			title: "Refused", about: "What was over a limit, a second.", unit: "reqps", width: quarter, none: "nothing was refused",
			queries: []query{
				{occurring("limit", "vacancy_limit_refused_total"), "{{limit}}"},
			},
		},
		{
			title: "Clients over a limit", about: "Clients whose next request of the kind is refused.",
			unit: "short", width: quarter, none: "nobody",
			queries: []query{{`sum by (limit) (vacancy_limit_clients_over{` + chosen + `}) > 0`, "{{limit}}"}},
		},
		{
			title: "Addresses without limits by client", about: "Of the last ten minutes. untrusted_peer is most likely a proxy that is " +
				"not named in --trusted-proxies.",
			unit: "short", width: quarter, none: "none", queries: []query{
				{`sum by (reason) (vacancy_limit_unidentified_peers{` + chosen + `})`, "{{reason}}"},
			},
		},
		{
			title: "Largest client", about: "Share of one client in the requests of a minute, if it is more than half of many.",
			unit: "percentunit", max: 1,
			width: quarter, none: "no servers", levels: levels{warning: .5, critical: 1}, queries: []query{
				{`vacancy_limit_dominant_client_share{` + chosen + `}`, "{{instance}}"},
			},
		},
	}},
	{"Servers", []panel{
		{
			kind: figure, title: "Servers that serve", about: "Servers that are up and ready.", unit: "none", width: quarter, queries: []query{
				{`sum(vacancy_ready{` + chosen + `}) or vector(0)`, ""},
			},
		},
		{
			kind: figure, title: "Since the last start", about: "Of that server which was started last.", unit: "s", width: quarter,
			none: "no servers",
			queries: []query{
				{`time() - max(process_start_time_seconds{` + chosen + `})`, ""},
			},
		},
		{
			kind: figure, title: "Certificate ends in", about: "The certificate of --tls-cert that ends first. Those of --acme renew themselves.",
			unit:  "s",
			width: quarter, levels: levels{14 * 86400, 7 * 86400}, none: "no certificate files", queries: []query{
				{`min(vacancy_tls_certificate_expiry_seconds{` + chosen + `})`, ""},
			},
		},
		{
			kind: figure, title: "Alerts not sent, a day",
			about: "Notifications by --alert-command and --alert-webhook that failed or were dropped.",
			unit:  "none", width: quarter, levels: levels{critical: 1}, none: "no servers", queries: []query{
				{`ceil(sum(increase(vacancy_alert_notifications_total{` + chosen + `,outcome=~"failed|dropped"}[1d])))`, ""},
			},
		},
		{
			title: "How full", about: "Share of what there may be, at the fullest server. Alerts: a quarter of the writes, half of the bytes " +
				"for slow readers, nine tenths of readers and connections.",
			unit: "percentunit", max: 1, width: half, none: "no servers", queries: []query{
				{`max(vacancy_desk_waiting_commands{` + chosen + `} / vacancy_desk_waiting_commands_max{` + chosen + `})`, "writes that wait"},
				{`max(vacancy_live_backlog_bytes{` + chosen + `} / vacancy_live_backlog_max_bytes{` + chosen + `})`, "bytes for slow readers"},
				{`max(vacancy_live_readers{` + chosen + `} / vacancy_live_readers_max{` + chosen + `})`, "live readers"},
				{`max(vacancy_connections{` + chosen + `} / vacancy_connections_max{` + chosen + `})`, "connections"},
				{`max(process_open_fds{` + chosen + `} / process_max_fds{` + chosen + `})`, "descriptors"},
			},
		},
		{
			title: "Requests by version", about: "What a new version has of the traffic, and what of it fails.", unit: "reqps", width: half,
			none: "no requests", colors: []color{{"5xx of .*", "red"}}, queries: []query{
				{`sum by (version) (rate(vacancy_http_request_seconds_count{` + chosen + `}[$__rate_interval])` + withVersion + `)`, "{{version}}"},
				{
					`sum by (version) (rate(vacancy_http_request_seconds_count{` + chosen + `,status=~"5.."}[$__rate_interval])` + withVersion + `)`,
					"5xx of {{version}}",
				},
			},
		},
		{
			title: "Processor", about: "Cores that are used.", unit: "short", none: "no servers", queries: []query{
				{`rate(process_cpu_seconds_total{` + chosen + `}[$__rate_interval])`, "{{instance}}"},
			},
		},
		{
			title: "Memory", about: "What the process has in memory.", unit: "bytes", none: "no servers", queries: []query{
				{`process_resident_memory_bytes{` + chosen + `}`, "{{instance}}"},
			},
		},
		{
			title: "Connections, descriptors, goroutines", about: "Of all servers. What grows and does not shrink again is a leak.", unit: "short",
			none: "no servers",
			queries: []query{
				{`sum(vacancy_connections{` + chosen + `})`, "connections"},
				{`sum(process_open_fds{` + chosen + `})`, "descriptors"},
				{`sum(go_goroutines{` + chosen + `})`, "goroutines"},
			},
		},
		{
			title: "Bytes for slow readers", about: "What waits for readers to take it.", unit: "bytes", width: half, none: "no servers",
			queries: []query{
				{`vacancy_live_backlog_bytes{` + chosen + `}`, "{{instance}}"},
			},
		},
		{
			title: "In memory", about: "Days, live queries and venues that are kept by all servers.", unit: "short", width: half, none: "no servers",
			queries: []query{
				{`sum(vacancy_live_day_states{` + chosen + `})`, "days"},
				{`sum(vacancy_live_windows{` + chosen + `})`, "queries"},
				{`sum(vacancy_view_venues{` + chosen + `})`, "venues"},
			},
		},
	}},
}
