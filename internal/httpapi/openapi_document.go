package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/yaml"
)

// document is the OpenAPI document in YAML, in an order for reading from the top; huma's own is that of the alphabet.
func (a *api) document() ([]byte, error) {
	all := a.huma.OpenAPI()
	ordered, err := json.Marshal(struct {
		OpenAPI    string                    `json:"openapi"`
		Info       *huma.Info                `json:"info"`
		Tags       []*huma.Tag               `json:"tags"`
		Paths      map[string]*huma.PathItem `json:"paths"`
		Webhooks   map[string]*huma.PathItem `json:"webhooks"`
		Components *huma.Components          `json:"components"`
	}{all.OpenAPI, all.Info, all.Tags, all.Paths, all.Webhooks, all.Components})
	if err != nil {
		return nil, fmt.Errorf("encode the OpenAPI document: %w", err)
	}
	var buf bytes.Buffer
	if err := yaml.Convert(&buf, bytes.NewReader(ordered)); err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	return buf.Bytes(), nil
}

// openAnswers lets answers have more fields than they have now, so that one can be added without breaking anybody who validates
// them. What requests are made of stays closed: a field that nobody reads is a mistake.
func (a *api) openAnswers() {
	api := a.huma.OpenAPI()
	closed := make(map[string]bool)
	for _, path := range api.Paths {
		for _, op := range []*huma.Operation{path.Put, path.Post} {
			if op != nil && op.RequestBody != nil {
				for _, media := range op.RequestBody.Content {
					collect(api.Components.Schemas, media.Schema, closed)
				}
			}
		}
	}
	for name, schema := range api.Components.Schemas.Map() {
		if !closed[name] {
			schema.AdditionalProperties = nil
		}
	}
}

// collect notes the names of the schemas that one is made of.
func collect(registry huma.Registry, s *huma.Schema, names map[string]bool) {
	if s == nil {
		return
	}
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		names[name] = true
		s = registry.SchemaFromRef(s.Ref)
	}
	collect(registry, s.Items, names)
	for _, property := range s.Properties {
		collect(registry, property, names)
	}
}
