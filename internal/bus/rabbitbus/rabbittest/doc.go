// Package rabbittest runs real RabbitMQ nodes for tests, as net/http/httptest does for HTTP.
//
//	url := rabbittest.Shared(t).VirtualHost(t)   // an empty virtual host of the test's own, on the process's one broker
//
//	broker := rabbittest.Start(t)                // a broker of the test's own, to be killed, frozen, and started again
//	broker.Kill(t)
//	broker.Start(t)
//
// Nodes are made of what is installed on the machine: nothing is configured, and no broker of the machine is touched. A machine without
// RabbitMQ fails the tests.
//
// Nothing is left behind, whatever becomes of the test process: a node runs under a process of its own that kills it and removes its
// directory as soon as the pipe from the test process closes, which the system does for a killed process too. No goroutine stays behind
// a call, so packages may check for leaks.
package rabbittest
