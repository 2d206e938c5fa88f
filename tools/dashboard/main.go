// Command dashboard prints the Grafana dashboard of deploy/grafana, as JSON. `make generate` writes it there.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

func main() {
	made, err := build()
	if err != nil {
		fmt.Fprintln(os.Stderr, "dashboard:", err)
		os.Exit(1)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(made); err != nil {
		fmt.Fprintln(os.Stderr, "dashboard:", err)
		os.Exit(1)
	}
}

// Sizes on Grafana's grid of 24 columns.
const (
	statWidth, statHeight   = 4, 4
	graphWidth, graphHeight = 8, 8
)

// build makes the dashboard of what is in panels.go.
func build() (dashboard.Dashboard, error) {
	b := dashboard.NewDashboardBuilder("Vacancy").
		Uid("vacancy").Tags([]string{"vacancy"}).Description("Bookings, live updates, the database, limits and resources of Vacancy servers.").
		Time("now-1h", "now").Refresh("30s").Timezone("browser").Tooltip(dashboard.DashboardCursorSyncCrosshair).
		WithVariable(dashboard.NewDatasourceVariableBuilder("datasource").Label("Prometheus").Type("prometheus")).
		WithVariable(variable("job", "Job", "label_values(vacancy_ready, job)", false)).
		WithVariable(variable("instance", "Server", `label_values(vacancy_ready{job="$job"}, instance)`, true))
	for _, r := range rows {
		b = b.WithRow(dashboard.NewRowBuilder(r.title))
		for _, p := range r.panels {
			b = b.WithPanel(p.build())
		}
	}
	return b.Build()
}

func source() common.DataSourceRef {
	return common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr("${datasource}")}
}

func variable(name, label, query string, several bool) *dashboard.QueryVariableBuilder {
	v := dashboard.NewQueryVariableBuilder(name).Label(label).Datasource(source()).
		Query(dashboard.StringOrMap{String: cog.ToPtr(query)}).Refresh(dashboard.VariableRefreshOnTimeRangeChanged).
		Sort(dashboard.VariableSortAlphabeticalAsc)
	if several {
		v = v.Multi(true).IncludeAll(true).AllValue(".*")
	}
	return v
}

// row is a chapter of the dashboard.
type row struct {
	title  string
	panels []panel
}

// panel shows some queries: one figure, or how they went over time.
type panel struct {
	title, about, unit string
	figure             bool
	// best and worst are the bounds at which a figure becomes yellow and red; which of them is larger says which way is bad.
	best, worst float64
	queries     []query
}

type query struct{ expr, legend string }

func (p panel) build() cog.Builder[dashboard.Panel] {
	if p.figure {
		b := stat.NewPanelBuilder().Title(p.title).Description(p.about).Unit(p.unit).Datasource(source()).
			Span(statWidth).Height(statHeight).Thresholds(p.thresholds()).
			ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}))
		for i, q := range p.queries {
			b = b.WithTarget(q.build(i))
		}
		return b
	}
	b := timeseries.NewPanelBuilder().Title(p.title).Description(p.about).Unit(p.unit).Datasource(source()).
		Span(graphWidth).Height(graphHeight).Min(0).LineWidth(1).FillOpacity(10).ShowPoints(common.VisibilityModeNever).
		Legend(common.NewVizLegendOptionsBuilder().ShowLegend(true).DisplayMode(common.LegendDisplayModeList).
			Placement(common.LegendPlacementBottom)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
	for i, q := range p.queries {
		b = b.WithTarget(q.build(i))
	}
	return b
}

func (p panel) thresholds() *dashboard.ThresholdsConfigBuilder {
	steps := []dashboard.Threshold{{Color: "green"}}
	if p.best < p.worst {
		steps = append(steps, dashboard.Threshold{Value: &p.best, Color: "yellow"}, dashboard.Threshold{Value: &p.worst, Color: "red"})
	} else if p.best > p.worst {
		steps = []dashboard.Threshold{{Color: "red"}, {Value: &p.worst, Color: "yellow"}, {Value: &p.best, Color: "green"}}
	}
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(steps)
}

func (q query) build(i int) *prometheus.DataqueryBuilder {
	return prometheus.NewDataqueryBuilder().Datasource(source()).RefId(string(rune('A' + i))).Expr(q.expr).LegendFormat(q.legend)
}
