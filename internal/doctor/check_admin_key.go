package doctor

import "vacancy/internal/doctor/facts"

// adminKey: somebody can manage the venues.
func adminKey(f *facts.Facts) []Finding {
	switch {
	case f.Settings.AdminKey, f.HasKey != nil && *f.HasKey:
		return []Finding{found(OK, linkKeys, "", "there is a management key")}
	case f.HasKey == nil:
		return []Finding{found(Note, linkKeys, "", "VACANCY_ADMIN_KEY is not set here, and whether the database has a management key was not "+
			"to be seen")}
	}
	return []Finding{found(Warning, linkKeys, "", "there is no management key: venues cannot be managed").
		todo("Set VACANCY_ADMIN_KEY for the servers, as to what openssl rand -hex 24 prints.")}
}
