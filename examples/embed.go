// Package examples holds venues to begin with, as the files that `vacancy apply` reads. `vacancy serve --demo` puts all of them on
// its server.
package examples

import "embed"

// Venues has the files at venues/*.yaml.
//
//go:embed venues/*.yaml
var Venues embed.FS
