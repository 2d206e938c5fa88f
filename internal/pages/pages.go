package pages

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"vacancy/internal/booking"
	"vacancy/internal/live/wire"
)

// Options are what the pages are made of. All must be set, but for PublicURL.
type Options struct {
	// Files is a build of the pages: see package web.
	Files fs.FS
	// Venues knows the venues.
	Venues Venues
	// PublicURL is the scheme and host that customers see. Without it, that of each request is taken.
	PublicURL string
}

// Venues is what the pages need to know of venues.
type Venues interface {
	// Venue is [booking.ErrNotFound] if there is none of that id. The service is what the visitor chose, if anything.
	Venue(ctx context.Context, id booking.VenueID, service booking.ServiceID) (Venue, error)
	// List is the first venues that are not archived, by id: at most so many.
	List(ctx context.Context, limit int) ([]ListedVenue, error)
}

// ListedVenue is a venue in the list of all.
type ListedVenue struct {
	ID   booking.VenueID
	Name string
}

// Service is what a venue offers. The price is [booking.Price]'s zero value if it has none.
type Service struct {
	Name  string
	Price booking.Price
}

// Venue is what stands in a venue's page.
type Venue struct {
	Name         string
	Email, Phone string
	Services     []Service // in order
	// Archived venues have no calendar any more, but bookings.
	Archived bool
	// Now is the server's time. The JSON is the bodies of the API's answers; Availability may be nil.
	Now                                                   time.Time
	VenueJSON, ServicesJSON, ResourcesJSON, FirstWeekJSON []byte
}

// Pages serves the built pages from memory.
type Pages struct {
	venues   Venues
	public   string
	assets   map[string]asset // by path in the build: "assets/app-1a2b.js"
	document document
	docs     asset
	// listWords are what home has of its own, without a list of venues.
	listWords words
	// home, missing and unavailable are the pages that belong to no venue.
	home, missing, unavailable asset
	// zippers are gzip writers that were used before: each has half a megabyte of tables.
	zippers sync.Pool
}

// pageForm matches the addresses that the calendar's program serves: the list of venues, a venue, and a booking.
var pageForm = regexp.MustCompile(`^/(?:([a-z0-9][a-z0-9_-]{0,63})(/bookings/[a-z0-9_-]+)?/?)?$`)

// New reads a build of the pages. The error names what it lacks.
func New(o Options) (*Pages, error) {
	p := &Pages{venues: o.Venues, public: strings.TrimSuffix(o.PublicURL, "/"), assets: make(map[string]asset)}
	err := fs.WalkDir(o.Files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(o.Files, name)
		if err != nil {
			return err
		}
		return p.addFile(name, content)
	})
	if err == nil {
		err = p.buildCommonPages()
	}
	if err != nil {
		return nil, fmt.Errorf("read the built pages: %w", err)
	}
	return p, nil
}

func (p *Pages) addFile(name string, content []byte) (err error) {
	switch name {
	case "index.html":
		p.document, err = newDocument(string(content))
	case "docs.html":
		p.docs, err = newAsset(name, content)
	default:
		p.assets[name], err = newAsset(name, content)
	}
	return err
}

// buildCommonPages builds those that belong to no venue.
func (p *Pages) buildCommonPages() (err error) {
	if p.document.head == "" || p.docs.plain == nil {
		return errors.New("index.html or docs.html is missing")
	}
	p.listWords = words{title: p.document.title, name: p.document.title, description: p.document.description, noscript: p.document.noscript}
	if p.public != "" {
		p.listWords.address = p.public + "/"
	}
	common := p.listWords
	hidden := words{
		title: titled("Nothing here"), description: common.description, hidden: true, noscript: "<h1>Nothing is here</h1>",
		data: []byte(`{"missing":true}`), // so that the program does not ask the API for what is not there
	}
	for _, page := range []struct {
		page *asset
		own  words
	}{{&p.home, common}, {&p.missing, hidden}, {&p.unavailable, words{
		title: common.title, description: common.description, hidden: true, noscript: "<h1>Not available at the moment</h1>",
	}}} {
		if *page.page, err = newAsset("index.html", p.document.render(page.own)); err != nil {
			return err
		}
	}
	return nil
}

// titled is a title as the pages have it: the most particular word first.
func titled(parts ...string) string { return strings.Join(append(parts, "Vacancy"), " · ") }

// serveAsset serves the asset of the address, if it is one's.
func (p *Pages) serveAsset(w http.ResponseWriter, r *http.Request) (ok bool) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	file, ok := p.assets[name]
	if !ok {
		return false
	}
	setAssetHeaders(w.Header())
	if strings.HasPrefix(name, "assets/") { // their names carry a hash of what is in them
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	file.serve(w, r, http.StatusOK)
	return true
}

// Unavailable serves the asset of the address, and in place of every page the one that says that nothing can be had at the moment.
func (p *Pages) Unavailable(w http.ResponseWriter, r *http.Request) {
	if p.serveAsset(w, r) {
		return
	}
	w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	p.common(w, r, p.unavailable, http.StatusServiceUnavailable)
}

