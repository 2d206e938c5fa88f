// Package pages serves the built pages: the calendar's program, the reference of the API, and their assets, each with the headers that
// keep a page to its own server. The files come from package web, or from any other file system.
//
//	p, err := pages.New(pages.Options{Files: web.FS(), Venues: venues, PublicURL: "https://book.example.com"})
//	http.Handle("/", p)                          // the calendar, and its assets
//	http.HandleFunc("GET /docs", p.Docs)
//
// A venue's page is the same program for all venues, with what is its own written into it: title, description, canonical address and
// og: tags for those who run no scripts, words and a contact for visitors without JavaScript, and the first week with the catalogue, so
// that the first times are drawn without another request:
//
//	<script type="application/json" id="vacancy-data">{"now":..., "venue":..., "services":..., "resources":..., "availability":...}</script>
//
// now is the server's time; the others are the bodies of the API's answers to GET /v1/venues/{venue}, its services, its resources, and
// the availability of the service in the query ("?service=", else the first) for its smallest party on seven days from today in the
// venue's zone, or null. "<" is written as \u003c in all of it.
//
// The package imports package booking alone, to know ids and errors.
package pages
