// Package web holds the built pages: the list of venues, the live calendar, a booking's own page and the API reference.
// The sources live beside this file and are built with npm; the result in dist is committed, so that building the server
// needs nothing but Go.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// FS is the root of the built pages: index.html for every page of the application, docs.html for the API reference, and
// their scripts, styles and images under assets/, whose names change with their content.
func FS() fs.FS {
	pages, err := fs.Sub(dist, "dist")
	if err != nil { // fs.Sub fails only on an invalid path, and this one is a constant.
		panic(err)
	}
	return pages
}
