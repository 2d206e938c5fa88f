package postgres

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"vacancy/internal/booking"
	"vacancy/internal/doctor/facts"
	"vacancy/internal/store"
)

// What a host is asked for `vacancy doctor`, beside [probeQuestions]. What has several rows is one text of JSON.
const (
	askLimits = `SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
		- coalesce(current_setting('reserved_connections', true), '0')::int`
	askAddress = `SELECT coalesce(host(inet_server_addr()), '')`
	// askReceiver is about a standby. Without a right to it, its process is shown and nothing else.
	askReceiver = `SELECT coalesce((SELECT json_build_object('status', status, 'host', sender_host, 'port', sender_port, 'name', coalesce(
			substring(conninfo FROM '(?:^| )application_name=([^ ]+)'), substring(conninfo FROM '(?:^| )fallback_application_name=([^ ]+)')))
		FROM pg_stat_wal_receiver), '{"none": true}')::text`
	// askFollowers is about whoever reads the log. Without a right to it, names are shown and nothing else.
	askFollowers = `SELECT coalesce(json_agg(json_build_object('name', r.application_name, 'address', host(r.client_addr), 'state', r.state,
			'sync_state', r.sync_state, 'replays', r.replay_lsn IS NOT NULL, 'logical', coalesce(s.slot_type = 'logical', false))), '[]')::text
		FROM pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid`
	askSlots = `SELECT coalesce(json_agg(json_build_object('name', slot_name, 'retained', pg_wal_lsn_diff(
			CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn)::bigint)), '[]')::text
		FROM pg_replication_slots WHERE NOT active AND restart_lsn IS NOT NULL`
	askNodes = `SELECT coalesce(json_agg(json_build_object('id', id, 'level', level, 'seen', extract(epoch FROM seen_at))), '[]')::text
		FROM nodes WHERE seen_at > statement_timestamp() - interval '1 day'`
	askVersion = `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`
)

var factQuestions = []string{askLimits, askAddress, askReceiver, askFollowers, askSlots, askNodes, askVersion, selectAnyKey, selectOutbox}

// fillSettings reads the answer to [askSettings].
func fillSettings(h *facts.Host, a answer) {
	h.Version, h.Fsync, h.FullPageWrites = a.values[0], a.values[2], a.values[3]
	h.SynchronousCommit, h.SynchronousStandbyNames = a.values[4], a.values[5]
}

// fillHost reads the answers to [factQuestions] that are about the server. What it does not show, or does not have, is left out.
func fillHost(h *facts.Host, answers []answer) {
	h.MaxConnections, _ = strconv.Atoi(textOf(answers[0]))
	if address := textOf(answers[1]); address != "" {
		h.Addresses = append(h.Addresses, address)
	}
	var receiver struct {
		None         bool
		Status, Host *string
		Port         *int
		Name         *string
	}
	if decode(answers[2], &receiver) && !receiver.None {
		h.Receiver = &facts.Receiver{Shown: receiver.Status != nil}
		setIf(&h.Receiver.Status, receiver.Status)
		setIf(&h.Receiver.SenderHost, receiver.Host)
		setIf(&h.Receiver.SenderPort, receiver.Port)
		setIf(&h.Receiver.Name, receiver.Name)
	}
	var followers []struct {
		Name             string
		Address, State   *string
		SyncState        *string `json:"sync_state"`
		Replays, Logical bool
	}
	decode(answers[3], &followers)
	for _, row := range followers {
		follower := facts.Follower{Shown: row.State != nil, Name: row.Name, Replays: row.Replays, Logical: row.Logical}
		setIf(&follower.Address, row.Address)
		setIf(&follower.State, row.State)
		setIf(&follower.SyncState, row.SyncState)
		h.Followers = append(h.Followers, follower)
	}
	var slots []struct {
		Name     string
		Retained *int64
	}
	decode(answers[4], &slots)
	for _, row := range slots {
		slot := facts.Slot{Name: row.Name}
		setIf(&slot.Retained, row.Retained)
		h.Slots = append(h.Slots, slot)
	}
	var nodes []struct {
		ID    string
		Level int
		Seen  float64
	}
	decode(answers[5], &nodes)
	for _, row := range nodes {
		seen := time.UnixMicro(int64(row.Seen * 1e6)).UTC()
		h.Nodes = append(h.Nodes, facts.Node{ID: row.ID, Level: booking.Level(row.Level), Seen: seen})
	}
}

// readDatabase reads the answers to [factQuestions] that are about the database, and whether this program can use its schema.
func (c *connector) readDatabase(ctx context.Context, conn *pgx.Conn, answers []answer) (found databaseFacts) {
	if text := textOf(answers[7]); text != "" {
		has := text == "t"
		found.hasKey = &has
	}
	if a := answers[8]; textOf(a) == "t" {
		found.outboxPause = &facts.OutboxPause{By: a.values[2], Reason: a.values[3]}
	}
	version, err := strconv.ParseInt(textOf(answers[6]), 10, 64)
	if err != nil {
		return found // there is no schema, or no right to see it
	}
	folder, err := migrationFiles()
	if err != nil {
		return found
	}
	known, err := store.KnownVersion(folder)
	if err != nil {
		return found
	}
	found.schema = &facts.Schema{Version: version, Known: known}
	switch {
	case version > known:
		err = c.checkLevel(ctx, conn, version, known)
	case version == known:
		err = checkColumns(ctx, conn)
	}
	if err != nil {
		found.schema.Fault = err.Error()
	}
	return found
}

// textOf is the first value of an answer, empty if there is none.
func textOf(a answer) string {
	if a.err != nil || len(a.values) == 0 {
		return ""
	}
	return a.values[0]
}

// decode reads an answer of JSON. ok is false if there is none.
func decode(a answer, into any) (ok bool) {
	return json.Unmarshal([]byte(textOf(a)), into) == nil
}

func setIf[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}
