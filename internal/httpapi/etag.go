package httpapi

import (
	"strconv"
	"strings"

	"vacancy/internal/booking"
	"vacancy/internal/desk"
)

// The tag of a venue, resource or service is its revision in quotes. Tags of what is computed are weak.

func revisionTag(r booking.Revision) string { return `"` + strconv.FormatUint(uint64(r), 10) + `"` }

// noRevision is one that nothing ever has: it stands for tags that no answer of ours carried.
const noRevision booking.Revision = 0

// condition is what the request's If-Match, If-None-Match and dry_run ask of an edit.
func (c *requestContext) condition() (desk.Condition, error) {
	var condition desk.Condition
	q, err := c.query("dry_run")
	if err != nil {
		return condition, err
	}
	condition.DryRun = q.flag("dry_run")
	if err := q.err(); err != nil {
		return condition, err
	}
	if headers := c.r.Header["If-Match"]; len(headers) > 0 {
		tags, ok := parseTags(headers)
		if !ok {
			return condition, malformed("If-Match", `must be * or entity tags such as "12"`)
		}
		condition.Any = tags == nil
		for _, tag := range tags {
			condition.Match = append(condition.Match, revisionOf(tag))
		}
	}
	if headers := c.r.Header["If-None-Match"]; len(headers) > 0 {
		if tags, ok := parseTags(headers); !ok || tags != nil {
			return condition, malformed("If-None-Match", "must be * here: an edit can depend on there being nothing yet")
		}
		condition.Absent = true
	}
	return condition, nil
}

// revisionOf is the revision that a strong tag stands for. A weak tag matches nothing: edits compare strongly (RFC 9110, 13.1.1).
func revisionOf(tag string) booking.Revision {
	n, err := strconv.ParseUint(strings.Trim(tag, `"`), 10, 64)
	if err != nil || tag != revisionTag(booking.Revision(n)) {
		return noRevision
	}
	return booking.Revision(n)
}

// parseTags reads the entity tags of a header's lines; none, if the header is the asterisk.
func parseTags(lines []string) (tags []string, ok bool) {
	if len(lines) == 1 && strings.Trim(lines[0], " \t") == "*" {
		return nil, true
	}
	for _, line := range lines {
		for rest := strings.Trim(line, " \t"); rest != ""; {
			tag, after, ok := cutTag(rest)
			if !ok {
				return nil, false
			}
			tags = append(tags, tag)
			after = strings.TrimLeft(after, " \t")
			if after != "" && after[0] != ',' {
				return nil, false
			}
			rest = strings.TrimLeft(after, ", \t")
		}
	}
	return tags, len(tags) > 0
}

// cutTag takes the entity tag that s begins with. Tags may hold commas.
func cutTag(s string) (tag, after string, ok bool) {
	weak := len(s) - len(strings.TrimPrefix(s, "W/"))
	if len(s) <= weak || s[weak] != '"' {
		return "", "", false
	}
	end := strings.IndexByte(s[weak+1:], '"')
	if end < 0 {
		return "", "", false
	}
	end += weak + 2
	return s[:end], s[end:], true
}

// matchesAny tells whether the lines of an If-None-Match name the tag, compared weakly.
func matchesAny(lines []string, tag string) bool {
	if len(lines) == 0 {
		return false
	}
	if lines[0] == tag { // nearly always: what the answer before said
		return true
	}
	tags, ok := parseTags(lines)
	if !ok {
		return false
	}
	if tags == nil {
		return true
	}
	for _, t := range tags {
		if strings.TrimPrefix(t, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
