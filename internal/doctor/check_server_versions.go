package doctor

import (
	"slices"
	"strings"

	"vacancy/internal/doctor/facts"
)

// serverVersions: all hosts are of one version of PostgreSQL.
func serverVersions(f *facts.Facts) []Finding {
	if f.Postgres == nil {
		return nil
	}
	var versions, majors []string
	for i := range f.Postgres.Hosts {
		if v := f.Postgres.Hosts[i].Version; v != "" {
			major, _, _ := strings.Cut(v, ".")
			versions, majors = append(versions, v), append(majors, major)
		}
	}
	slices.Sort(versions)
	slices.Sort(majors)
	versions = slices.Compact(versions)
	switch {
	case len(slices.Compact(majors)) > 1:
		return []Finding{found(Warning, linkSetUp, "", "the hosts are of different PostgreSQL: %s; a standby cannot follow another major version",
			strings.Join(versions, ", ")).todo("Bring them to one version.")}
	case len(versions) > 1:
		return []Finding{found(Note, linkSetUp, "", "the hosts are of different PostgreSQL: %s", strings.Join(versions, ", ")).
			todo("Bring them to one version, the standbys first.")}
	}
	return nil
}
