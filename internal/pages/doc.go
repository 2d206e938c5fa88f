// Package pages serves the built pages: the calendar's program, the reference of the API, and their assets, each with the headers that
// keep a page to its own server. The files come from package web, or from any other file system.
//
//	p, err := pages.New(web.FS())
//	http.Handle("/", p)                          // the calendar, and its assets
//	http.HandleFunc("GET /docs", p.Docs)
//
// It imports package booking alone, to know what a venue's address looks like.
package pages
