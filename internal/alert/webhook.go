package alert

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// webhook posts alerts to an address of the operator's.
type webhook struct {
	url    string
	from   Source
	client *http.Client
}

// Webhook is a notifier that posts each alert as JSON. A 2xx is success; a redirect is not followed, and a 4xx is not tried again, but for
// those that ask for it. The address may itself be a secret, and is in no error. The transport is for tests; nil is a usual one.
func Webhook(address string, from Source, transport http.RoundTripper) Notifier {
	if transport == nil {
		transport = &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true} // alerts are rare
	}
	return &webhook{url: address, from: from, client: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (*webhook) Name() string { return "webhook" }

func (w *webhook) Notify(ctx context.Context, a Alert) error {
	body, err := encode(a, w.from)
	if err != nil {
		return RefusedError{err}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return RefusedError{withoutURL(err)}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Vacancy/"+w.from.Version)
	res, err := w.client.Do(r)
	if err != nil {
		return withoutURL(err)
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, maxOutputBytes)
	return judge(res.StatusCode)
}

// judge says what an answer means.
func judge(status int) error {
	err := fmt.Errorf("the webhook answered with %d", status)
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusRequestTimeout || status == http.StatusTooEarly || status == http.StatusTooManyRequests || status >= 500:
		return err
	default:
		return RefusedError{err}
	}
}

// withoutURL is what went wrong, without the address that the HTTP client names.
func withoutURL(err error) error {
	if named, ok := errors.AsType[*url.Error](err); ok {
		return named.Err
	}
	return err
}
