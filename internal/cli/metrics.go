package cli

import "vacancy/internal/app"

type metricsCommand struct{}

func (metricsCommand) Run(streams Streams) error {
	_, err := streams.Out.Write(app.MetricsDocument())
	return err
}
