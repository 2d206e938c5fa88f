package doctor

import (
	"fmt"
	"slices"
	"strings"

	"vacancy/internal/booking"
	"vacancy/internal/doctor/facts"
)

// nodes: which servers use the database, and whether they are of one level.
func nodes(f *facts.Facts) []Finding {
	h := inCharge(f)
	if h == nil {
		return nil
	}
	live := liveNodes(f.Postgres, h)
	if len(live) == 0 {
		return []Finding{found(Note, linkServers, h.Host, "no server uses the database: none has written a heartbeat within %s",
			f.Postgres.LiveFor)}
	}
	var levels []string
	for _, n := range live {
		levels = append(levels, fmt.Sprintf("%d", n.Level))
	}
	slices.Sort(levels)
	levels = slices.Compact(levels)
	if len(levels) > 1 {
		return []Finding{found(Note, linkVersions, h.Host, "%s of levels %s use the database side by side: settings that need the higher one "+
			"are refused until the older servers are gone", count(len(live), "server"), strings.Join(levels, ", ")).
			todo("Replace the older servers, if this is not a rollout that is under way.")}
	}
	all := []Finding{found(OK, linkServers, h.Host, "%s of level %s: heartbeats come", count(len(live), "server"), levels[0])}
	if slices.ContainsFunc(live, func(n facts.Node) bool { return n.Level > max(f.Level, booking.Level(1)) }) {
		all = append(all, found(Note, linkVersions, h.Host, "the servers know more than this program: it may not judge them rightly").
			todo("Use the doctor of their version."))
	}
	return all
}

// liveNodes are the servers that have been seen lately, by the host's own clock.
func liveNodes(p *facts.Postgres, h *facts.Host) (live []facts.Node) {
	for _, n := range h.Nodes {
		if h.Now.Sub(n.Seen) <= p.LiveFor {
			live = append(live, n)
		}
	}
	return live
}
