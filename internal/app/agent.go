package app

import (
	"context"
	"fmt"
	"time"

	"vacancy/internal/agentcheck"
	"vacancy/internal/httpapi"
)

// buildAgent opens the port of load balancers' agent checks, if there is to be one.
func (a *App) buildAgent(ctx context.Context) (err error) {
	if a.config.AgentListen == "" {
		return nil
	}
	if a.weight, err = agentcheck.NewWeight(a.config.AgentWeight, a.config.AgentFile); err != nil {
		return fmt.Errorf("--agent-weight-file: %w", err)
	}
	a.agent, err = agentcheck.Listen(ctx, agentcheck.Config{
		Address: a.config.AgentListen, Weight: a.weight, Ready: a.readyForAgent, Log: a.log,
	})
	if err != nil {
		return fmt.Errorf("--agent-listen %s: %w", a.config.AgentListen, err)
	}
	a.telemetry.Server.Weight(a.weight.Weight)
	return nil
}

// serveAgent has agent checks answered, also while the server waits for its database and while it drains.
func (a *App) serveAgent() {
	if a.agent != nil {
		a.agentServing.Go(a.agent.Serve)
	}
}

func (a *App) closeAgent() error {
	if a.agent == nil {
		return nil
	}
	err := a.agent.Close()
	a.agentServing.Wait()
	return err
}

// readyForAgent is [App.Ready], and notes that a load balancer has asked.
func (a *App) readyForAgent() bool {
	a.readinessAsked.Store(time.Now().UnixNano())
	return a.Ready()
}

// apiWeight is the weight as the API takes it: no typed nil.
func (a *App) apiWeight() httpapi.Weight {
	if a.weight == nil {
		return nil
	}
	return a.weight
}
