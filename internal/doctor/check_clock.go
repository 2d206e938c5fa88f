package doctor

import (
	"fmt"
	"time"

	"vacancy/internal/doctor/facts"
)

// clocks: the machines agree on the time. Holds, notice and horizon are judged by the clock of the host in charge; after a failover that is
// another.
func clocks(f *facts.Facts) (all []Finding) {
	if f.Postgres == nil {
		return nil
	}
	charge, compared := inCharge(f), 0
	for i := range f.Postgres.Hosts {
		h := &f.Postgres.Hosts[i]
		if !answers(h) {
			continue
		}
		compared++
		other, skew, inaccuracy := "this machine's", h.Skew, h.SkewError
		if charge != nil && h.Host != charge.Host {
			other, skew, inaccuracy = "that of "+charge.Host, h.Skew-charge.Skew, h.SkewError+charge.SkewError
		}
		if skew.Abs() <= maxSkew+inaccuracy {
			continue
		}
		all = append(all, found(Warning, linkServers, h.Host, "its clock is %s %s: by that much holds end early or late after a failover, and "+
			"the log's times are off", difference(skew), other).todo("Have all machines keep their time by NTP."))
	}
	if len(all) == 0 && compared > 0 {
		all = append(all, found(OK, linkServers, "", "the clocks of the hosts that answer and of this machine agree within %s", maxSkew))
	}
	return all
}

// difference is how far a clock is from another, for people.
func difference(skew time.Duration) string {
	word := "ahead of"
	if skew < 0 {
		word = "behind"
	}
	return fmt.Sprintf("%s %s", skew.Abs().Round(100*time.Millisecond), word)
}
