// Package wire is the form of availability outside of the server: the JSON of snapshots and deltas, which GET and all live readers
// share, the text of server-sent events, and the query as it stands in an address or a message. It imports live and booking.
//
//	query, position, err := wire.ParseQuery(r.URL.Query())
//	body := wire.JSON(frame)           // a GET's body, or the data of a message
//	event := wire.EventStream(frame)   // the same as a server-sent event
//
// A frame is encoded once, when the first reader needs it. The bytes are shared by all others: do not change them. The JSON is written
// by hand, because every member is a number, a time, or a word whose alphabet needs no escapes (ids, zones, statuses); [Availability]
// is its description, for the API's document, and a test holds the two together.
package wire
