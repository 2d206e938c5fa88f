package doctor

import (
	"fmt"
	"slices"
	"strings"

	"vacancy/internal/doctor/facts"
	"vacancy/internal/failover"
)

// replication: every acknowledgement includes every standby that may be promoted. With less, a booking that was confirmed may be gone
// after a failover.
func replication(f *facts.Facts) []Finding {
	primary := inCharge(f)
	if primary == nil || primary.State != failover.Writable {
		return nil
	}
	standbys, hidden := standbysOf(f, primary)
	if primary.SynchronousStandbyNames == "" {
		return []Finding{asynchronous(primary, standbys, len(f.Postgres.Hosts))}
	}
	names, err := parseSyncNames(primary.SynchronousStandbyNames)
	if err != nil {
		return []Finding{found(Warning, linkSetUp, primary.Host, "its synchronous_standby_names = '%s' cannot be judged: %v",
			primary.SynchronousStandbyNames, err).todo("Write it as 'FIRST 1 (name)'.")}
	}
	if hidden {
		return []Finding{found(Warning, linkSetUp, primary.Host, "it waits for standbys ('%s') and does not show user %q which: whether every "+
			"acknowledgement is on all of them cannot be told", primary.SynchronousStandbyNames, f.Postgres.User).
			todo("GRANT pg_monitor TO %s, and ask again.", f.Postgres.User)}
	}
	if missing := waitsInVain(primary, names); missing > 0 {
		return []Finding{found(Problem, linkPostgres, primary.Host, "its commits wait for %s ('%s'), and %d of them are not there: "+
			"bookings wait, and end with outcome_unknown", count(names.count, "standby"), primary.SynchronousStandbyNames, missing).
			todo("Start the standbys, or name those that are there in synchronous_standby_names.")}
	}
	return acknowledged(primary, names, standbys)
}

func asynchronous(primary *facts.Host, standbys []standby, hosts int) Finding {
	if len(standbys) == 0 && hosts == 1 {
		return found(Note, linkSetUp, primary.Host, "no standby follows it: if its disk is lost, so is what was booked since the last backup")
	}
	return found(Warning, linkUnpromised, primary.Host, "it waits for no standby when it commits: bookings that were confirmed within the "+
		"last moments before a failover may be gone").
		todo("Set synchronous_standby_names so that every standby that may be promoted is in every acknowledgement, and --require-standby; or " +
			"accept the loss, which vacancy verify --against lists.")
}

// waitsInVain is how many of the standbys that a commit waits for are not connected.
func waitsInVain(primary *facts.Host, names syncNames) int {
	there := 0
	for i := range primary.Followers {
		if r := &primary.Followers[i]; r.State == "streaming" && names.lists(r.Name) {
			there++
		}
	}
	return names.count - there
}

// acknowledged judges each standby that may be promoted.
func acknowledged(primary *facts.Host, names syncNames, standbys []standby) (all []Finding) {
	setting, always := primary.SynchronousStandbyNames, names.always(followerNames(primary))
	var included []string
	for _, s := range standbys {
		label := s.label()
		switch {
		case s.follower == nil:
			all = append(all, found(Warning, linkSetUp, label, "%s is not seen to send to it (%s): it may lack bookings that were confirmed, "+
				"and be promoted", primary.Host, source(s.host)).
				todo("Have it follow %s with an application_name of its own that synchronous_standby_names lists.", primary.Host))
		case !names.lists(s.name):
			all = append(all, found(Warning, linkSetUp, label, "%s does not wait for it ('%s' does not list %q): it may lack bookings that were "+
				"confirmed, and be promoted", primary.Host, setting, s.name).
				todo("Name it in synchronous_standby_names, or see to it that it is never promoted."))
		case !always && !names.any && s.follower.SyncState == "sync":
			all = append(all, found(Warning, linkSetUp, label, "it has every booking that %s acknowledges while it is connected; '%s' is satisfied "+
				"without it while it is away, and it may be promoted then", primary.Host, setting).todo("%s", cureOf(standbys)))
		case !always:
			all = append(all, found(Warning, linkSetUp, label, "%s may acknowledge a booking that it does not have ('%s' is satisfied without "+
				"it), and it may be promoted", primary.Host, setting).todo("%s", cureOf(standbys)))
		default:
			included = append(included, label)
		}
	}
	if len(included) > 0 {
		all = append(all, found(OK, linkSetUp, primary.Host, "every acknowledgement is on %s ('%s')", strings.Join(included, " and "), setting))
	}
	if len(standbys) == 0 {
		all = append(all, found(Note, linkSetUp, primary.Host, "every acknowledgement is on what '%s' names, and no standby that could be "+
			"promoted is among them", setting))
	}
	return all
}

// source says from where a standby gets what is written.
func source(h *facts.Host) string {
	switch {
	case h.Receiver == nil:
		return "it gets nothing from anybody"
	case h.Receiver.SenderHost == "":
		return "it does not show what it follows"
	}
	return fmt.Sprintf("it follows %s:%d and is %s", h.Receiver.SenderHost, h.Receiver.SenderPort, h.Receiver.Status)
}

// cureOf says which setting would include all.
func cureOf(standbys []standby) string {
	quoted := make([]string, 0, len(standbys))
	for _, s := range standbys {
		name := `"` + strings.ReplaceAll(s.name, `"`, `""`) + `"`
		if s.name == "" || slices.ContainsFunc(quoted, func(other string) bool { return strings.EqualFold(other, name) }) {
			return "Give each standby an application_name of its own, then name all of them in synchronous_standby_names = 'FIRST n (...)'."
		}
		quoted = append(quoted, name)
	}
	return fmt.Sprintf("Set synchronous_standby_names = 'FIRST %d (%s)': bookings then wait while one of them is away. Or promote only the "+
		"one that has got the furthest.", len(quoted), strings.Join(quoted, ", "))
}
