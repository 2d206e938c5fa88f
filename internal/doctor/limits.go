package doctor

import "time"

// Numbers that someone may want to tune, each with its unit and reason.
const (
	// maxSkew is how far two clocks may be apart. Those that are kept by NTP differ by milliseconds; holds last for minutes.
	maxSkew = 2 * time.Second
	// certificateWarning is how long before its end a certificate is warned of, as a server does.
	certificateWarning = 7 * 24 * time.Hour
	// littleDisk, in bytes, is when the alert VacancyDiskFull comes; hardlyDisk is less than a busy hour's bookings and the log of a
	// large transaction.
	littleDisk = 512 << 20
	hardlyDisk = 64 << 20
	// largeLog, in bytes, is several times what a server cuts its log to (64 MiB): something keeps it from being copied into the file.
	largeLog = 512 << 20
	// largeSlot, in bytes, is more than a standby that restarts lets pile up.
	largeSlot = 1 << 30
	// extraConnections is what a server has of PostgreSQL beside --connections: the one that listens, one that asks what its host is, and one
	// for changes of the schema and the like.
	extraConnections = 3
	// widestProxies4 and widestProxies6 are the prefixes of networks, in bits, up to which --trusted-proxies is taken for a mistake: nobody's
	// proxies have more addresses than 10.0.0.0/8, or an operator's allocation of IPv6.
	widestProxies4 = 7
	widestProxies6 = 15
)
