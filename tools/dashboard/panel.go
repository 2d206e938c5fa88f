package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// Sizes on Grafana's grid of 24 columns.
const (
	figureWidth, figureHeight = 4, 4
	graphWidth, graphHeight   = 8, 8
)

// row is a chapter of the dashboard.
type row struct {
	title  string
	panels []panel
}

// kind is how a panel shows its queries.
type kind int

const (
	graph  kind = iota // lines over time
	figure             // the last value, large, with its course behind it
	states             // bars over time, coloured by what the value means
)

// panel shows some queries.
type panel struct {
	kind               kind
	title, about, unit string
	// width on the grid, if it is not the usual one of the kind.
	width uint32
	// levels are where the value becomes a warning and critical. A graph shows them as dashed lines.
	levels levels
	// max is the upper end of the scale, if it is known. decimals are those of a figure.
	max, decimals float64
	// meanings are those of the values of states.
	meanings map[string]meaning
	// colors are of the lines whose names match a regular expression; the others have Grafana's.
	colors []color
	// none is shown if there is nothing to be shown.
	none    string
	queries []query
}

// levels are where a value is a warning and where it is critical; both 0 is nowhere. If the first is the higher, low values are the bad
// ones.
type levels struct{ warning, critical float64 }

type meaning struct{ text, color string }

type color struct{ names, color string }

type query struct{ expr, legend string }

func (p panel) build() cog.Builder[dashboard.Panel] {
	switch p.kind {
	case figure:
		return p.figure()
	case states:
		return p.states()
	default:
		return p.graph()
	}
}

func (p panel) figure() cog.Builder[dashboard.Panel] {
	b := stat.NewPanelBuilder().Title(p.title).Description(p.about).Unit(p.unit).Datasource(source()).NoValue(p.none).
		Span(p.widthOr(figureWidth)).Height(figureHeight).Decimals(p.decimals).Thresholds(p.levels.thresholds("green")).
		ColorMode(common.BigValueColorModeValue).Targets(p.targets()).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}))
	if p.levels != (levels{}) {
		b = b.ColorMode(common.BigValueColorModeBackground)
	}
	return b
}

func (p panel) graph() cog.Builder[dashboard.Panel] {
	b := timeseries.NewPanelBuilder().Title(p.title).Description(p.about).Unit(p.unit).Datasource(source()).NoValue(p.none).
		Span(p.widthOr(graphWidth)).Height(graphHeight).Min(0).LineWidth(1).FillOpacity(10).ShowPoints(common.VisibilityModeAuto).
		Targets(p.targets()).
		Legend(common.NewVizLegendOptionsBuilder().ShowLegend(true).DisplayMode(common.LegendDisplayModeList).
			Placement(common.LegendPlacementBottom).Calcs([]string{"max"})).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
	if p.max > 0 {
		b = b.Max(p.max)
	}
	if p.levels != (levels{}) {
		b = b.Thresholds(p.levels.thresholds("transparent")).
			ThresholdsStyle(common.NewGraphThresholdsStyleConfigBuilder().Mode(common.GraphThresholdsStyleModeDashed))
	}
	for _, c := range p.colors {
		b = b.OverrideByRegexp(c.names, []dashboard.DynamicConfigValue{
			{Id: "color", Value: map[string]string{"mode": "fixed", "fixedColor": c.color}},
		})
	}
	return b
}

func (p panel) states() cog.Builder[dashboard.Panel] {
	meanings := dashboard.ValueMap{Type: dashboard.MappingTypeValueToText, Options: make(map[string]dashboard.ValueMappingResult)}
	for value, m := range p.meanings {
		meanings.Options[value] = dashboard.ValueMappingResult{Text: &m.text, Color: &m.color}
	}
	return statetimeline.NewPanelBuilder().Title(p.title).Description(p.about).Unit(p.unit).Datasource(source()).NoValue(p.none).
		Span(p.widthOr(graphWidth)).Height(graphHeight).Targets(p.targets()).
		Mappings([]dashboard.ValueMapping{{ValueMap: &meanings}}).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds)).
		MergeValues(true).ShowValue(common.VisibilityModeAuto).RowHeight(0.8).FillOpacity(80).LineWidth(0).
		Legend(common.NewVizLegendOptionsBuilder().ShowLegend(false).DisplayMode(common.LegendDisplayModeList).
			Placement(common.LegendPlacementBottom)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeSingle))
}

func (p panel) widthOr(usual uint32) uint32 {
	if p.width > 0 {
		return p.width
	}
	return usual
}

func (p panel) targets() (all []cog.Builder[variants.Dataquery]) {
	for i, q := range p.queries {
		all = append(all, prometheus.NewDataqueryBuilder().Datasource(source()).
			RefId(string(rune('A'+i))).Expr(q.expr).LegendFormat(q.legend))
	}
	return all
}

// thresholds are the levels as Grafana has them, with the color of what is well.
func (l levels) thresholds(well string) *dashboard.ThresholdsConfigBuilder {
	steps := []dashboard.Threshold{{Color: well}}
	switch {
	case l == levels{}:
	case l.warning > l.critical:
		steps = []dashboard.Threshold{{Color: "red"}, {Value: &l.critical, Color: "yellow"}, {Value: &l.warning, Color: well}}
	case l.warning > 0 && l.warning < l.critical:
		steps = append(steps, dashboard.Threshold{Value: &l.warning, Color: "yellow"}, dashboard.Threshold{Value: &l.critical, Color: "red"})
	default:
		steps = append(steps, dashboard.Threshold{Value: &l.critical, Color: "red"})
	}
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(steps)
}
