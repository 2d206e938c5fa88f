package doctor

import "vacancy/internal/doctor/facts"

// schema: this program can use the schema that is there.
func schema(f *facts.Facts) []Finding {
	if f.Schema == nil {
		return nil
	}
	s := f.Schema
	switch {
	case s.Fault != "":
		return []Finding{found(Problem, linkUpgrades, "", "this program cannot use the database: %s", s.Fault).
			todo("Use a program of the version that the servers have, or newer; what is missing comes back from a backup.")}
	case s.Version < s.Known:
		return []Finding{found(Note, linkUpgrades, "", "the schema has version %d: the next start of a server like this one brings it to %d",
			s.Version, s.Known)}
	case s.Version > s.Known:
		return []Finding{found(Note, linkUpgrades, "", "the schema has version %d, which a newer program has made and this one, which knows %d, "+
			"may run on", s.Version, s.Known)}
	}
	return []Finding{found(OK, linkUpgrades, "", "the schema has version %d, which this program knows", s.Version)}
}
