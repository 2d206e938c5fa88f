package webhook

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"vacancy/internal/store"
)

const secretPrefix = "whsec_"

// newSecret makes a secret as the Standard Webhooks write it.
func newSecret() string {
	raw := make([]byte, secretBytes)
	_, _ = rand.Read(raw) // never fails: crypto/rand ends the program instead
	return secretPrefix + base64.StdEncoding.EncodeToString(raw)
}

// signature is the webhook-signature header: by the secret, and by the one before as long as that is valid.
func signature(w *store.Webhook, id string, at time.Time, body []byte) (string, error) {
	secrets := []string{w.Secret}
	if w.PreviousSecret != "" && at.Before(w.PreviousUntil) {
		secrets = append(secrets, w.PreviousSecret)
	}
	signed := make([]string, len(secrets))
	for i, secret := range secrets {
		signer, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return "", fmt.Errorf("the secret of webhook %s of venue %s is damaged", w.ID, w.Venue) // without the cause: it shows a part
		}
		if signed[i], err = signer.Sign(id, at, body); err != nil {
			return "", fmt.Errorf("sign for webhook %s of venue %s: %w", w.ID, w.Venue, err)
		}
	}
	return strings.Join(signed, " "), nil
}
