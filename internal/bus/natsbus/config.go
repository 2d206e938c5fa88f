package natsbus

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Config says which stream of which server.
type Config struct {
	// URL is that of the server, such as nats://host:4222 or tls://user:password@host:4222; several of one cluster stand with commas between.
	URL string
	// Token and CredentialsFile are other credentials than a name and password in the URL: a token, or the path of a .creds file. The file
	// is read at each connection.
	Token           string
	CredentialsFile string
	// CAFile has the certificates that the server's is checked with, in PEM; empty means those of the system. CertFile and KeyFile are the
	// client's own. All are read at each connection.
	CAFile            string
	CertFile, KeyFile string

	// Stream is the name of the stream, VACANCY if empty; Subject is what its subjects begin with, vacancy if empty.
	Stream  string
	Subject string
	// Declare makes the stream if it is missing. One that is there is left as it is.
	Declare bool
	// Replicas, MaxAge and MaxBytes are of a stream that is made: 1, a week and 1 GiB if they are 0.
	Replicas int
	MaxAge   time.Duration
	MaxBytes int64

	// Name is what the server shows of this client, such as the node's name.
	Name string
	Log  *slog.Logger
}

var (
	streamForm  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	subjectForm = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)
)

// normalize checks a configuration and fills in what was left out. Its errors show no secret.
func (c *Config) normalize() (servers []*url.URL, err error) {
	for text := range strings.SplitSeq(c.URL, ",") {
		u, err := parseURL(strings.TrimSpace(text))
		if err != nil {
			return nil, err
		}
		servers = append(servers, u)
	}
	c.Stream = cmp.Or(c.Stream, defaultStream)
	c.Subject = cmp.Or(c.Subject, defaultSubject)
	c.Replicas = cmp.Or(c.Replicas, 1)
	c.MaxAge = cmp.Or(c.MaxAge, defaultMaxAge)
	c.MaxBytes = cmp.Or(c.MaxBytes, defaultMaxBytes)
	switch {
	case !streamForm.MatchString(c.Stream):
		return nil, fmt.Errorf("the stream's name %q must be of letters, digits, - and _", c.Stream)
	case !subjectForm.MatchString(c.Subject):
		return nil, fmt.Errorf("the subject %q must be of letters, digits, - and _, with dots between", c.Subject)
	case c.Replicas < 1 || c.Replicas > 5:
		return nil, fmt.Errorf("%d replicas: JetStream has 1 to 5", c.Replicas)
	case c.MaxAge < duplicateWindow:
		return nil, fmt.Errorf("a stream that keeps events for %s forgets them too soon: the least is %s", c.MaxAge, duplicateWindow)
	case c.MaxBytes < 0:
		return nil, errors.New("the stream's size must not be negative")
	case (c.CertFile == "") != (c.KeyFile == ""):
		return nil, errors.New("a client certificate and its key must be given together")
	}
	return servers, nil
}

func parseURL(text string) (*url.URL, error) {
	const example = ", such as nats://host:4222"
	u, err := url.Parse(text)
	if err != nil {
		if parsing, ok := errors.AsType[*url.Error](err); ok { // without the URL, which may have a password
			err = parsing.Err
		}
		return nil, fmt.Errorf("the URL of NATS is none: %w", err)
	}
	switch {
	case u.Scheme != "nats" && u.Scheme != "tls":
		return nil, errors.New("the URL of NATS must begin with nats:// or tls://" + example)
	case u.Hostname() == "":
		return nil, errors.New("the URL of NATS has no host" + example)
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("the URL of NATS has more than a host and a port" + example)
	}
	return u, nil
}
