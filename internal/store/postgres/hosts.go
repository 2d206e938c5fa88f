package postgres

import (
	"net"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// host is one of the hosts that the URL lists.
type host struct {
	name string // "host:port", or the path of a socket
	// ways are how to connect to it, such as with and without TLS, in order.
	ways []*pgconn.FallbackConfig
}

// hostsOf are those of a configuration, in the order of the URL, each once.
func hostsOf(c *pgx.ConnConfig) (hosts []host) {
	ways := append([]*pgconn.FallbackConfig{{Host: c.Host, Port: c.Port, TLSConfig: c.TLSConfig}}, c.Fallbacks...)
	at := make(map[string]int)
	for _, way := range ways {
		name := hostName(way.Host, way.Port)
		i, known := at[name]
		if !known {
			i, at[name] = len(hosts), len(hosts)
			hosts = append(hosts, host{name: name})
		}
		hosts[i].ways = append(hosts[i].ways, way)
	}
	return hosts
}

func hostName(name string, port uint16) string {
	if strings.HasPrefix(name, "/") {
		return name + ":" + strconv.Itoa(int(port))
	}
	return net.JoinHostPort(name, strconv.Itoa(int(port)))
}

// configure sets a configuration to this host alone.
func (h *host) configure(c *pgx.ConnConfig) {
	c.Host, c.Port, c.TLSConfig, c.Fallbacks = h.ways[0].Host, h.ways[0].Port, h.ways[0].TLSConfig, h.ways[1:]
}
