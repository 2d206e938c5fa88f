// Package deploy tests what operators are given under deploy/ and in the runbook: rules by promtool, commands and queries against real
// servers.
package deploy