// ServeHTTP serves the page or asset of the address.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.serveAsset(w, r) {
		return
	}
	address := pageForm.FindStringSubmatch(r.URL.Path)
	switch {
	case address == nil:
		p.common(w, r, p.missing, http.StatusNotFound)
	case address[1] == "":
		p.homePage(w, r)
	case booking.VenueID(address[1]).ServerPath():
		p.common(w, r, p.missing, http.StatusNotFound)
	default:
		p.venue(w, r, booking.VenueID(address[1]), address[2] != "")
	}
}

// Docs serves the reference of the API.
func (p *Pages) Docs(w http.ResponseWriter, r *http.Request) {
	setPageHeaders(w.Header())
	w.Header().Set("Cache-Control", "no-cache")
	p.docs.serve(w, r, http.StatusOK)
}

// common serves a page that is the same for everybody.
func (p *Pages) common(w http.ResponseWriter, r *http.Request, page asset, status int) {
	setPageHeaders(w.Header())
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Link", p.document.preload)
	page.serve(w, r, status)
}

// homePage serves the list of venues. The program asks for it by itself, so a list that cannot be read is missed without scripts only.
func (p *Pages) homePage(w http.ResponseWriter, r *http.Request) {
	page := p.home
	ctx, cancel := context.WithTimeout(r.Context(), listTimeout)
	defer cancel()
	if venues, err := p.venues.List(ctx, maxListedVenues+1); err == nil && len(venues) > 0 {
		own := p.listWords
		own.noscript = noscriptOfList(venues)
		content := p.document.render(own)
		page = asset{plain: content, zipped: p.compress(content), contentType: page.contentType, etag: etagOf(content)}
	}
	p.common(w, r, page, http.StatusOK)
}

// venue serves the page of a venue, or of one of its bookings.
func (p *Pages) venue(w http.ResponseWriter, r *http.Request, id booking.VenueID, ofBooking bool) {
	service := booking.ServiceID(r.URL.Query().Get("service"))
	if !booking.ValidID(string(service)) {
		service = ""
	}
	venue, err := p.venues.Venue(r.Context(), id, service)
	switch {
	case errors.Is(err, booking.ErrNotFound) || err == nil && venue.Archived && !ofBooking:
		p.common(w, r, p.missing, http.StatusNotFound)
	case err != nil: // the program says it in more words, and tries again
		p.Unavailable(w, r)
	case ofBooking:
		p.render(w, r, words{
			title: titled("Booking", venue.Name), description: "A booking at " + venue.Name + ".", hidden: true, noscript: noscriptOf(venue),
		})
	default:
		p.render(w, r, words{
			title: titled(venue.Name), name: venue.Name, description: description(venue), address: p.address(r) + "/" + string(id),
			noscript: noscriptOf(venue), data: venue.data(),
		})
	}
}

// render answers with a page that was made for this request. It tells the time, so nobody keeps it.
func (p *Pages) render(w http.ResponseWriter, r *http.Request, own words) {
	content := p.document.render(own)
	header := w.Header()
	setPageHeaders(header)
	header.Set("Cache-Control", "no-store")
	header.Set("Link", p.document.preload)
	if wire.AcceptsGzip(r.Header.Values("Accept-Encoding")) {
		header.Set("Content-Encoding", "gzip")
		content = p.compress(content)
	}
	header.Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content) // the reader may have gone; of a HEAD, the server drops it
}

// address is the scheme and host that the visitor used, or the public one if it is known.
func (p *Pages) address(r *http.Request) string {
	switch {
	case p.public != "":
		return p.public
	case r.TLS != nil:
		return "https://" + r.Host
	default:
		return "http://" + r.Host
	}
}

// description says in a sentence what can be booked at a venue.
func description(v Venue) string {
	const end = ". See what is free right now, and book it."
	text := "Book at " + v.Name
	for i, service := range v.Services {
		name, separator := service.Name, ", "
		if i == 0 {
			separator = ": "
		}
		if len(text)+len(separator)+len(name)+len(end) > maxDescription {
			break
		}
		text += separator + name
	}
	return text + end
}

// data is the JSON that the page begins with.
func (v Venue) data() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"now":"%s"`, v.Now.UTC().Format(time.RFC3339Nano))
	for _, part := range []struct {
		name string
		json []byte
	}{{"venue", v.VenueJSON}, {"services", v.ServicesJSON}, {"resources", v.ResourcesJSON}, {"availability", v.FirstWeekJSON}} {
		if part.json == nil {
			part.json = []byte("null")
		}
		fmt.Fprintf(&b, `,"%s":%s`, part.name, part.json)
	}
	b.WriteByte('}')
	return b.Bytes()
}

func (p *Pages) compress(content []byte) []byte {
	var b bytes.Buffer
	b.Grow(len(content) / 3)
	w, ok := p.zippers.Get().(*gzip.Writer)
	if !ok {
		w = gzip.NewWriter(nil)
	}
	defer p.zippers.Put(w)
	w.Reset(&b)
	_, _ = w.Write(content) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}
