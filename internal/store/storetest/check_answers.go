package storetest

import (
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

var answerChecks = []check{
	{"answers/kept for repeats", answerKept},
	{"answers/with the revision of their change", answerRevision},
	{"answers/lifetime", answerLifetime},
	{"answers/one for a key", answerOne},
	{"answers/swept", answerSwept},
}

// answer makes a change that keeps answers.
func (f *Fixture) answer(venue booking.VenueID, answers ...booking.Answer) {
	f.Helper()
	f.Change(venue, func(d *Draft) {
		d.PutVenue(SampleVenue(venue))
		d.Answers = answers
	})
}

func (f *Fixture) answersFound(venue booking.VenueID, keys ...booking.AnswerKey) map[booking.AnswerKey]booking.Answer {
	f.Helper()
	return f.Find(store.Need{Venue: venue, Answers: keys}).Answers
}

// sameAnswers compares how many there are, and each with the one of its key, kept at the revision.
func (f *Fixture) sameAnswers(
	what string, got map[booking.AnswerKey]booking.Answer, revision booking.Revision, want ...booking.Answer,
) {
	f.Helper()
	f.same(what+": how many", len(got), len(want))
	for _, a := range want {
		a.Revision = revision
		f.same(what, got[a.Key], a)
	}
}

func answerKept(f *Fixture) {
	one, two := SampleAnswer(1, Morning), SampleAnswer(2, Morning.Add(time.Microsecond))
	f.answer("salon", one, two)
	unknown := SampleAnswer(3, Morning).Key
	f.sameAnswers("answers", f.answersFound("salon", one.Key, unknown, two.Key), 1, one, two)
	f.sameAnswers("one answer", f.answersFound("salon", two.Key), 1, two)
	f.answer("barber", SampleAnswer(4, Morning))
	f.sameAnswers("answers of another venue", f.answersFound("barber", one.Key, two.Key), 1)
	f.answer("barber", one)
	f.sameAnswers("the same key in another venue", f.answersFound("barber", one.Key), 2, one)
}

// answerRevision has each of several changes keep answers, which say that they are of another.
func answerRevision(f *Fixture) {
	f.PutCatalogue("salon")
	for n := range 3 {
		one, two := SampleAnswer(2*n, Morning), SampleAnswer(2*n+1, Morning)
		one.Revision, two.Revision = 77, 1
		f.Change("salon", func(d *Draft) {
			d.Book(SampleBooking("salon", n, Slot, Chair1))
			d.Answers = []booking.Answer{one, two}
		})
	}
	for n := range 3 {
		one, two := SampleAnswer(2*n, Morning), SampleAnswer(2*n+1, Morning)
		f.sameAnswers("answers of a change", f.answersFound("salon", one.Key, two.Key), booking.Revision(2+n), one, two)
	}
}

func answerLifetime(f *Fixture) {
	a := SampleAnswer(1, Morning)
	f.answer("salon", a)
	f.Clock.Set(Morning.Add(booking.AnswerLifetime))
	f.sameAnswers("at the end of its lifetime", f.answersFound("salon", a.Key), 1, a)
	f.Clock.Advance(time.Microsecond)
	f.sameAnswers("past its lifetime", f.answersFound("salon", a.Key), 0)
	// It need not be swept before the key serves again.
	again := a
	again.CreatedAt, again.Sealed = f.Clock.Now(), []byte("again")
	f.answer("salon", again)
	f.sameAnswers("of a key used again", f.answersFound("salon", a.Key), 2, again)
}

func answerOne(f *Fixture) {
	a := SampleAnswer(1, Morning)
	f.answer("salon", a)
	f.Clock.Advance(time.Hour)
	err := TryChange(f.Context(), f.Store, store.Need{Venue: "salon"}, func(d *Draft) error {
		other := SampleAnswer(1, f.Clock.Now())
		other.Sealed = []byte("another")
		d.PutVenue(SampleVenue("salon"))
		d.Answers = []booking.Answer{SampleAnswer(2, f.Clock.Now()), other}
		return nil
	})
	f.fails("a second answer for a key", err, store.ErrRejected)
	f.sameAnswers("answers", f.answersFound("salon", a.Key, SampleAnswer(2, Morning).Key), 1, a)
	f.same("revision", f.Revision("salon"), booking.Revision(1))
}

func answerSwept(f *Fixture) {
	keys := make([]booking.AnswerKey, 0, 6)
	for n := range 6 {
		a := SampleAnswer(n, Morning.Add(time.Duration(n)*time.Minute))
		f.answer([]booking.VenueID{"salon", "barber"}[n%2], a)
		keys = append(keys, a.Key)
	}
	f.Clock.Set(Morning.Add(booking.AnswerLifetime + 3*time.Minute)) // 0, 1 and 2 are past theirs, 3 is at its end
	for _, want := range []int{2, 1, 0} {
		swept, err := f.Store.SweepAnswers(f.Context(), 2)
		f.must("sweep", err)
		f.same("number of answers swept", swept, want)
	}
	f.Clock.Set(Morning.Add(time.Hour)) // back to when all lived
	f.same("number of answers left in the salon", len(f.answersFound("salon", keys...)), 1)
	f.same("number of answers left at the barber", len(f.answersFound("barber", keys...)), 2)
}
