package view

import (
	"context"
	"errors"

	"vacancy/internal/booking"
	"vacancy/internal/store"
)

// errGap: a change does not follow the picture; others are missing between.
var errGap = errors.New("a change is missing")

// errOmits: an older program's change does not state all settings, so the venue is to be read.
var errOmits = errors.New("a change does not state all settings")

// applyMissing reads the changes that follow a picture and applies them. They are not applied if they are too many, do not fit, or are of
// another history than the picture: the change at its revision, which is read with them, is not the last change in it then.
func (v *View) applyMissing(ctx context.Context, e *entry, p *Picture) (next *Picture, applied bool, err error) {
	changes, err := v.config.Store.Changes(ctx, e.id, p.Revision-1, 1+store.MaxChanges)
	if err != nil {
		return nil, false, err
	}
	missing, ok := following(p, changes)
	if !ok || len(missing) == store.MaxChanges {
		return nil, false, nil
	}
	next, applied = v.apply(e, p, missing)
	return next, applied, nil
}

// following are the changes after the first, if the first is the last one in the picture.
func following(p *Picture, changes []booking.Change) (after []booking.Change, ok bool) {
	if len(changes) == 0 || changes[0].Revision != p.Revision || changes[0].Batch != p.Batch {
		return nil, false
	}
	return changes[1:], true
}

// apply applies changes one by one, and returns the last picture; false if one does not fit.
func (v *View) apply(e *entry, p *Picture, changes []booking.Change) (last *Picture, fits bool) {
	for _, c := range changes {
		next, err := p.With(c)
		if err != nil {
			return nil, false
		}
		p = next
		e.picture.Store(p)
		v.listener.Changed(p, c)
	}
	return p, true
}
