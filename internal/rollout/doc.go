// Package rollout moves traffic from one version of the server, blue, to another, green, step by step. Between the steps it compares what
// the nodes of both count about themselves, and has the database checked. When a check fails, the traffic goes back to blue by itself.
//
//	err := rollout.Run(ctx, rollout.Config{
//		Blue: rollout.NewNodes(client, "", "http://127.0.0.1:9081"), Green: rollout.NewNodes(client, "", "http://127.0.0.1:9082"),
//		Shift: rollout.ByAgents(blue, green), Steps: rollout.DefaultSteps, StepTime: 2 * time.Minute, Say: func(line string) { ... },
//	})
//
// What is judged, and how, is in judge.go: pure functions of two readings. figures.go reads /metrics, nodes.go talks to nodes, rollout.go
// is the order of things. It imports the readers of Prometheus' text format, and nothing of ours.
package rollout
