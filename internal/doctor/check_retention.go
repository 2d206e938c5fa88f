package doctor

import "vacancy/internal/doctor/facts"

// retention: the database does not grow for ever.
func retention(f *facts.Facts) []Finding {
	if f.Settings.ChangesRetention != 0 {
		return nil
	}
	return []Finding{found(Note, linkDisk, "", "the record of each change is kept whole for ever (--changes-retention=0): the database "+
		"grows with every booking").todo("Set --changes-retention, or see that there is room.")}
}
