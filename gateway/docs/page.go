package docs

import (
	"embed"
	"path"
)

//go:embed page
var pageFiles embed.FS

// Index is the name of the file of the page that a browser begins with.
const Index = "index.html"

// Policy is the Content-Security-Policy of the page: nothing but its own files, and no
// code or style that somebody got into a text.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Page returns a file of the page and its media type; ok is false if there is no such
// file. It asks for the description at ../openapi.json.
func Page(name string) (content []byte, mediaType string, ok bool) {
	content, err := pageFiles.ReadFile(path.Join("page", path.Base(name)))
	if err != nil || path.Base(name) != name {
		return nil, "", false
	}
	switch path.Ext(name) {
	case ".js":
		mediaType = "text/javascript; charset=utf-8"
	case ".css":
		mediaType = "text/css; charset=utf-8"
	case ".svg":
		mediaType = "image/svg+xml"
	case ".html":
		mediaType = "text/html; charset=utf-8"
	}
	return content, mediaType, true
}
