package rest

import (
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"tetherd/gateway"
	"tetherd/gateway/access"
	"tetherd/gateway/docs"
)

// docsRoutes lists what describes the API. It is for everybody who can log in.
func (s *server) docsRoutes() []route {
	at := func(h handler, paths ...string) route {
		return route{method: "GET", paths: paths, handle: h, scope: access.All}
	}
	return []route{
		at(s.specYAML, "/openapi.yaml", "/docs/openapi.yaml"),
		at(s.specJSON, "/openapi.json", "/docs/openapi.json"),
		at(s.openDocs, "/docs"),
		at(s.docsFile, "/docs/{file}"),
	}
}

// specYAML is GET /openapi.yaml.
func (s *server) specYAML(w http.ResponseWriter, _ *http.Request) error {
	b, err := s.spec.YAML()
	if err != nil {
		return err
	}
	return replyFile(w, b, "application/yaml")
}

// specJSON is GET /openapi.json.
func (s *server) specJSON(w http.ResponseWriter, _ *http.Request) error {
	b, err := s.spec.JSON()
	if err != nil {
		return err
	}
	return replyFile(w, b, "application/json")
}

// openDocs is GET /docs: the names in the page are beside it.
func (s *server) openDocs(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Location", path.Join(r.URL.EscapedPath(), docs.Index))
	w.WriteHeader(http.StatusMovedPermanently)
	return nil
}

// docsFile is GET /docs/{file}.
func (s *server) docsFile(w http.ResponseWriter, r *http.Request) error {
	b, mediaType, ok := docs.Page(r.PathValue("file"))
	if !ok {
		return &gateway.Error{Code: gateway.NotFound, Message: "there is no such page; the documentation begins at /docs/" + docs.Index}
	}
	w.Header().Set("Content-Security-Policy", docs.Policy)
	return replyFile(w, b, mediaType)
}

func replyFile(w http.ResponseWriter, b []byte, mediaType string) error {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(b) // the client may be gone
	return nil
}

// leavesDocs reports whether a path goes up from within the documentation, which is
// refused and not followed, as the API has it.
func leavesDocs(path string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool {
		rest, ok := strings.CutPrefix(path, prefix+"/docs/")
		return ok && slices.Contains(strings.Split(rest, "/"), "..")
	})
}
