package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vacancy/internal/store/postgres/postgrestest"
	"vacancy/test/proc"
)

// scriptedProxy is a proxy whose shares of the traffic are written by a script of deploy/, which has the proxy read them.
type scriptedProxy struct {
	address string
	command []string
	// environment is that of the proxy and of the script.
	environment []string
	script      string
	// shares is the file that the script writes. With first, all of the traffic goes to the address in it.
	shares, first string
}

// start has the proxy run with all of the traffic going to blue.
func (p *scriptedProxy) start(t *testing.T, blue string) (url string) {
	t.Helper()
	must(t, os.WriteFile(p.shares, fmt.Appendf(nil, p.first, blue), 0o600))
	cmd := exec.Command(p.command[0], p.command[1:]...)
	cmd.Env = slices.Concat(os.Environ(), p.environment)
	startProxy(t, cmd, p.address)
	return "http://" + p.address
}

// shiftLine is the command that moves the traffic.
func (p *scriptedProxy) shiftLine(blue, green string) string {
	line := "env"
	for _, setting := range slices.Concat(p.environment, []string{"BLUE=" + blue, "GREEN=" + green}) {
		line += " '" + setting + "'"
	}
	return line + " sh " + p.script
}

// shift gives the versions their shares, as a rollout does.
func (p *scriptedProxy) shift(t *testing.T, blue, green, blueWeight, greenWeight string) (said string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", p.shiftLine(blue, green))
	cmd.Env = append(os.Environ(), "BLUE_WEIGHT="+blueWeight, "GREEN_WEIGHT="+greenWeight)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// scriptedRollout is two versions behind such a proxy, with traffic, all of which blue has at first.
type scriptedRollout struct {
	proxy    *scriptedProxy
	database string
	blue     *proc.Process
	greenAt  string
	load     *traffic
}

// todaysArgs are for builds of today's source: what older ones do not know. All of the traffic is one client's.
var todaysArgs = []string{"--limits", "off", "--drain-delay", "1s", "--drain-time", "2s"}

func startRollout(t *testing.T, proxy *scriptedProxy, blue string, blueArgs ...string) *scriptedRollout {
	t.Helper()
	r := &scriptedRollout{proxy: proxy, database: postgrestest.Shared(t).Schema(t), greenAt: freePort(t)}
	r.blue = proc.LaunchOf(t, blue, r.database, blueArgs...)
	class(t, r.blue.Client(t), 1_000_000)
	r.load = startTraffic(t, proxy.start(t, r.blueAt()))
	r.load.some(t, 50)
	return r
}

func (r *scriptedRollout) blueAt() string { return strings.TrimPrefix(r.blue.URL, "http://") }

// launchGreen runs a build beside blue. It gets nothing before it is told to.
func (r *scriptedRollout) launchGreen(t *testing.T, program string) *proc.Process {
	t.Helper()
	green := proc.LaunchOf(t, program, r.database, append([]string{"--listen", r.greenAt}, todaysArgs...)...)
	r.load.some(t, 50)
	return green
}

// run makes the rollout, and returns what it has said and how it has ended.
func (r *scriptedRollout) run(t *testing.T, green *proc.Process, more ...string) (said string, code int) {
	t.Helper()
	said, code = proc.Run(t, r.database, slices.Concat([]string{
		"rollout", "--blue", r.blue.URL, "--green", green.URL, "--step-time", "2s", "--step-timeout", "40s", "--min-writes", "10",
		"--shift-command", r.proxy.shiftLine(r.blueAt(), r.greenAt),
	}, more)...)
	t.Logf("the rollout:\n%s", said)
	return said, code
}

// takesOver moves everything to today's version, stops blue, and sees what is left behind: no booking but those has failed.
func (r *scriptedRollout) takesOver(t *testing.T, failed string) {
	t.Helper()
	green := r.launchGreen(t, proc.Program(t))
	said, code := r.run(t, green, "--blue-stop", "kill -TERM "+strconv.Itoa(r.blue.PID()))
	if code != 0 || !strings.Contains(said, "blue has ended") {
		t.Errorf("the rollout ends with %d", code)
	}
	r.load.some(t, 100)
	r.load.end()
	if got := r.load.failures(); got != failed {
		t.Errorf("bookings failed: %s, and before the rollout %s", got, failed)
	}
	r.load.settle(t, green, r.database)
}

// refuses has the script give shares that cannot be: the file stays as it is, and the proxy serves as before.
func (r *scriptedRollout) refuses(t *testing.T, blue, blueWeight, greenWeight string) {
	t.Helper()
	before, err := os.ReadFile(r.proxy.shares)
	must(t, err)
	said, err := r.proxy.shift(t, blue, r.greenAt, blueWeight, greenWeight)
	after, readErr := os.ReadFile(r.proxy.shares)
	answers := newAsker("http://"+r.proxy.address).get(t, "/healthz").status
	if err == nil || readErr != nil || !bytes.Equal(after, before) || answers != http.StatusOK {
		t.Errorf("%s for %s and %s for green: %v, %q; the file is %q (%v), and the proxy answers %d",
			blueWeight, blue, greenWeight, err, said, after, readErr, answers)
	}
}
