package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Canonical JSON of docs/formats.md section 1: RFC 8785, of strings, booleans, arrays, objects and integers
// from 0 to 2^53-1 only. A parsed value is a string, bool, int64, []any or jsonObject.

type member struct {
	name  string
	value any
}

// jsonObject has its members in canonical order.
type jsonObject []member

const (
	deepestJSON    = 8
	largestInteger = 1<<53 - 1
)

// parseCanonical reads text, and refuses what is not written as RFC 8785 writes it: the parser sees it on the way.
// at names the text in refusals; most bounds the number of values, and so the memory that a text can take.
func parseCanonical(text, at string, most int) (any, error) {
	if !utf8.ValidString(text) {
		return nil, refuse(codeJSONSyntax, at, "UTF-8", "")
	}
	p := parser{text: text, at: at, left: most, stray: -1}
	value, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.pos != len(text) {
		return nil, p.syntax("the end")
	}
	if p.stray >= 0 {
		if err := checkMembers(value, at); err != nil {
			return nil, err
		}
		return nil, refuse(codeJSONNotCanonical, at, "the form of RFC 8785", fmt.Sprintf("octet %d", p.stray))
	}
	return value, nil
}

// checkMembers puts every object's members in canonical order and refuses repeated ones.
func checkMembers(value any, at string) error {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			if err := checkMembers(element, at); err != nil {
				return err
			}
		}
	case jsonObject:
		sortMembers(v)
		for i, m := range v {
			if i > 0 && v[i-1].name == m.name {
				return refuse(codeJSONRepeatedMember, at, "each member once", m.name)
			}
			if err := checkMembers(m.value, at); err != nil {
				return err
			}
		}
	}
	return nil
}

type parser struct {
	text, at string
	pos      int
	left     int
	stray    int    // the first octet that RFC 8785 writes otherwise, or -1
	scratch  []byte // of strings with escapes
}

// otherwise notes that RFC 8785 writes the text otherwise from octet at on.
func (p *parser) otherwise(at int) {
	if p.stray < 0 {
		p.stray = at
	}
}

func (p *parser) syntax(expected string) error {
	return refuse(codeJSONSyntax, p.at, expected, fmt.Sprintf("octet %d", p.pos))
}

func (p *parser) space() {
	for p.pos < len(p.text) && p.text[p.pos] <= ' ' && strings.IndexByte(" \t\r\n", p.text[p.pos]) >= 0 {
		p.otherwise(p.pos)
		p.pos++
	}
}

// take moves past c, after white space, if it is what comes next.
func (p *parser) take(c byte) bool {
	p.space()
	if p.pos < len(p.text) && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *parser) value(depth int) (any, error) {
	if p.left--; p.left < 0 {
		return nil, refuse(codeJSONValues, p.at, "fewer values", "")
	}
	p.space()
	if p.pos == len(p.text) {
		return nil, p.syntax("a value")
	}
	rest := p.text[p.pos:]
	switch c := rest[0]; {
	case c == '{' || c == '[':
		if depth == deepestJSON {
			return nil, refuse(codeJSONDepth, p.at, "at most 8 levels", "")
		}
		p.pos++
		if c == '{' {
			return p.object(depth + 1)
		}
		return p.array(depth + 1)
	case c == '"':
		return p.string()
	case c == '-' || '0' <= c && c <= '9':
		return p.integer()
	case strings.HasPrefix(rest, "true"):
		p.pos += len("true")
		return true, nil
	case strings.HasPrefix(rest, "false"):
		p.pos += len("false")
		return false, nil
	case strings.HasPrefix(rest, "null"):
		return nil, refuse(codeJSONNull, p.at, "no null", "")
	}
	return nil, p.syntax("a value")
}

func (p *parser) object(depth int) (any, error) {
	members := jsonObject{}
	if p.take('}') {
		return members, nil
	}
	for {
		p.space()
		start := p.pos
		name, err := p.string()
		if err != nil {
			return nil, err
		}
		// Ascending members are canonical, and none of them is repeated.
		if last := len(members) - 1; last >= 0 && compareNames(members[last].name, name) >= 0 {
			p.otherwise(start)
		}
		if !p.take(':') {
			return nil, p.syntax(":")
		}
		value, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		members = append(members, member{name, value})
		if p.take('}') {
			return members, nil
		}
		if !p.take(',') {
			return nil, p.syntax(", or }")
		}
	}
}

