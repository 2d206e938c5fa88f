package doctor

import "vacancy/internal/doctor/facts"

// runningServer: the server that runs here books, on the database that is in charge.
func runningServer(f *facts.Facts) []Finding {
	s := f.Server
	if s == nil {
		return nil
	}
	charge := inCharge(f)
	switch {
	case !s.Ready:
		return []Finding{found(Note, linkHealth, s.URL, "the server there starts, or has been told to stop")}
	case charge != nil && charge.Identity.Term > s.Term:
		return []Finding{found(Problem, linkTerms, s.URL, "the server there is in term %d, and bookings go on at %s in %s", s.Term, charge.Host,
			charge.Identity).todo("List all hosts in its --database. If it runs with another one on purpose, ask with its settings.")}
	case !s.Writable:
		return []Finding{found(Problem, linkNotWritable, s.URL, "the server there cannot write to its database: nothing is booked").
			todo("Its log says why.")}
	case charge != nil:
		return []Finding{found(OK, linkHealth, s.URL, "the server there books, in term %d", s.Term)}
	}
	return []Finding{found(OK, linkHealth, s.URL, "the server there books")}
}
