package doctor

// Checks are all that there are, in the order in which a report lists those that matter as much.
func Checks() []Check {
	return []Check{
		// The database in charge, and what a failover may rely on.
		{"hosts", hostsAnswer},
		{"start", startDecision},
		{"histories", histories},
		{"closed", closedDatabases},
		{"identity", identityShown},
		{"durability", durability},
		{"replication", replication},
		{"standby_names", standbyNames},
		{"require_standby", requireStandby},
		{"promotion", promotion},
		{"backups", backups},
		{"unnamed_standbys", unnamedStandbys},
		{"state_file", stateFile},
		{"clock", clocks},
		{"slots", slots},
		// The server that runs here.
		{"running_server", runningServer},
		{"server_alerts", serverAlerts},
		{"untrusted_peers", untrustedPeers},
		// Servers beside each other.
		{"nodes", nodes},
		{"connections", databaseConnections},
		{"server_versions", serverVersions},
		{"schema", schema},
		{"database_encryption", databaseEncryption},
		// The file of SQLite.
		{"sqlite_file", sqliteFile},
		{"sqlite_permissions", sqlitePermissions},
		{"sqlite_place", sqlitePlace},
		{"sqlite_disk", sqliteDisk},
		{"sqlite_log", sqliteLog},
		{"sqlite_journal", sqliteJournal},
		// Settings and machine.
		{"plain_http", plainHTTP},
		{"certificate", certificate},
		{"public_url", publicURL},
		{"trusted_proxies", trustedProxies},
		{"admin_listen", adminListen},
		{"admin_key", adminKey},
		{"limits", clientLimits},
		{"descriptors", descriptors},
		{"alerts", alerts},
		{"probe", probe},
		{"retention", retention},
	}
}
