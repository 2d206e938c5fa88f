// Package kafkatest runs real Kafka brokers for tests, as net/http/httptest does for HTTP.
//
//	broker := kafkatest.Shared(t)       // the process's one broker; each test has topics of its own
//	topic := broker.Topic(t, 4, nil)
//
//	broker := kafkatest.Start(t, kafkatest.Options{})   // a broker of the test's own, to be killed and started again
//	broker.Kill(t)
//	broker.Start(t)
//
// A broker is one process in KRaft mode, broker and controller in one, made by scripts/kafka.sh from Kafka's published jars: nothing is
// configured, and no broker of the machine is touched. A machine without Java fails the tests.
//
// Each has listeners without protection, with SASL (PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512), and with TLS and client certificates. Access
// is by ACL: whoever comes without a name, or with [Broker.TLS], may do everything, and a user of SASL what [Broker.Allow] has allowed.
//
// Nothing is left behind, whatever becomes of the test process: a broker runs under a process of its own that ends it and removes its
// directory as soon as the pipe from the test process closes, which the system does for a killed process too. No goroutine stays behind a
// call, so packages may check for leaks.
package kafkatest
