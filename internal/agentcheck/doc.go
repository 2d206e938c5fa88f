// Package agentcheck answers HAProxy's agent-check: how much of the traffic this server is to get. Each connection is answered with one
// line, and closed:
//
//	ready 100%   it serves, with this share of the weight that HAProxy's configuration gives it
//	ready 10%    the same, with a tenth of it
//	drain        nobody new, what is connected stays: it starts, stops, or has the weight 0
//
// The weight is set while the server runs, and kept in a file if there is one, so that it survives a reload of HAProxy as well as a
// restart of the server.
//
//	weight, err := agentcheck.NewWeight(100, "/var/lib/vacancy/weight")
//	agent, err := agentcheck.Listen(ctx, agentcheck.Config{Address: "127.0.0.1:9100", Weight: weight, Ready: app.Ready, Log: log})
//	go agent.Serve()
//	defer agent.Close()
//
// The protocol is that of "agent-check" in HAProxy's configuration manual. "ready" stands in the answer because nothing else takes
// back a "drain"; it takes back what was set with "set server ... state" at HAProxy, too. What is read from a connection is ignored, so
// "agent-send" must not be set.
//
// It imports the standard library only.
package agentcheck
