// Package clean turns what people type and paste into what is stored. Each function takes one kind of field and returns the same
// value in its one spelling: what looks the same afterwards is the same. It refuses nothing; package booking judges what comes out,
// and refuses by itself what was not cleaned. It is pure, and imports the standard library and golang.org/x/text only.
//
//	clean.Line("  Zoe\u0301\u00a0Smith\u200b ")      // "Zoé Smith": names, and other texts of one line
//	clean.Text("Two of us\r\n\twith a dog")          // the same, with its line breaks (as \n) and tabs: notes, descriptions
//	clean.Email("mailto:Ada@EXAMPLE.com\u200b")      // "Ada@example.com"
//	clean.Phone("tel:＋49 30 – 5550\u202c")           // "+49 30 - 5550"
//	clean.Word(" ＥＵＲ\u200b")                        // "EUR": one out of a list, or of a fixed form
//	clean.Period("9:00 – 17:00")                     // "09:00-17:00"
//
// What all of them do:
//
//   - Composed characters (Unicode NFC).
//   - What nobody sees goes: byte order marks, direction marks, zero-width spaces, soft hyphens, fillers, and everything else that
//     Unicode calls a format character or ignorable. What a script or an emoji needs stays: a joiner between two letters of a script
//     that joins, or between two parts of an emoji; a variation selector behind what it varies; the tags of a flag.
//   - Every blank is a space, full-width digits are digits, hyphens of other kinds are hyphens. Blanks around the text go.
//   - CR LF and other line breaks are LF.
//
// Cleaning what is clean changes nothing. Control characters and what is not UTF-8 stay, so that they are refused, not hidden.
package clean
