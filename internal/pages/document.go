package pages

import (
	"bytes"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strings"
)

// document is the built index.html, cut where a page's own words go.
type document struct {
	// head comes before what is in the head of one page only, body between that and the beginning of the body, and rest after it.
	head, body, tail string
	// title, description and noscript are what the build has for all pages.
	title, description, noscript string
	// preload is the Link header that has a browser fetch the program's files before it has read the page.
	preload string
}

// words are what one page has of its own. None of them is escaped yet, but noscript, which is HTML.
type words struct {
	title, description string
	// name is what the page is about: its title where it is linked to.
	name string
	// address is the page's canonical address; empty if it has none.
	address string
	// hidden keeps search engines away: the page is nobody else's, or does not exist.
	hidden bool
	// noscript is shown to visitors without JavaScript, before everything else.
	noscript string
	// data is the JSON of the vacancy-data element; nil if there is none.
	data []byte
}

var (
	titleElement       = regexp.MustCompile(`(?s)\s*<title>(.*?)</title>`)
	descriptionElement = regexp.MustCompile(`(?s)\s*<meta name="description" content="([^"]*)"\s*/?>`)
	noscriptElement    = regexp.MustCompile(`(?s)\s*<noscript>(.*?)</noscript>`)
	bodyTag            = regexp.MustCompile(`<body[^>]*>`)
	moduleTag          = regexp.MustCompile(`<(?:script type="module"|link rel="modulepreload")[^>]*? (?:src|href)="([^"]+)"`)
	styleTag           = regexp.MustCompile(`<link rel="stylesheet"[^>]*? href="([^"]+)"`)
)

// newDocument cuts the page up. The error names what it lacks.
func newDocument(index string) (d document, err error) {
	cut := func(what string, element *regexp.Regexp) string {
		found := element.FindStringSubmatch(index)
		if found == nil {
			err = fmt.Errorf("the built index.html has no %s", what)
			return ""
		}
		index = strings.Replace(index, found[0], "", 1)
		return html.UnescapeString(found[1])
	}
	d.title, d.description = cut("title", titleElement), cut("description", descriptionElement)
	d.noscript = html.EscapeString(cut("noscript", noscriptElement))
	head, rest, ok := strings.Cut(index, "</head>")
	body := bodyTag.FindStringIndex(rest)
	if err == nil && (!ok || body == nil) {
		err = fmt.Errorf("the built index.html has no head or no body")
	}
	if err != nil {
		return document{}, err
	}
	d.head, d.body, d.tail = head, "</head>"+rest[:body[1]], rest[body[1]:]
	var links []string
	for _, found := range moduleTag.FindAllStringSubmatch(index, -1) {
		links = append(links, "<"+found[1]+">; rel=modulepreload")
	}
	for _, found := range styleTag.FindAllStringSubmatch(index, -1) {
		links = append(links, "<"+found[1]+">; rel=preload; as=style; crossorigin")
	}
	d.preload = strings.Join(links, ", ")
	return d, nil
}

// render is the page with its own words.
func (d document) render(own words) []byte {
	var b bytes.Buffer
	tag := func(format string, values ...string) {
		escaped := make([]any, len(values))
		for i, v := range values {
			escaped[i] = html.EscapeString(v)
		}
		fmt.Fprintf(&b, "    "+format+"\n", escaped...)
	}
	b.WriteString(strings.TrimRight(d.head, " \n") + "\n")
	tag("<title>%s</title>", own.title)
	tag(`<meta name="description" content="%s">`, own.description)
	if own.hidden {
		tag(`<meta name="robots" content="noindex">`)
	}
	if own.address != "" {
		tag(`<link rel="canonical" href="%s">`, own.address)
		tag(`<meta property="og:type" content="website">`)
		tag(`<meta property="og:title" content="%s">`, own.name)
		tag(`<meta property="og:description" content="%s">`, own.description)
		tag(`<meta property="og:url" content="%s">`, own.address)
	}
	b.WriteString("  " + d.body + "\n")
	b.WriteString("    <noscript>" + own.noscript + "</noscript>\n")
	if own.data != nil {
		b.WriteString(`    <script type="application/json" id="vacancy-data">`)
		b.Write(bytes.ReplaceAll(own.data, []byte("<"), []byte(`\u003c`))) // "<" is in strings only; no "</script>" ends the element
		b.WriteString("</script>\n")
	}
	b.WriteString(strings.TrimLeft(d.tail, "\n"))
	return b.Bytes()
}

// noscriptOf says in HTML how to book at a venue without JavaScript.
func noscriptOf(v Venue) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<h1>%s</h1><p>The calendar shows what is free at the moment, and needs JavaScript.", html.EscapeString(v.Name))
	link := func(lead, scheme, target, text string) {
		if text != "" {
			address := url.URL{Scheme: scheme, Opaque: url.PathEscape(target)}
			fmt.Fprintf(&b, ` %s <a href="%s">%s</a>.`, lead, html.EscapeString(address.String()), html.EscapeString(text))
		}
	}
	if v.Email != "" || v.Phone != "" {
		b.WriteString(" To book without it:")
	}
	link("Call", "tel", strings.ReplaceAll(v.Phone, " ", ""), v.Phone)
	link("Write to", "mailto", v.Email, v.Email)
	b.WriteString("</p>")
	if len(v.Services) > 0 {
		b.WriteString("<ul>")
		for _, service := range v.Services {
			text := service.Name
			if service.Price.Amount != "" {
				text += ": " + service.Price.Amount + " " + service.Price.Currency
			}
			fmt.Fprintf(&b, "<li>%s</li>", html.EscapeString(text))
		}
		b.WriteString("</ul>")
	}
	return b.String()
}

// noscriptOfList is the list of venues in HTML: the first of them, each linked to its page.
func noscriptOfList(venues []ListedVenue) string {
	var b strings.Builder
	b.WriteString("<h1>Venues</h1><p>The calendars show what is free at the moment, and need JavaScript. " +
		"Each venue's page says what it offers, and how to reach it.</p><ul>")
	for i, v := range venues {
		if i == maxListedVenues {
			b.WriteString("<li>And more: all of them are at /v1/venues as JSON.</li>")
			break
		}
		fmt.Fprintf(&b, `<li><a href="/%s">%s</a></li>`, html.EscapeString(string(v.ID)), html.EscapeString(v.Name))
	}
	b.WriteString("</ul>")
	return b.String()
}
