package auth_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"vacancy/internal/auth"
	"vacancy/internal/booking"
	"vacancy/internal/store"
	"vacancy/internal/store/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const chosen = "correct-horse-battery-staple"

func openStore(t *testing.T) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "v.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestActor(t *testing.T) {
	t.Parallel()
	keys := auth.New(openStore(t))
	if _, err := keys.EnsureAdmin(t.Context(), chosen); err != nil {
		t.Fatal(err)
	}
	admin := booking.Actor{Kind: booking.Staff, Key: "admin", TokenHash: booking.HashToken(chosen)}
	holder := func(token string) booking.Actor {
		return booking.Actor{Kind: booking.TokenHolder, TokenHash: booking.HashToken(token)}
	}
	for name, test := range map[string]struct {
		headers []string
		want    booking.Actor
		err     error
	}{
		"no header":                {want: booking.Actor{Kind: booking.Public}},
		"the admin key":            {headers: []string{"Bearer " + chosen}, want: admin},
		"the scheme in any case":   {headers: []string{"bEARER " + chosen}, want: admin},
		"several spaces":           {headers: []string{"Bearer   " + chosen}, want: admin},
		"a token":                  {headers: []string{"Bearer abc.DEF-123_~+/="}, want: holder("abc.DEF-123_~+/=")},
		"nearly the key":           {headers: []string{"Bearer " + chosen + "x"}, want: holder(chosen + "x")},
		"the longest token":        {headers: []string{"Bearer " + strings.Repeat("a", 512)}, want: holder(strings.Repeat("a", 512))},
		"an empty header":          {headers: []string{""}, err: booking.ErrUnauthenticated},
		"no token":                 {headers: []string{"Bearer "}, err: booking.ErrUnauthenticated},
		"no scheme":                {headers: []string{chosen}, err: booking.ErrUnauthenticated},
		"another scheme":           {headers: []string{"Basic YWRtaW46YWRtaW4="}, err: booking.ErrUnauthenticated},
		"no space":                 {headers: []string{"Bearer" + chosen}, err: booking.ErrUnauthenticated},
		"a space in the token":     {headers: []string{"Bearer abc def"}, err: booking.ErrUnauthenticated},
		"a quote in the token":     {headers: []string{`Bearer "abc"`}, err: booking.ErrUnauthenticated},
		"a letter beyond ASCII":    {headers: []string{"Bearer schlüssel"}, err: booking.ErrUnauthenticated},
		"a token that is too long": {headers: []string{"Bearer " + strings.Repeat("a", 513)}, err: booking.ErrUnauthenticated},
		"two headers":              {headers: []string{"Bearer " + chosen, "Bearer abc"}, err: booking.ErrUnauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &http.Request{Header: http.Header{}}
			if test.headers != nil {
				r.Header["Authorization"] = test.headers
			}
			got, err := keys.Actor(t.Context(), r)
			if got != test.want || !errors.Is(err, test.err) {
				t.Errorf("got %+v, %v; want %+v, %v", got, err, test.want, test.err)
			}
			if hash, ok := keys.TokenHash(r); hash != test.want.TokenHash || ok != (hash != [sha256.Size]byte{}) {
				t.Errorf("the token's hash is %x, %v; the actor has %x", hash, ok, test.want.TokenHash)
			}
		})
	}
}

func TestAdminKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	shown, err := auth.New(s).EnsureAdmin(t.Context(), "")
	if err != nil || !strings.HasPrefix(shown, "vk_") || len(shown) != 30 {
		t.Fatalf("the first start: got %q, %v; want a key of vk_ and 27 characters", shown, err)
	}
	again, err := auth.New(s).EnsureAdmin(t.Context(), "")
	if err != nil || again != "" {
		t.Errorf("the second start: got %q, %v; want nothing new", again, err)
	}
	if got := staffName(t, s, shown); got != "admin" {
		t.Errorf("the shown key is %q's; want admin's", got)
	}
}

func TestChosenAdminKeyReplacesTheOneBefore(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	made, err := auth.New(s).EnsureAdmin(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it is there already
		if shown, err := auth.New(s).EnsureAdmin(t.Context(), chosen); shown != "" || err != nil {
			t.Fatalf("got %q, %v; a chosen key is never shown", shown, err)
		}
	}
	if staffName(t, s, chosen) != "admin" || staffName(t, s, made) != "" {
		t.Error("the chosen key must count, and the one before no more")
	}
}

func TestWeakAdminKeyIsRefused(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	for _, weak := range []string{"admin", "fifteen-letters", strings.Repeat(" ", 20), "with a space in it", strings.Repeat("k", 513)} {
		if _, err := auth.New(s).EnsureAdmin(t.Context(), weak); !errors.Is(err, auth.ErrWeakAdminKey) {
			t.Errorf("%q: got %v; want ErrWeakAdminKey", weak, err)
		}
	}
	if has, err := s.HasKeys(t.Context()); has || err != nil {
		t.Errorf("a refused key left something in the store: %v, %v", has, err)
	}
}

func TestIssuedKeysStandSideBySide(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	keys := auth.New(s)
	first, err1 := keys.Issue(t.Context(), "demo")
	second, err2 := keys.Issue(t.Context(), "demo")
	other, err3 := keys.Issue(t.Context(), "console")
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	if staffName(t, s, first) != "" || staffName(t, s, second) != "demo" || staffName(t, s, other) != "console" {
		t.Error("a key replaces the one of its own name, and no other")
	}
}

// staffName is whose management key the token is, "" if it is none.
func staffName(t *testing.T, s store.Keys, token string) string {
	t.Helper()
	actor, err := auth.New(s).Bearer(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	return actor.Key
}

// A store that cannot be read must not turn staff into strangers, and strangers into staff even less.
func TestStoreFailureIsPassedOn(t *testing.T) {
	t.Parallel()
	keys := auth.New(broken{})
	for name, err := range map[string]error{
		"Bearer":                     second(keys.Bearer(t.Context(), chosen)),
		"EnsureAdmin":                second(keys.EnsureAdmin(t.Context(), "")),
		"EnsureAdmin, with a choice": second(keys.EnsureAdmin(t.Context(), chosen)),
		"Issue":                      second(keys.Issue(t.Context(), "demo")),
	} {
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: got %v; want ErrUnavailable", name, err)
		}
	}
	if err := second(keys.Bearer(t.Context(), chosen)); !errors.Is(err, booking.ErrUnavailable) {
		t.Errorf("the API would answer %v as a fault of its own", err)
	}
}

func second[T any](_ T, err error) error { return err }

type broken struct{}

func (broken) PutKey(context.Context, store.Key) error { return store.ErrUnavailable }

func (broken) Key(context.Context, [sha256.Size]byte) (store.Key, error) {
	return store.Key{}, store.ErrUnavailable
}

func (broken) HasKeys(context.Context) (bool, error) { return false, store.ErrUnavailable }

// A store that answered with another key than the one asked for would make strangers staff: the hash is compared once more.
func TestAnotherKeyThanTheOneAskedForIsNotBelieved(t *testing.T) {
	t.Parallel()
	actor, err := auth.New(careless{}).Bearer(t.Context(), chosen)
	if err != nil || actor.Kind != booking.TokenHolder {
		t.Errorf("got %+v, %v; want a token holder", actor, err)
	}
}

type careless struct{ broken }

func (careless) Key(context.Context, [sha256.Size]byte) (store.Key, error) {
	return store.Key{Name: "admin", Hash: booking.HashToken("another")}, nil
}
