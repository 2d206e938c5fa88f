package failover

import (
	"fmt"
	"time"
)

// Alert is something that a person must know. Key is the same on every node; Host tells apart several of one key.
type Alert struct {
	Key, Host string
	// Urgent: nothing can be booked, or a promise is at stake.
	Urgent bool
	Text   string
}

// Keys of alerts. docs/runbook.md has a section for each.
const (
	AlertLost          = "database_lost"
	AlertDown          = "database_down"
	AlertReadOnly      = "database_read_only"
	AlertFailedOver    = "database_failed_over"
	AlertLeft          = "database_left_is_writable"
	AlertForked        = "database_histories_forked"
	AlertHistoryLost   = "database_history_lost"
	AlertClosed        = "database_closed"
	AlertElsewhere     = "database_moved"
	AlertForeign       = "database_of_another_installation"
	AlertNoIdentity    = "database_without_identity"
	AlertEarlier       = "database_of_an_earlier_term"
	AlertLaterTerm     = "database_of_a_later_term"
	AlertSecond        = "database_second_writable"
	AlertUnseen        = "database_hosts_unseen"
	AlertProbation     = "database_came_back"
	AlertBackupUnfit   = "database_backup_unfit"
	AlertNoBackup      = "database_without_backup"
	AlertNoSynchronous = "database_waits_for_no_standby"
	AlertFailedToMove  = "database_takeover_failed"
)

const allowHint = "; to go on with it, run vacancy failover allow --database URL"

func (i Identity) String() string {
	if !i.Known() {
		return "no identity"
	}
	return fmt.Sprintf("term %d (%s)", i.Term, i.Epoch())
}

func warn(key, host, format string, args ...any) Alert {
	return Alert{Key: key, Host: host, Text: fmt.Sprintf(format, args...)}
}

func urgent(key, host, format string, args ...any) Alert {
	return Alert{Key: key, Host: host, Urgent: true, Text: fmt.Sprintf(format, args...)}
}

func seconds(d time.Duration) string { return d.Round(time.Second).String() }
