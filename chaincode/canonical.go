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

// parseCanonical reads text, then encodes what it read and compares: a difference is a refusal. at names the
// text in refusals; most bounds the number of values, and so the memory that a text can take.
func parseCanonical(text, at string, most int) (any, error) {
	if !utf8.ValidString(text) {
		return nil, refuse(codeJSONSyntax, at, "UTF-8", "")
	}
	p := parser{text: text, at: at, left: most}
	value, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.pos != len(text) {
		return nil, p.syntax("the end")
	}
	if err := checkMembers(value, at); err != nil {
		return nil, err
	}
	same := comparison{rest: text, same: true}
	writeCanonical(same.put, value)
	if !same.same || same.rest != "" {
		return nil, refuse(codeJSONNotCanonical, at, "the form of RFC 8785", fmt.Sprintf("octet %d", len(text)-len(same.rest)))
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
}

func (p *parser) syntax(expected string) error {
	return refuse(codeJSONSyntax, p.at, expected, fmt.Sprintf("octet %d", p.pos))
}

func (p *parser) space() {
	for p.pos < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.pos]) >= 0 {
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
		name, err := p.string()
		if err != nil {
			return nil, err
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

// string reads a string; its contents are a part of the text where nothing is escaped.
func (p *parser) string() (string, error) {
	if p.pos == len(p.text) || p.text[p.pos] != '"' {
		return "", p.syntax("a string")
	}
	p.pos++
	var decoded []byte
	start := p.pos
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == '"':
			tail := p.text[start:p.pos]
			p.pos++
			if decoded == nil {
				return tail, nil
			}
			return string(append(decoded, tail...)), nil
		case c == '\\':
			decoded = append(decoded, p.text[start:p.pos]...)
			r, ok := p.escape()
			if !ok {
				return "", p.syntax("an escape")
			}
			decoded = utf8.AppendRune(decoded, r)
			start = p.pos
		case c < ' ':
			return "", p.syntax("no control character")
		default:
			p.pos++
		}
	}
	return "", p.syntax("the end of a string")
}

// escape reads one escape. A lone surrogate reads as U+FFFD and so fails the comparison of parseCanonical.
func (p *parser) escape() (rune, bool) {
	rest := p.text[p.pos+1:]
	if rest == "" {
		return 0, false
	}
	if at := strings.IndexByte(`"\/bfnrt`, rest[0]); at >= 0 {
		p.pos += 2
		return rune("\"\\/\b\f\n\r\t"[at]), true
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
