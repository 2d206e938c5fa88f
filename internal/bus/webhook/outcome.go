package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Outcome is what became of an attempt, as metrics count it.
type Outcome string

// The outcomes of attempts.
const (
	Delivered Outcome = "delivered"
	// Timeout: there was no answer in time. Unreachable: there was no connection. BadCertificate: whom the connection led to is not proven.
	// Forbidden: the address is one that webhooks do not lead to. BadAnswer: what came back is no HTTP.
	Timeout        Outcome = "timeout"
	Unreachable    Outcome = "unreachable"
	BadCertificate Outcome = "bad_certificate"
	Forbidden      Outcome = "forbidden_address"
	BadAnswer      Outcome = "bad_answer"
	// Redirected, Gone, Throttled (429 and 503), ClientError and ServerError are answers.
	Redirected  Outcome = "redirect"
	Gone        Outcome = "gone"
	Throttled   Outcome = "throttled"
	ClientError Outcome = "client_error"
	ServerError Outcome = "server_error"
)

// Outcomes are all of them.
func Outcomes() []Outcome {
	return []Outcome{
		Delivered, Timeout, Unreachable, BadCertificate, Forbidden, BadAnswer, Redirected, Gone, Throttled, ClientError, ServerError,
	}
}

// answered tells of outcomes that may lie with the event, since somebody was there to answer.
func (o Outcome) answered() bool {
	return o == Redirected || o == ClientError || o == ServerError || o == BadAnswer
}

// ofStatus is what a status means, and says.
func ofStatus(status int) (outcome Outcome, text string) {
	text = "it answered " + strconv.Itoa(status)
	if name := http.StatusText(status); name != "" {
		text += " " + name
	}
	switch {
	case status < 200: // that is 101, of another protocol: the others of these come before an answer
		return BadAnswer, text
	case status < 300:
		return Delivered, ""
	case status == http.StatusGone:
		return Gone, text
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		return Throttled, text
	case status >= 300 && status < 400:
		return Redirected, text + ": redirects are not followed"
	case status >= 400 && status < 500:
		return ClientError, text
	}
	return ServerError, text
}

// ofError is what the error of a request means, and says. All texts are our own: an error's may repeat the address, which may hold a
// secret, or what a machine has answered which its reader may not reach.
func (s *sender) ofError(err error) (outcome Outcome, text string) {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if refused, ok := errors.AsType[*refusedAddressError](err); ok {
		return Forbidden, refused.Error()
	}
	if timedOut(err) {
		return Timeout, "it did not answer within " + s.timeout.String()
	}
	if text := certificateFault(err); text != "" {
		return BadCertificate, text
	}
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		if name.IsNotFound {
			return Unreachable, "its host name does not exist"
		}
		return Unreachable, "its host name cannot be resolved now"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return BadAnswer, "it does not speak TLS"
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return Unreachable, "it refuses connections"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return Unreachable, "it reset the connection"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return Unreachable, "there is no way to its host"
	}
	if failed, ok := errors.AsType[*net.OpError](err); ok {
		if failed.Op == "remote error" { // so crypto/tls names an alert
			return Unreachable, "it refuses TLS"
		}
		return Unreachable, "the connection failed"
	}
	return BadAnswer, answerFault(err)
}

// answerFault says what is wrong with an answer. net/http has no types for most of it.
func answerFault(err error) string {
	text := err.Error()
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "it cut the connection"
	case strings.Contains(text, "response headers exceeded"), strings.Contains(text, "response header list larger"):
		return "its header is too long"
	case strings.HasPrefix(text, "tls: "):
		return "it does not speak TLS as it should"
	case strings.HasPrefix(text, "http2: "), strings.HasPrefix(text, "stream error: "), strings.HasPrefix(text, "connection error: "):
		return "it broke HTTP/2 off"
	}
	return "its answer is no HTTP"
}

func timedOut(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	failed, ok := errors.AsType[net.Error](err)
	return ok && failed.Timeout()
}

// certificateFault says what is wrong with a certificate; "" if the error is of something else.
func certificateFault(err error) string {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if invalid.Reason != x509.Expired {
			return "its certificate is not valid" + reasons[invalid.Reason]
		}
		if cert := invalid.Cert; cert != nil && time.Now().Before(cert.NotBefore) {
			return "its certificate is not valid before " + cert.NotBefore.UTC().Format(time.DateTime) + " UTC"
		} else if cert != nil {
			return "its certificate has expired, on " + cert.NotAfter.UTC().Format(time.DateTime) + " UTC"
		}
		return "its certificate has expired"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "its certificate is of an authority that is not known here"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "its certificate is for another host"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "its certificate is not valid"
	}
	return ""
}

// reasons are why a certificate is not valid, without the names in it.
var reasons = map[x509.InvalidReason]string{
	x509.NotAuthorizedToSign:           ": one that signed it may not sign",
	x509.CANotAuthorizedForThisName:    ": its authority may not sign for this name",
	x509.CANotAuthorizedForExtKeyUsage: ": its authority may not sign for servers",
	x509.TooManyIntermediates:          ": its chain is longer than its authority allows",
	x509.IncompatibleUsage:             ": it is not for servers",
	x509.NameMismatch:                  ": it does not name the one that signed it",
}

// retryAfter is how long an answer asks to be left alone, within bounds; 0 if it does not.
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := header.Get("Retry-After")
	if text == "" {
		return 0
	}
	wanted := time.Duration(0)
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		wanted = time.Duration(min(max(seconds, 0), int64(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wanted = at.Sub(now)
	}
	return min(max(wanted, 0), maxRetryAfter)
}

// attempted is what became of one attempt.
type attempted struct {
	outcome    Outcome
	status     int
	text       string // what was wrong
	retryAfter time.Duration
	at         time.Time
	took       time.Duration
}

func (a *attempted) delivered() bool { return a.outcome == Delivered }

func (a *attempted) String() string {
	if a.delivered() {
		return fmt.Sprintf("delivered in %s", a.took.Round(time.Millisecond))
	}
	return a.text
}
