// Package static holds the browser's files.
package static

import "embed"

// FS holds the files by their path below web/static. The files in vendor come
// from npm: `make assets` puts them there.
//
//go:embed *.css *.svg js all:vendor
var FS embed.FS
