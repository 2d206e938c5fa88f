package postgres

// Writable tells whether the last heartbeat was committed: whether the database can be written to, as far as is known. It asks nobody.
func (s *Store) Writable() bool { return !s.node.failing.Load() }

// note remembers how a heartbeat went, and says so when that changes.
func (n *node) note(err error) error {
	if n.ctx.Err() != nil {
		return err // we are stopping; that says nothing of the database
	}
	if failing := err != nil; n.failing.Swap(failing) != failing {
		if failing {
			n.store.config.Log.Error("the database cannot be written to", "error", err)
		} else {
			n.store.config.Log.Info("the database can be written to again")
		}
	}
	return err
}
