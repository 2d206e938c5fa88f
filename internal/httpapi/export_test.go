package httpapi

import "github.com/danielgtaylor/huma/v2"

// Document is the OpenAPI document as huma keeps it, with all schemas closed: an answer with a field that is not described is found.
func Document() *huma.OpenAPI {
	document := newAPI(Config{}).huma.OpenAPI()
	for _, schema := range document.Components.Schemas.Map() {
		schema.AdditionalProperties = false
	}
	return document
}

// Codes are those of the error table.
func Codes() []string {
	codes := []string{internal.code}
	for _, m := range meanings {
		codes = append(codes, m.code)
	}
	return codes
}
