package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"vacancy/client"
)

// barber stands for a server with one haircut left.
func barber() *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/venues/barber/services/cut/availability", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, picture)
	})
	mux.HandleFunc("POST /v1/venues/barber/bookings", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Idempotency-Key") != "order-1234-4f1c9b7e02d85a36" {
			w.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(w, `{"code":"slot_unavailable","title":"Somebody was quicker",`+
				`"alternatives":[{"start":"2026-11-24T09:30:00+01:00"}]}`)
			return
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"id":"bk_1","code":"7KQ2-M9XD","status":"confirmed","start":"2026-11-24T09:00:00+01:00"}`)
	})
	mux.HandleFunc("GET /v1/live", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "event: snapshot\nid: e.1.0\ndata: "+picture+"\n\n"+
			`event: delta`+"\n"+`data: {"position":"e.2.0","committed_at":"2026-11-20T10:00:00.000001Z","slots":[`+
			`{"start":"2026-11-24T09:00:00+01:00","end":"2026-11-24T09:30:00+01:00","remaining":0,"capacity":3,"status":"full"}],`+
			`"days":[{"date":"2026-11-24","status":"full"}]}`+"\n\n")
	})
	return httptest.NewServer(mux)
}

const picture = `{"venue":"barber","service":"cut","time_zone":"Europe/Berlin","position":"e.1.0","days":[` +
	`{"date":"2026-11-24","status":"limited","slots":[` +
	`{"start":"2026-11-24T09:00:00+01:00","end":"2026-11-24T09:30:00+01:00","remaining":1,"capacity":3,"status":"limited"}]}]}`

var nextWeek = client.Query{Venue: "barber", Service: "cut", From: "2026-11-24", To: "2026-11-24", PartySize: 1}

func ExampleClient_Availability() {
	server := barber()
	defer server.Close()
	c, err := client.New(server.URL)
	if err != nil {
		panic(err)
	}
	a, err := c.Availability(context.Background(), nextWeek)
	if err != nil {
		panic(err)
	}
	for _, day := range a.Days {
		for _, slot := range day.Slots {
			fmt.Println(day.Date, slot.Start.Format(time.TimeOnly), slot.Remaining, slot.Status)
		}
	}
	// Output: 2026-11-24 09:00:00 1 limited
}

func ExampleClient_Book() {
	server := barber()
	defer server.Close()
	c, err := client.New(server.URL)
	if err != nil {
		panic(err)
	}
	wish := client.NewBooking{
		Service: "cut", Start: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC), PartySize: 1,
		Customer: &client.Customer{Name: "Ada", Email: "ada@example.org"},
	}
	// With a key of your own, a program that crashed in the middle can ask again without booking twice.
	booked, err := c.Book(context.Background(), "barber", wish, client.IdempotencyKey("order-1234-4f1c9b7e02d85a36"))
	if err != nil {
		panic(err)
	}
	fmt.Println(booked.Status, booked.Code)

	_, err = c.Book(context.Background(), "barber", wish)
	if problem, ok := errors.AsType[*client.Problem](err); ok && problem.Code == client.CodeSlotUnavailable {
		fmt.Println(problem.Title+"; how about", problem.Alternatives[0].Start.Format(time.TimeOnly))
	}
	// Output:
	// confirmed 7KQ2-M9XD
	// Somebody was quicker; how about 09:30:00
}

func ExampleClient_Watch() {
	server := barber()
	defer server.Close()
	c, err := client.New(server.URL)
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for event, err := range c.Watch(ctx, nextWeek) {
		if err != nil {
			panic(err)
		}
		fmt.Println(event.Kind, event.State.Availability().Days[0].Status, len(event.Changes))
		if event.Kind == client.Changed {
			break
		}
	}
	// Output:
	// snapshot limited 0
	// delta full 1
}
