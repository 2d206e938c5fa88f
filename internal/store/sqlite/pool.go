package sqlite

import (
	"context"
	"errors"
)

// readers are the connections that read, each on its own. Who reads takes one for the whole call and needs no other meanwhile: were
// a second one ever needed, callers that hold them all could wait for each other for ever.
type readers struct {
	source source
	// free has a place for each connection; nil stands for one that is to be made.
	free chan *connection
}

// openReaders makes the first connection, which shows that there can be others.
func openReaders(ctx context.Context, source source) (*readers, error) {
	r := &readers{source: source, free: make(chan *connection, maxReaders())}
	for len(r.free) < cap(r.free) {
		r.free <- nil
	}
	if err := r.use(ctx, func(*connection) error { return nil }); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// use runs f on a connection when one is free.
func (r *readers) use(ctx context.Context, f func(*connection) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	var c *connection
	select {
	case c = <-r.free:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() {
		if c != nil && suspect(err) {
			_ = c.close()
			c = nil
		}
		r.free <- c
	}()
	if c == nil {
		if c, err = r.connect(ctx); err != nil {
			return err
		}
	}
	return f(c)
}

// snapshot runs f on one committed state of the database.
func (r *readers) snapshot(ctx context.Context, f func(*connection) error) error {
	return r.use(ctx, func(c *connection) (err error) {
		defer func() { // also if BEGIN was cancelled, which may have begun
			err = errors.Join(err, c.rollback(ctx))
		}()
		if _, err := c.exec(ctx, "BEGIN"); err != nil {
			return err
		}
		return f(c)
	})
}

func (r *readers) connect(ctx context.Context) (*connection, error) {
	db, err := r.source.openReader(ctx)
	if err != nil {
		return nil, err
	}
	return newConnection(ctx, db)
}

// close closes every connection. Nobody may use one.
func (r *readers) close() (err error) {
	for range cap(r.free) {
		if c := <-r.free; c != nil {
			err = errors.Join(err, c.close())
		}
	}
	return err
}
