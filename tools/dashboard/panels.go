package main

// The filters of queries: of the servers that were chosen, and of the records, which are of a whole job.
const (
	chosen = `job="$job",instance=~"$instance"`
	ofJob  = `job="$job"`
	// writes are the requests that book, confirm, extend and cancel.
	writes = `route=~"POST /v1/venues/{venue}/bookings.*"`
)

// rows are what the dashboard shows. deploy/prometheus/recording.yml has the records (vacancy:...), docs/metrics.md the metrics.
var rows = []row{
	{"At a glance", []panel{
		{
			title: "Bookings possible", about: "Share of the servers' own probe rounds within a day that succeeded.", unit: "percentunit",
			figure: true, best: .9995, worst: .999, queries: []query{{`vacancy:probe:availability1d{` + ofJob + `}`, ""}},
		},
		{
			title: "Bookings failing", about: "Share of bookings of the last hour that were answered with a 5xx. The objective is 0.1 %.",
			unit: "percentunit", figure: true, best: .001, worst: .0144, queries: []query{{`vacancy:bookings_bad:ratio_rate1h{` + ofJob + `}`, ""}},
		},
		{
			title: "Updates late", about: "Share of updates of the last hour that were seen later than a second. The objective is 1 %.",
			unit: "percentunit", figure: true, best: .01, worst: .144, queries: []query{{`vacancy:updates_late:ratio_rate1h{` + ofJob + `}`, ""}},
		},
		{
			title: "Readers", about: "Live connections.", unit: "short", figure: true,
			queries: []query{{`sum(vacancy_live_readers{` + chosen + `})`, ""}},
		},
		{
			title: "Servers that serve", about: "Servers that are up and ready.", unit: "short", figure: true, best: 1, worst: .5,
			queries: []query{{`sum(vacancy_ready{` + chosen + `})`, ""}},
		},
		{
			title: "Conditions", about: "Conditions that servers have found and that need a person. See the runbook.", unit: "short",
			figure: true, best: .5, worst: 1, queries: []query{{`sum(vacancy_alert_active{` + chosen + `}) or vector(0)`, ""}},
		},
	}},
	{"Bookings", []panel{
		{
			title: "Bookings and changes of them", about: "Requests a second, by status.", unit: "reqps",
			queries: []query{{`sum by (status) (rate(vacancy_http_request_seconds_count{` + chosen + `,` + writes + `}[$__rate_interval]))`, "{{status}}"}},
		},
		{
			title: "Time to answer a booking", about: "Quantiles of bookings and of all requests.", unit: "s",
			queries: []query{
				{`histogram_quantile(0.5, sum by (le) (rate(vacancy_http_request_seconds_bucket{` + chosen + `,` + writes + `}[$__rate_interval])))`, "p50"},
				{`histogram_quantile(0.99, sum by (le) (rate(vacancy_http_request_seconds_bucket{` + chosen + `,` + writes + `}[$__rate_interval])))`, "p99"},
				{`histogram_quantile(0.99, sum by (le) (rate(vacancy_http_request_seconds_bucket{` + chosen + `}[$__rate_interval])))`, "p99 of all requests"},
			},
		},
		{
			title: "Problems", about: "Answers that told of a problem, by its code.", unit: "reqps",
			queries: []query{{`sum by (code) (rate(vacancy_http_problems_total{` + chosen + `}[$__rate_interval]))`, "{{code}}"}},
		},
		{
			title: "Transactions", about: "Time of a transaction, its commit included.", unit: "s",
			queries: []query{
				{`histogram_quantile(0.5, sum by (le) (rate(vacancy_desk_transaction_seconds_bucket{` + chosen + `}[$__rate_interval])))`, "p50"},
				{`histogram_quantile(0.99, sum by (le) (rate(vacancy_desk_transaction_seconds_bucket{` + chosen + `}[$__rate_interval])))`, "p99"},
			},
		},
		{
			title: "Queue of writes", about: "Commands that wait, and commits in doubt.", unit: "short",
			queries: []query{
				{`vacancy_desk_waiting_commands{` + chosen + `}`, "waiting at {{instance}}"},
				{`vacancy_desk_commits_in_doubt{` + chosen + `}`, "in doubt at {{instance}}"},
			},
		},
		{
			title: "Commands a transaction", about: "How many share one commit: more is cheaper.", unit: "short",
			queries: []query{{
				`sum(rate(vacancy_desk_transaction_commands_sum{` + chosen + `}[$__rate_interval])) / ` +
					`sum(rate(vacancy_desk_transaction_commands_count{` + chosen + `}[$__rate_interval]))`, "mean",
			}},
		},
		{
			title: "The servers' own probe", about: "Time of a hold and its cancellation, and failures.", unit: "s",
			queries: []query{
				{`histogram_quantile(0.99, sum by (le) (rate(vacancy_probe_round_seconds_bucket{` + chosen + `}[5m])))`, "p99"},
				{`sum(rate(vacancy_probe_rounds_total{` + chosen + `,result="failed"}[$__rate_interval]))`, "failures a second"},
			},
		},
		{
			title: "Budget burning", about: "Share of bad bookings over five minutes and an hour. At 1.44 % a person is called.", unit: "percentunit",
			queries: []query{
				{`vacancy:bookings_bad:ratio_rate5m{` + ofJob + `}`, "5 minutes"},
				{`vacancy:bookings_bad:ratio_rate1h{` + ofJob + `}`, "an hour"},
			},
		},
		{
			title: "All requests", about: "Requests a second, by route.", unit: "reqps",
			queries: []query{{`topk(8, sum by (route) (rate(vacancy_http_request_seconds_count{` + chosen + `}[$__rate_interval])))`, "{{route}}"}},
		},
	}},
	{"Live updates", []panel{
		{
			title: "Update latency", about: "From the commit to a reader's connection. Changes are merged for 50 ms.", unit: "s",
			queries: []query{
				{`histogram_quantile(0.5, sum by (le) (rate(vacancy_live_delivery_age_seconds_bucket{` + chosen + `}[$__rate_interval])))`, "p50"},
				{`histogram_quantile(0.99, sum by (le) (rate(vacancy_live_delivery_age_seconds_bucket{` + chosen + `}[$__rate_interval])))`, "p99"},
				{`histogram_quantile(0.99, sum by (le) (rate(vacancy_live_publish_age_seconds_bucket{` + chosen + `}[$__rate_interval])))`, "p99 of the server's part"},
			},
		},
		{
			title: "Readers", about: "Live connections, and queries whose readers see what may be old.", unit: "short",
			queries: []query{
				{`vacancy_live_readers{` + chosen + `}`, "{{instance}}"},
				{`vacancy_live_stale_readers{` + chosen + `}`, "stale at {{instance}}"},
			},
		},
		{
			title: "Frames", about: "Frames a second to readers, by event; resets by reason.", unit: "short",
			queries: []query{
				{`sum by (event) (rate(vacancy_live_frames_total{` + chosen + `}[$__rate_interval]))`, "{{event}}"},
				{`sum by (reason) (rate(vacancy_live_resets_total{` + chosen + `}[$__rate_interval]))`, "reset: {{reason}}"},
			},
		},
		{
			title: "Waiting for readers", about: "Bytes that wait for slow readers.", unit: "bytes",
			queries: []query{{`vacancy_live_backlog_bytes{` + chosen + `}`, "{{instance}}"}},
		},
		{
			title: "In memory", about: "Days, queries and venues that are kept in memory.", unit: "short",
			queries: []query{
				{`vacancy_live_day_states{` + chosen + `}`, "days at {{instance}}"},
				{`vacancy_live_windows{` + chosen + `}`, "queries at {{instance}}"},
				{`vacancy_view_venues{` + chosen + `}`, "venues at {{instance}}"},
			},
		},
		{
			title: "Behind the database", about: "Time since the memory was known to equal the database, and venues that lag.", unit: "s",
			queries: []query{
				{`vacancy_view_age_seconds{` + chosen + `}`, "{{instance}}"},
				{`vacancy_view_lagging_venues{` + chosen + `}`, "lagging venues at {{instance}}"},
			},
		},
	}},
	{"Database", []panel{
		{
			title: "Answers", about: "1 while the database can be read and written to.", unit: "short",
			queries: []query{
				{`vacancy_database_readable{` + chosen + `}`, "readable at {{instance}}"},
				{`vacancy_database_writable{` + chosen + `}`, "writable at {{instance}}"},
			},
		},
		{
			title: "SQLite: size", about: "The file, its log, and what is left on the disk.", unit: "bytes",
			queries: []query{
				{`vacancy_sqlite_file_bytes{` + chosen + `}`, "file at {{instance}}"},
				{`vacancy_sqlite_wal_bytes{` + chosen + `}`, "log at {{instance}}"},
				{`vacancy_sqlite_disk_free_bytes{` + chosen + `}`, "free at {{instance}}"},
			},
		},
		{
			title: "PostgreSQL: transactions", about: "By how they lock their venues' rows, and races that were lost.", unit: "ops",
			queries: []query{
				{`sum by (locking) (rate(vacancy_postgres_transactions_total{` + chosen + `}[$__rate_interval]))`, "{{locking}}"},
				{`sum(rate(vacancy_postgres_lost_races_total{` + chosen + `}[$__rate_interval]))`, "lost races"},
			},
		},
	}},
	{"Limits", []panel{
		{
			title: "Refused", about: "What was over a limit, a second.", unit: "reqps",
			queries: []query{{`sum by (limit) (rate(vacancy_limit_refused_total{` + chosen + `}[$__rate_interval]))`, "{{limit}}"}},
		},
		{
			title: "Clients over a limit", about: "Clients whose next request of the kind is refused.", unit: "short",
			queries: []query{{`sum by (limit) (vacancy_limit_clients_over{` + chosen + `})`, "{{limit}}"}},
		},
		{
			title: "Connections", about: "Open connections, and how many there may be.", unit: "short",
			queries: []query{
				{`vacancy_connections{` + chosen + `}`, "{{instance}}"},
				{`vacancy_connections_max{` + chosen + `}`, "limit of {{instance}}"},
			},
		},
	}},
	{"Resources", []panel{
		{
			title: "Processor", about: "Cores that are used.", unit: "short",
			queries: []query{{`rate(process_cpu_seconds_total{` + chosen + `}[$__rate_interval])`, "{{instance}}"}},
		},
		{
			title: "Memory", about: "What the process has in memory.", unit: "bytes",
			queries: []query{
				{`process_resident_memory_bytes{` + chosen + `}`, "{{instance}}"},
				{`go_memstats_heap_inuse_bytes{` + chosen + `}`, "heap of {{instance}}"},
			},
		},
		{
			title: "Goroutines and descriptors", about: "Open files and connections, and goroutines.", unit: "short",
			queries: []query{
				{`go_goroutines{` + chosen + `}`, "goroutines of {{instance}}"},
				{`process_open_fds{` + chosen + `}`, "descriptors of {{instance}}"},
			},
		},
	}},
}
