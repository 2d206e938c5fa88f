package bench

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
)

// prepared is a request whose bytes are ready but for its idempotency key.
type prepared struct {
	before, after []byte
	keyed         bool
}

// prepare makes a POST of a body.
func prepare(base *url.URL, path, token string, body any, keyed bool) (prepared, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return prepared{}, err
	}
	head := headOf(http.MethodPost, base, path, token) +
		"Content-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(data)) + "\r\n"
	end := "\r\n"
	if keyed {
		head, end = head+"Idempotency-Key: ", "\r\n\r\n"
	}
	return prepared{before: []byte(head), after: append([]byte(end), data...), keyed: keyed}, nil
}

// prepareGet makes a GET.
func prepareGet(base *url.URL, path, token string) prepared {
	return prepared{before: []byte(headOf(http.MethodGet, base, path, token) + "\r\n")}
}

// headOf is the beginning of a request. Nodes on other ports take it as well: they do not look at the host.
func headOf(method string, base *url.URL, path, token string) string {
	head := method + " " + base.EscapedPath() + path + " HTTP/1.1\r\nHost: " + base.Host + "\r\n"
	if token != "" {
		head += "Authorization: Bearer " + token + "\r\n"
	}
	return head
}

// request writes the bytes into buffer, with a key that no other worker and no other turn of this one has.
func (p prepared) request(buffer []byte, worker, turn int) []byte {
	buffer = append(buffer[:0], p.before...)
	if p.keyed {
		buffer = strconv.AppendInt(append(buffer, "vacancy-bench-w"...), int64(worker), 10)
		buffer = strconv.AppendInt(append(buffer, '-'), int64(turn), 10)
	}
	return append(buffer, p.after...)
}
