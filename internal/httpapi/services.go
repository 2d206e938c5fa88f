package httpapi

import (
	"net/http"

	"vacancy/internal/booking"
)

func (a *api) addServices() {
	const path = "/v1/venues/{venue}/services"
	a.add(&route{
		method: http.MethodGet, path: path, id: "list-services", tag: tagCatalogue,
		summary: "List a venue's services", crossOrigin: true,
		params: []string{"If-None-Match"},
		successes: []success{
			{http.StatusOK, "All services of the venue, by their order, then by id.", Services{}, "", []string{"ETag"}}, notModified,
		},
		errors:  []string{"not_found"},
		handler: noBody((*requestContext).listServices),
	})
	a.add(&route{
		method: http.MethodGet, path: path + "/{service}", id: "get-service", tag: tagCatalogue,
		summary: "Read a service", crossOrigin: true,
		params:    []string{"If-None-Match"},
		successes: []success{{http.StatusOK, "The service.", Service{}, "", []string{"ETag"}}, notModified},
		errors:    []string{"not_found"},
		handler:   noBody((*requestContext).getService),
	})
	a.add(&route{
		method: http.MethodPut, path: path + "/{service}", id: "put-service", tag: tagCatalogue,
		summary: "Create a service or replace its settings",
		description: "What future bookings claim stays as it was when they were made. Refused if it requires other resources than they " +
			"claim, or more: their places would be sold again.",
		access:    staff,
		params:    []string{"If-Match", "If-None-Match-Any", "dry_run"},
		successes: replaced("The service", Service{}),
		errors:    []string{"not_found", "invalid", "nodes_behind", "in_use", "precondition_failed"},
		handler:   withBody((*requestContext).putService),
	})
	a.add(&route{
		method: http.MethodDelete, path: path + "/{service}", id: "archive-service", tag: tagCatalogue,
		summary: "Archive a service", description: "Refused while it has future bookings.",
		access:    staff,
		params:    []string{"If-Match", "dry_run"},
		successes: []success{archived},
		errors:    []string{"not_found", "in_use", "precondition_failed"},
		handler:   noBody((*requestContext).archiveService),
	})
}

func (c *requestContext) listServices() error {
	return listItems(c, c.Catalogue.Services, func(shown []Service) any { return Services{Services: shown} }, serviceItem)
}

func (c *requestContext) getService() error {
	return getItem(c, "service", c.Catalogue.Service, serviceItem)
}

func serviceItem(s booking.Service) item[Service] {
	return item[Service]{revision: s.Revision, archived: s.Archived, json: func() Service { return serviceOf(s) }}
}

func (c *requestContext) putService(s ServiceSettings) error {
	venue, err := c.venue()
	if err != nil {
		return err
	}
	condition, err := c.condition()
	if err != nil {
		return err
	}
	service, err := s.service(venue, booking.ServiceID(c.r.PathValue("service")))
	if err != nil {
		return err
	}
	saved, err := c.Desk.PutService(c.r.Context(), c.actor, service, condition)
	if err != nil {
		return s.inRequestFields(err)
	}
	answer := serviceOf(saved.Value)
	answer.Warnings = warningsOf(saved.Warnings)
	return answerSaved(c, saved, saved.Value.Revision, answer)
}

func (c *requestContext) archiveService() error {
	return archiveItem(c, "service", c.Desk.ArchiveService)
}
