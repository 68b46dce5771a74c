package main

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// refusal says why this organisation does not sign: where, by which rule, and what differs.
type refusal struct {
	code            code
	at              string
	expected, found string
}

const (
	refusalPrefix = "archive-ledger refusal "
	longestFound  = 120
)

func refuse(why code, at, expected, found string) error {
	return &refusal{why, at, expected, found}
}

// Error is the message of docs/formats.md section 8: the prefix, then canonical JSON.
func (r *refusal) Error() string {
	return refusalPrefix + encodeCanonical(jsonObject{
		{"at", printable(r.at)},
		{"code", string(r.code)},
		{"expected", printable(r.expected)},
		{"found", printable(r.found)},
	})
}

// printable cuts a text that came from outside to what a log line or a screen can bear.
func printable(text string) string {
	var out strings.Builder
	for taken := 0; text != ""; taken++ {
		if taken == longestFound {
			out.WriteRune('…')
			break
		}
		r, width := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			r = '\uFFFD'
		}
		out.WriteRune(r)
		text = text[width:]
	}
	return out.String()
}
