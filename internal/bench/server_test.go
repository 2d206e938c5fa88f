package bench

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"vacancy/internal/bench/meter"
	"vacancy/internal/store/postgres/postgrestest"
)

// asServer starts this test binary as a server.
func asServer(mode string) []string {
	return []string{"/usr/bin/env", fakeServer + "=" + mode, os.Args[0]}
}

func TestStartServer(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	s, err := StartServer(t.Context(), ServerOptions{
		Command: asServer("well"), Directory: directory, Locking: "optimistic", Connections: 5,
	})
	if err != nil {
		t.Fatal(err)
	}
	environment := environmentOf(t, s.Nodes[0])
	for _, want := range []string{"VACANCY_ADMIN_KEY=" + s.Key, "VACANCY_LOCKING=optimistic", "VACANCY_CONNECTIONS=5"} {
		if !slices.Contains(environment, want) || s.Key == "" {
			t.Errorf("the server does not know %q", want)
		}
	}
	pid := s.Nodes[0].PID
	if u, err := meter.Process(pid); err != nil || u.Memory < 1<<20 {
		t.Errorf("the server uses %+v, %v", u, err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if left, err := os.ReadDir(directory); err != nil || len(left) != 0 {
		t.Errorf("%v is left behind, %v", left, err)
	}
	if _, err := meter.Process(pid); err == nil {
		t.Error("the server still runs")
	}
}

func environmentOf(t *testing.T, n Node) (environment []string) {
	t.Helper()
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(n.URL + "/environment")
	if err != nil {
		t.Fatal(err)
	}
	err = json.NewDecoder(response.Body).Decode(&environment)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return environment
}

// Nodes on PostgreSQL share a schema, which is gone at the end.
func TestStartNodesOnPostgreSQL(t *testing.T) {
	t.Parallel()
	url := postgrestest.Shared(t).URL()
	s, err := StartServer(t.Context(), ServerOptions{Command: asServer("well"), Database: url, Nodes: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Nodes) != 2 || s.Nodes[0].URL == s.Nodes[1].URL || s.Nodes[0].PID == s.Nodes[1].PID || s.Database == nil {
		t.Errorf("the nodes are %+v", s.Nodes)
	}
	for _, n := range s.Nodes {
		if environment := environmentOf(t, n); !slices.Contains(environment, "VACANCY_DATABASE="+s.schema.URL) {
			t.Errorf("a node does not know of %s", s.schema.URL)
		}
	}
	if used, err := s.Database(); err != nil || used <= 0 {
		t.Errorf("PostgreSQL uses %s, %v", used, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestStartServerFails(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	_, err := StartServer(t.Context(), ServerOptions{Command: asServer("broken"), Directory: directory})
	if err == nil || !strings.Contains(err.Error(), "the database is on fire") {
		t.Errorf("a server that cannot start: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx     context.Context
		options ServerOptions
	}{
		"no program":          {t.Context(), ServerOptions{Command: []string{"/nowhere/vacancy"}}},
		"after the end":       {ended, ServerOptions{Command: []string{"/bin/cat"}}},
		"nodes on SQLite":     {t.Context(), ServerOptions{Command: asServer("well"), Nodes: 2}},
		"less than no node":   {t.Context(), ServerOptions{Command: asServer("well"), Nodes: -1}},
		"no such database":    {t.Context(), ServerOptions{Command: asServer("well"), Database: "postgres://127.0.0.1:1/nothing"}},
		"no directory at all": {t.Context(), ServerOptions{Command: asServer("well"), Directory: "/nowhere"}},
	} {
		test.options.Directory = cmp.Or(test.options.Directory, directory)
		if s, err := StartServer(test.ctx, test.options); err == nil {
			t.Errorf("%s: it starts, and ends with %v", name, s.Close())
		}
	}
	if left, err := os.ReadDir(directory); err != nil || len(left) != 0 {
		t.Errorf("%v is left behind, %v", left, err)
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	t.Parallel()
	var said tail
	for range 1000 {
		if n, err := said.Write([]byte("twelve bytes")); n != 12 || err != nil {
			t.Fatal(n, err)
		}
	}
	if s := said.String(); len(s) != tailBytes || !strings.HasSuffix(s, "bytestwelve bytes") {
		t.Errorf("%d bytes: %q", len(s), s)
	}
}
