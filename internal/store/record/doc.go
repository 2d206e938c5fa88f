// Package record is how stores keep a change's entries and the catalogue's settings as JSON. Records name their fields themselves, so
// that renaming one in the domain does not change what is stored. The venue is that of the row. It imports the
// contract and the domain only.
package record
