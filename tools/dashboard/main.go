// Command dashboard prints the Grafana dashboard of deploy/grafana, as JSON. `make generate` writes it there.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
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

// build makes the dashboard of the rows of panels.go.
func build() (dashboard.Dashboard, error) {
	b := dashboard.NewDashboardBuilder("Vacancy").
		Uid("vacancy").Tags([]string{"vacancy"}).
		Description("Bookings, live updates, events, the database, limits and resources of Vacancy servers.").
		Time("now-1h", "now").Refresh("30s").Timezone("browser").Tooltip(dashboard.DashboardCursorSyncCrosshair).
		WithVariable(dashboard.NewDatasourceVariableBuilder("datasource").Label("Prometheus").Type("prometheus")).
		WithVariable(variable("job", "Job", "label_values(vacancy_ready, job)", false)).
		WithVariable(variable("instance", "Server", `label_values(vacancy_ready{job="$job"}, instance)`, true))
	for _, a := range annotations {
		b = b.Annotation(a.build())
	}
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

// annotation marks moments on every graph. With timeIsValue the moment is the value of the expression, in ms, instead of its time.
type annotation struct {
	name, expr, title, color string
	timeIsValue              bool
}

func (a annotation) build() cog.Builder[dashboard.AnnotationQuery] {
	b := dashboard.NewAnnotationQueryBuilder().Name(a.name).Datasource(source()).Enable(true).IconColor(a.color).
		Expr(a.expr).TitleFormat(a.title).TextFormat("{{instance}}")
	if a.timeIsValue {
		b = b.UseValueForTime(true)
	}
	return b
}