func (p *parser) array(depth int) (any, error) {
	elements := []any{}
	if p.take(']') {
		return elements, nil
	}
	for {
		value, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		elements = append(elements, value)
		if p.take(']') {
			return elements, nil
		}
		if !p.take(',') {
			return nil, p.syntax(", or ]")
		}
	}
}

func (p *parser) integer() (any, error) {
	start := p.pos
	for p.pos < len(p.text) && strings.IndexByte("+-.eE0123456789", p.text[p.pos]) >= 0 {
		p.pos++
	}
	token := p.text[start:p.pos]
	if !isDecimal(token) {
		return nil, refuse(codeJSONNumber, p.at, "0…9007199254740991", token)
	}
	return strconv.ParseInt(token, 10, 64)
}

// isPlain: an octet that stands for itself within a string.
var isPlain = func() (plain [256]bool) {
	for c := range plain {
		plain[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return plain
}()

// string reads a string; its contents are a part of the text where nothing is escaped.
func (p *parser) string() (string, error) {
	if p.pos == len(p.text) || p.text[p.pos] != '"' {
		return "", p.syntax("a string")
	}
	p.pos++
	start, decoded, escaped := p.pos, p.scratch[:0], false
	for {
		for p.pos < len(p.text) && isPlain[p.text[p.pos]] {
			p.pos++
		}
		switch {
		case p.pos == len(p.text):
			return "", p.syntax("the end of a string")
		case p.text[p.pos] == '"':
			tail := p.text[start:p.pos]
			p.pos++
			if !escaped {
				return tail, nil
			}
			p.scratch = append(decoded, tail...)
			return string(p.scratch), nil
		case p.text[p.pos] != '\\':
			return "", p.syntax("no control character")
		}
		decoded, escaped = append(decoded, p.text[start:p.pos]...), true
		r, ok := p.escape()
		if !ok {
			return "", p.syntax("an escape")
		}
		decoded = utf8.AppendRune(decoded, r)
		start = p.pos
	}
}

// escape reads one escape, and holds it to the one that RFC 8785 section 3.2.2.2 has for the character, if any.
func (p *parser) escape() (rune, bool) {
	rest := p.text[p.pos+1:]
	if rest == "" {
		return 0, false
	}
	if rest[0] == '"' || rest[0] == '\\' {
		p.pos += 2
		return rune(rest[0]), true
	}
	start := p.pos
	r, ok := p.longEscape(rest)
	if ok && (r >= ' ' || p.text[start:p.pos] != escapeOf(byte(r))) {
		p.otherwise(start)
	}
	return r, ok
}

// longEscape reads an escape that is neither of a quote nor of a backslash. A lone surrogate is read as itself.
func (p *parser) longEscape(rest string) (rune, bool) {
	if at := strings.IndexByte("/bfnrt", rest[0]); at >= 0 {
		p.pos += 2
		return rune("/\b\f\n\r\t"[at]), true
	}
	first, ok := utf16Unit(rest)
	if !ok {
		return 0, false
	}
	p.pos += 6
	if utf16.IsSurrogate(first) && p.pos < len(p.text) && p.text[p.pos] == '\\' {
		if second, ok := utf16Unit(p.text[p.pos+1:]); ok {
			if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
				p.pos += 6
				return r, true
			}
		}
	}
	return first, true
}

func utf16Unit(text string) (rune, bool) {
	if len(text) < 5 || text[0] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(text[1:5], 16, 16)
	return rune(unit), err == nil
}

// compareNames orders member names by UTF-16 code units, RFC 8785 section 3.2.3.
func compareNames(a, b string) int {
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	if same < len(a) && same < len(b) && a[same] < utf8.RuneSelf && b[same] < utf8.RuneSelf {
		return cmp.Compare(a[same], b[same])
	}
	for a != "" && b != "" {
		x, widthX := utf8.DecodeRuneInString(a)
		y, widthY := utf8.DecodeRuneInString(b)
		if x != y {
			return cmp.Or(cmp.Compare(firstUnit(x), firstUnit(y)), cmp.Compare(x, y))
		}
		a, b = a[widthX:], b[widthY:]
	}
	return cmp.Compare(len(a), len(b))
}

// firstUnit is the first of a character's UTF-16 code units. Two characters with the same one compare as they are.
func firstUnit(r rune) rune {
	if high, _ := utf16.EncodeRune(r); high != utf8.RuneError {
		return high
	}
	return r
}
