package webhook_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"

	"vacancy/internal/bus/webhook"
	"vacancy/internal/store"
)

// signedFile is what is sent for an event, while two secrets are valid. The web tests verify it with the npm package of the Standard
// Webhooks, see web/test/webhooks.test.ts.
const signedFile = "testdata/signed.json"

type signedExample struct {
	Secrets  []string          `json:"secrets"`
	Verified string            `json:"verified_at"`
	Headers  map[string]string `json:"headers"`
	Body     string            `json:"body"`
}

// TestSignedExample compares the file with what is sent. With VACANCY_UPDATE=1 in the environment it is written anew.
func TestSignedExample(t *testing.T) {
	t.Parallel()
	n, r := newNode(t), newReceiver(t)
	secrets := []string{"whsec_bmV3IHNlY3JldCBvZiB0aGlydHktdHdvIGJ5dGVzLg==", "whsec_b2xkIHNlY3JldCBvZiB0aGlydHktdHdvIGJ5dGVzLg=="}
	settings := store.WebhookSettings{Venue: barber, ID: door, URL: r.URL}
	_, _, err := n.store.PutWebhook(t.Context(), settings, secrets[1], 1)
	must(t, err)
	_, err = n.store.RotateWebhookSecret(t.Context(), barber, door, secrets[0], time.Hour)
	must(t, err)
	e := event(41)
	e.Data = json.RawMessage(`{"customer":null,"name":"Zoë & <Jürgen>","n":41}`)
	n.publish(t, e)
	got := r.got()[0]
	example := signedExample{
		Secrets: secrets, Verified: n.clock.Now().Format(time.RFC3339), Headers: make(map[string]string),
		Body: string(got.body),
	}
	for _, name := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
		example.Headers[name] = got.header.Get(name)
	}
	text, err := json.MarshalIndent(example, "", "  ")
	must(t, err)
	text = append(text, '\n')
	if os.Getenv("VACANCY_UPDATE") == "1" {
		must(t, os.WriteFile(signedFile, text, 0o600))
	}
	want, err := os.ReadFile(signedFile)
	must(t, err)
	if !bytes.Equal(text, want) {
		t.Errorf("what is sent is not what %s says: run this test with VACANCY_UPDATE=1\n%s", signedFile, text)
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for n, want := range []string{1: "5s", 2: "15s", 3: "45s", 4: "2m15s", 7: "1h0m45s", 9: "6h0m0s", 60: "6h0m0s"} {
		if want != "" {
			same(t, "of an event", webhook.EventBackoff(n).String(), want)
		}
	}
	for n, want := range []string{1: "5s", 2: "10s", 7: "5m20s", 8: "10m0s", 60: "10m0s"} {
		if want != "" {
			same(t, "of an endpoint", webhook.EndpointBackoff(n).String(), want)
		}
	}
}
