package view

import (
	"cmp"
	"maps"
	"slices"

	"vacancy/internal/booking"
)

// OrderedResources are the venue's resources in the order of its lists, archived ones too.
func (p *Picture) OrderedResources() []booking.Resource {
	return slices.SortedFunc(maps.Values(p.Resources), func(a, b booking.Resource) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.ID, b.ID))
	})
}

// OrderedServices are the venue's services in the order of its lists, archived ones too.
func (p *Picture) OrderedServices() []booking.Service {
	return slices.SortedFunc(maps.Values(p.Services), func(a, b booking.Service) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.ID, b.ID))
	})
}
