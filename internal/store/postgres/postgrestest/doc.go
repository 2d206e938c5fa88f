// Package postgrestest runs real PostgreSQL servers for tests, as net/http/httptest does for HTTP.
//
//	url := postgrestest.Shared(t).Schema(t)   // an empty schema of the test's own, on the process's one server
//
//	server := postgrestest.Start(t)           // a server of the test's own, to be stopped, crashed and started again
//	server.Crash(t)
//	server.Start(t)
//
// Servers are made by scripts/postgres.sh from what is installed on the machine: nothing is configured, and no server of the
// machine is touched. They flush what they commit, as in production. A machine without PostgreSQL fails the tests.
//
// Nothing is left behind, whatever becomes of the test process: a server runs under a process of its own that stops it and removes
// its directory as soon as the pipe from the test process closes, which the system does for a killed process too. No goroutine
// stays behind a call, so packages may check for leaks.
package postgrestest
