package httpapi

import (
	"net/http"
	"sync"
)

// addDocs mounts what is about the API rather than of it, and so stands in no document: the document itself and its reader.
func (a *api) addDocs() {
	document := sync.OnceValues(a.document)
	a.mux.Handle("GET /openapi.yaml", a.counted(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := document()
		if err != nil {
			a.fail(w, r, err)
			return
		}
		c := &requestContext{api: a, w: w, r: r}
		w.Header()["Vary"] = varyEncoding
		if c.notModified(contentTag(text)) {
			return
		}
		w.Header()["Content-Type"] = []string{"application/yaml"}
		c.writeCompressible(http.StatusOK, text)
	})))
	a.mux.Handle("GET /docs", a.counted(a.Docs))
}
