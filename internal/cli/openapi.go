package cli

import "vacancy/internal/app"

type openapiCommand struct{}

func (openapiCommand) Run(streams Streams) error {
	document, err := app.OpenAPI()
	if err != nil {
		return err
	}
	_, err = streams.Out.Write(document)
	return err
}
