package doctor

// Where the documentation says more. A test looks for each.
const (
	linkSetUp       = "docs/failover.md#set-it-up"
	linkHappens     = "docs/failover.md#what-happens"
	linkUnpromised  = "docs/failover.md#what-it-cannot-promise"
	linkPostgres    = "docs/postgresql.md#start"
	linkUpgrades    = "docs/postgresql.md#upgrades"
	linkServers     = "docs/postgresql.md#several-servers"
	linkSQLite      = "docs/sqlite.md"
	linkDamaged     = "docs/sqlite.md#a-damaged-file"
	linkKeys        = "docs/operations.md#keys"
	linkTLS         = "docs/operations.md#tls"
	linkNames       = "docs/operations.md#names"
	linkHealth      = "docs/operations.md#health-and-metrics"
	linkProbe       = "docs/operations.md#the-servers-own-probe"
	linkAlerts      = "docs/alerts.md"
	linkCopies      = "docs/alerts.md#copies"
	linkCounted     = "docs/limits.md#who-is-counted"
	linkLimits      = "docs/limits.md#the-limits"
	linkDisk        = "docs/runbook.md#vacancydiskfull"
	linkConnections = "docs/runbook.md#vacancyconnectionsnearlimit"
	linkCertificate = "docs/runbook.md#vacancycertificateexpires"
	linkNotTrusted  = "docs/runbook.md#vacancyproxynottrusted"
	linkNotWritable = "docs/runbook.md#vacancydatabasenotwritable"
	linkTerms       = "docs/runbook.md#vacancytermsdiffer"
	linkVersions    = "docs/runbook.md#vacancyversionsdiffer"
)

// runbook is the section of an alert's key.
func runbook(key string) string { return "docs/runbook.md#" + key }
