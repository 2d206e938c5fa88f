package supervisor

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// pass is a listening socket as a supervisor passes it.
func pass(t *testing.T, network, address, name string) (file *os.File, at string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	var original *os.File
	switch l := listener.(type) {
	case *net.TCPListener:
		original, err = l.File()
	case *net.UnixListener:
		original, err = l.File()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer original.Close()
	descriptor, err := syscall.Dup(int(original.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(descriptor), name), listener.Addr().String()
}

func TestSocketsThatArePassed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		names []string
		want  []string // the ports that have one
		says  string
	}{
		"none":                  {nil, nil, ""},
		"one without a name":    {[]string{"LISTEN_FD_3"}, []string{Public}, ""},
		"one of a unit's name":  {[]string{"vacancy.socket"}, []string{Public}, ""},
		"the operator's alone":  {[]string{Admin}, []string{Admin}, ""},
		"all":                   {[]string{Plain, Admin, Public}, []string{Public, Plain, Admin}, ""},
		"two, one without":      {[]string{Public, "vacancy-admin.socket"}, nil, `named "vacancy-admin.socket"`},
		"two of the same":       {[]string{Public, Public}, nil, `named "public"`},
		"an address of no port": {[]string{"unix"}, nil, "only TCP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var files []*os.File
			addresses := make(map[string]string)
			for _, socket := range test.names {
				network, address := "tcp", "127.0.0.1:0"
				if socket == "unix" {
					network, address = "unix", filepath.Join(t.TempDir(), "s")
				}
				file, at := pass(t, network, address, socket)
				files, addresses[socket] = append(files, file), at
			}
			listeners, err := listenersOf(files)
			if test.says != "" {
				if err == nil || !strings.Contains(err.Error(), test.says) {
					t.Errorf("the error is %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			s := &Supervisor{listeners: listeners}
			for _, port := range []string{Public, Plain, Admin} {
				listener := s.Listener(port)
				if wanted := slices.Contains(test.want, port); wanted != (listener != nil) {
					t.Errorf("%s: passed %v", port, listener)
				}
				if listener == nil {
					continue
				}
				if want := addresses[port]; want != "" && listener.Addr().String() != want {
					t.Errorf("%s is at %s, not %s", port, listener.Addr(), want)
				}
				_ = listener.Close()
			}
		})
	}
}

func TestWhatIsTold(t *testing.T) {
	t.Parallel()
	var told []string
	s := &Supervisor{send: func(state string) error { told = append(told, state); return os.ErrClosed }}
	s.Starting("waiting:\nit is away", time.Minute)
	s.Ready("serving")
	s.Reloading()
	s.Status("serving 3 readers")
	s.Alive()
	s.Stopping("draining", 1500*time.Millisecond)
	want := []string{
		"STATUS=waiting: it is away\nEXTEND_TIMEOUT_USEC=60000000", "READY=1\nSTATUS=serving", "RELOADING=1\nMONOTONIC_USEC=",
		"STATUS=serving 3 readers", "WATCHDOG=1", "STOPPING=1\nSTATUS=draining\nEXTEND_TIMEOUT_USEC=1500000",
	}
	if len(told) != len(want) {
		t.Fatalf("told %q", told)
	}
	for i, text := range told {
		if !strings.HasPrefix(text, want[i]) {
			t.Errorf("told %q, not %q", text, want[i])
		}
	}
	new(Supervisor).Ready("to nobody")
}
