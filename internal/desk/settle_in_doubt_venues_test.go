package desk_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// One transaction writes to several venues, some of which it creates: in doubt they share one fate.
func TestVenuesInDoubtShareTheirFate(t *testing.T) {
	t.Parallel()
	for name, venues := range map[string]string{
		"all exist":    "old-a old-b",
		"all are new":  "new-a new-b",
		"some are new": "new-a old-b",
		"one of three": "new-a old-b new-c",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSalon(t, undecorated)
			furnish(t, s.node, "a")
			for how, plan := range doubts {
				s.shareFate(t, strings.Fields(venues), strings.NewReplacer(",", "", " ", "-").Replace(how), plan)
			}
		})
	}
}

func (s *salon) shareFate(t *testing.T, venues []string, how string, plan []turn) {
	t.Helper()
	before := make([]booking.Revision, len(venues))
	for i := range venues {
		if strings.HasPrefix(venues[i], "old") {
			before[i] = 1
			_, err := s.PutVenue(t.Context(), staff, venueNamed(venues[i]+"-"+how, "Old"), desk.Condition{})
			must(t, err)
		}
	}
	s.doubtful.follow(append([]turn{{}}, plan...)...) // the first turn is that of what holds the lane
	release := s.hold(t)
	wait := s.line(t, len(venues), func(i int) error {
		_, err := created(s.PutVenue(t.Context(), staff, venueNamed(venues[i]+"-"+how, "New"), desk.Condition{Absent: before[i] == 0}))
		if before[i] == 1 && errors.Is(err, errNotNew) {
			return nil
		}
		return err
	})
	release()
	for i, err := range wait() {
		if err != nil {
			t.Errorf("%s: %s: %v", how, venues[i], err)
		}
	}
	s.doubtful.follow()
	s.doubtful.arrive(t.Context())
	for i, venue := range venues {
		changes, err := s.store.Changes(t.Context(), booking.VenueID(venue+"-"+how), before[i], 100)
		must(t, err)
		effects := slices.DeleteFunc(changes, func(c booking.Change) bool { return len(c.Entries) == 0 })
		if len(effects) != 1 {
			t.Errorf("%s: %s has %d effects", how, venue, len(effects))
		}
	}
}

func venueNamed(id, name string) booking.Venue {
	return booking.Venue{ID: booking.VenueID(id), Name: name, TimeZone: "UTC"}
}

// While nobody could be asked, the venue went on for more changes than are handed out at once: what took the revision is looked up.
func TestDoubtOfLongAgo(t *testing.T) {
	t.Parallel()
	s := newSalon(t, withoutChanges)
	venues := numbered(len(doubts))
	s.furnishFor(t, deeds["book"], venues...)
	for i, how := range slices.Sorted(maps.Keys(doubts)) {
		if err := s.check(t, venues[i], deeds["book"], doubts[how]); err != nil {
			t.Errorf("%s: %v", how, err)
		}
	}
}

// A fence is a change like others: a node that has seen it and one that has not go on from there.
func TestFenceDisturbsNobody(t *testing.T) {
	t.Parallel()
	s := newSalon(t, undecorated)
	furnish(t, s.node, "a", "b")
	other := s.open(t, hiddenDue{s.store})
	was := other.revision(t, "barber")
	s.doubtful.follow(turn{loss: before})
	made, err := s.Book(t.Context(), anybody, request(at(10, 0)))
	must(t, err)
	if made.Position.Revision != was+2 || s.revision(t, "barber") != was+2 {
		t.Errorf("a fence and a booking led from revision %d to %d", was, made.Position.Revision)
	}
	again, err := other.Book(t.Context(), anybody, request(at(10, 0)))
	must(t, err)
	if again.Position.Revision != was+3 || other.revision(t, "barber") != was+3 {
		t.Errorf("the other node went on from revision %d to %d", was+2, again.Position.Revision)
	}
}
