package cli

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// A rollout that cannot be what it says is refused before anything is asked or moved.
func TestRolloutsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	const here, there = "http://127.0.0.1:1", "http://192.0.2.1:9081"
	for says, args := range map[string][]string{
		"must rise":                {"--blue", here, "--green", here, "--no-verify", "--steps", "10,10,100"},
		"must end with 100":        {"--blue", here, "--green", here, "--no-verify", "--steps", "1,10"},
		"from 1 or more to 100":    {"--blue", here, "--green", here, "--no-verify", "--steps", "1,101"},
		"2 nodes and --green 1":    {"--blue", here + "," + here, "--green", here, "--no-verify"},
		"must not be shorter":      {"--blue", here, "--green", here, "--no-verify", "--step-timeout", "1s"},
		"or --no-verify":           {"--blue", here, "--green", here, "--database", ""},
		"not sent over plain HTTP": {"--blue", here, "--green", there, "--no-verify", "--key", "a-key-of-16-bytes"},
		"not begun":                {"--blue", here, "--green", here, "--no-verify"},
	} {
		var out, problems bytes.Buffer
		code := Run(t.Context(), slices.Concat([]string{"rollout"}, args), Streams{In: strings.NewReader(""), Out: &out, Err: &problems})
		if code != exitFailed || !strings.Contains(problems.String(), says) || out.Len() > 0 {
			t.Errorf("%s: ends with %d and says %s%s", says, code, out.String(), problems.String())
		}
	}
}
