package httpapi

import (
	"net/http"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

func (a *api) addServices() {
	const path = "/v1/venues/{venue}/services"
	a.add(&route{
		method: http.MethodGet, path: path, id: "list-services", tag: tagCatalogue,
		summary: "List a venue's services", crossOrigin: true,
		params:  []string{"If-None-Match"},
		answers: []answer{{http.StatusOK, "All services of the venue, by id.", Services{}, "", []string{"ETag"}}, notModified},
		errors:  []string{"not_found"},
		handler: plain((*call).listServices),
	})
	a.add(&route{
		method: http.MethodGet, path: path + "/{service}", id: "get-service", tag: tagCatalogue,
		summary: "Read a service", crossOrigin: true,
		params:  []string{"If-None-Match"},
		answers: []answer{{http.StatusOK, "The service.", Service{}, "", []string{"ETag"}}, notModified},
		errors:  []string{"not_found"},
		handler: plain((*call).getService),
	})
	a.add(&route{
		method: http.MethodPut, path: path + "/{service}", id: "put-service", tag: tagCatalogue,
		summary:     "Create a service or replace its settings",
		description: "What future bookings claim stays as it was when they were made.",
		access:      staff,
		params:      []string{"If-Match", "If-None-Match-Any"},
		answers:     replaced("The service", Service{}),
		errors:      []string{"not_found", "invalid", "precondition_failed"},
		handler:     reads((*call).putService),
	})
	a.add(&route{
		method: http.MethodDelete, path: path + "/{service}", id: "archive-service", tag: tagCatalogue,
		summary: "Archive a service", description: "Refused while it has future bookings.",
		access:  staff,
		params:  []string{"If-Match"},
		answers: []answer{archived},
		errors:  []string{"not_found", "in_use", "precondition_failed"},
		handler: plain((*call).archiveService),
	})
}

func (c *call) listServices() error {
	venue, err := c.venue()
	if err != nil {
		return err
	}
	if _, err := c.openVenue(venue); err != nil {
		return err
	}
	found, err := c.Catalogue.Services(c.r.Context(), venue)
	if err != nil {
		return err
	}
	list := Services{Services: []Service{}}
	for _, s := range found {
		if !s.Archived {
			list.Services = append(list.Services, serviceOf(s))
		}
	}
	return c.tagged(list)
}

func (c *call) getService() error {
	venue, id, err := c.service()
	if err != nil {
		return err
	}
	if _, err := c.openVenue(venue); err != nil {
		return err
	}
	service, err := c.Catalogue.Service(c.r.Context(), venue, id)
	if err == nil && service.Archived {
		err = booking.ErrNotFound
	}
	if err != nil || c.unchanged(revisionTag(service.Revision)) {
		return err
	}
	return c.json(http.StatusOK, serviceOf(service))
}

func (c *call) putService(s ServiceSettings) error {
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
		return s.inItsWords(err)
	}
	return answerSaved(c, saved, saved.Value.Revision, serviceOf(saved.Value))
}

func (c *call) archiveService() error {
	venue, id, err := c.service()
	if err != nil {
		return err
	}
	return c.archive(func(condition desk.Condition) (booking.Position, error) {
		return c.Desk.ArchiveService(c.r.Context(), c.actor, venue, id, condition)
	})
}

// service is the service that the path names.
func (c *call) service() (booking.VenueID, booking.ServiceID, error) {
	venue, err := c.venue()
	if err != nil {
		return "", "", err
	}
	id, err := c.id("service")
	return venue, booking.ServiceID(id), err
}
