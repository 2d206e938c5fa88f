// Package doctor judges an installation: what its settings, its machine and its database promise, and what they cannot. It says each in a
// plain sentence, with what to do and where to read on.
//
//	report := doctor.Examine(ctx, facts.Facts{...}, collectors...)
//	if !report.Clean() {
//		fmt.Print(report)
//	}
//
// Collectors of package facts look, and only look. A [Check] is a pure function of what they have found, so it is tested with a table, each
// row a fixture of its fault. To add one: a function in a file check_WHAT.go, its table in check_WHAT_test.go, and its line in [Checks].
// What it needs to know that nobody collects yet is a field of package facts.
package doctor
