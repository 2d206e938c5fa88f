package doctor

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// syncNames is a setting of synchronous_standby_names, taken apart.
type syncNames struct {
	// any: a commit waits for any count of the names; else for the first count of them that are connected, in their order.
	any   bool
	count int
	names []string // as they are compared, without quotes; "*" is every standby
}

var errSyncNames = errors.New("it is not in the form that PostgreSQL documents")

// parseSyncNames reads the three forms: FIRST n (names), ANY n (names), and a list of names, of which the first is waited for.
func parseSyncNames(text string) (syncNames, error) {
	tokens, err := scanSyncNames(text)
	if err != nil {
		return syncNames{}, err
	}
	if len(tokens) == 0 {
		return syncNames{}, nil
	}
	s := syncNames{count: 1}
	if open := slices.Index(tokens, syncToken{text: "("}); open >= 0 {
		if tokens[len(tokens)-1] != (syncToken{text: ")"}) {
			return syncNames{}, errSyncNames
		}
		if s.any, s.count, err = readMethod(tokens[:open]); err != nil {
			return syncNames{}, err
		}
		tokens = tokens[open+1 : len(tokens)-1]
	}
	for i, t := range tokens {
		if isComma := !t.isName && t.text == ","; isComma != (i%2 == 1) || !t.isName && !isComma {
			return syncNames{}, errSyncNames
		}
		if t.isName {
			s.names = append(s.names, t.text)
		}
	}
	if len(tokens)%2 == 0 {
		return syncNames{}, errSyncNames
	}
	return s, nil
}

// readMethod reads what stands before the names: [FIRST | ANY] n.
func readMethod(tokens []syncToken) (anyOf bool, count int, err error) {
	if len(tokens) == 2 {
		method := strings.ToUpper(tokens[0].text)
		if anyOf = method == "ANY"; !anyOf && method != "FIRST" {
			return false, 0, errSyncNames
		}
		tokens = tokens[1:]
	}
	if len(tokens) != 1 {
		return false, 0, errSyncNames
	}
	if count, err = strconv.Atoi(tokens[0].text); err != nil || count < 1 {
		return false, 0, errSyncNames
	}
	return anyOf, count, nil
}

// syncToken is a name (also a number or *), or one of ( ) and the comma.
type syncToken struct {
	text   string
	isName bool
}

func scanSyncNames(text string) (tokens []syncToken, err error) {
	for text = strings.TrimLeft(text, " \t\n\r\f\v"); text != ""; text = strings.TrimLeft(text, " \t\n\r\f\v") {
		switch text[0] {
		case '(', ')', ',':
			tokens, text = append(tokens, syncToken{text: text[:1]}), text[1:]
		case '*':
			tokens, text = append(tokens, syncToken{"*", true}), text[1:]
		case '"':
			name, rest, ok := cutQuoted(text[1:])
			if !ok {
				return nil, errSyncNames
			}
			tokens, text = append(tokens, syncToken{name, true}), rest
		default:
			end := strings.IndexFunc(text, func(r rune) bool { return !isNameRune(r) })
			if end == 0 {
				return nil, errSyncNames
			}
			if end < 0 {
				end = len(text)
			}
			tokens, text = append(tokens, syncToken{text[:end], true}), text[end:]
		}
	}
	return tokens, nil
}

// cutQuoted takes what is within quotes, of which one is open; two in a row are one.
func cutQuoted(text string) (name, rest string, ok bool) {
	var b strings.Builder
	for {
		before, after, closed := strings.Cut(text, `"`)
		if !closed {
			return "", "", false
		}
		b.WriteString(before)
		if !strings.HasPrefix(after, `"`) {
			return b.String(), after, true
		}
		b.WriteByte('"')
		text = after[1:]
	}
}

func isNameRune(r rune) bool {
	return r == '_' || r == '$' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0x80
}

// matches tells whether an entry is a name of a standby.
func matches(entry, name string) bool { return entry == "*" || strings.EqualFold(entry, name) }

// lists tells whether a standby of that name may be waited for.
func (s syncNames) lists(name string) bool {
	return slices.ContainsFunc(s.names, func(entry string) bool { return matches(entry, name) })
}

// rivals is how many standbys may take part in an acknowledgement, given the names of those that are connected: one for each name that is
// listed, connected or not, more for a name that several have, and for * all that are connected.
func (s syncNames) rivals(connected []string) (n int) {
	wildcard := false
	for _, entry := range s.names {
		if entry == "*" {
			wildcard = true
			continue
		}
		sharing := 0
		for _, name := range connected {
			if strings.EqualFold(entry, name) {
				sharing++
			}
		}
		n += max(sharing, 1)
	}
	if !wildcard {
		return n
	}
	for _, name := range connected {
		if !s.named(name) {
			n++
		}
	}
	return n
}

// named tells whether a name is listed, and not only meant by *.
func (s syncNames) named(name string) bool {
	return slices.ContainsFunc(s.names, func(entry string) bool { return entry != "*" && strings.EqualFold(entry, name) })
}

// always tells whether every acknowledgement includes each standby that is listed: as many are waited for as there are.
func (s syncNames) always(connected []string) bool { return s.count >= s.rivals(connected) }
