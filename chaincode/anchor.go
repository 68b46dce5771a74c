package main

import (
	"crypto/sha256"
	"strconv"
	"strings"
)

// anchor is what a batch leaves on the chain: docs/formats.md section 7.
type anchor struct {
	ledger      string
	number      int64
	size        int64
	roots       digests
	last        string // recorded_at of the log's last entry, or -
	before      string // digest of the anchor before, or -
	transaction string
	time        string
}

const anchorVersion = "archive-ledger anchor v1"

func (a anchor) encode() string {
	return strings.Join([]string{
		anchorVersion,
		a.ledger,
		strconv.FormatInt(a.number, 10),
		strconv.FormatInt(a.size, 10),
		a.roots.sha256.String(),
		a.roots.sm3.String(),
		a.last,
		a.before,
		a.transaction,
		a.time,
	}, "\n") + "\n"
}

func (a anchor) digest() string { return digest(sha256.Sum256([]byte(a.encode()))).String() }

// parseAnchor reads an anchor of the channel's state. What does not encode to the same text again is not ours.
func parseAnchor(text, at string) (anchor, error) {
	wrong := refuse(codeState, at, anchorVersion, text)
	lines := strings.Split(text, "\n")
	if len(lines) != 11 || !isDecimal(lines[2]) || !isDecimal(lines[3]) || !hex32Form.holds(lines[4]) || !hex32Form.holds(lines[5]) {
		return anchor{}, wrong
	}
	number, _ := strconv.ParseInt(lines[2], 10, 64)
	size, _ := strconv.ParseInt(lines[3], 10, 64)
	a := anchor{
		ledger:      lines[1],
		number:      number,
		size:        size,
		roots:       digests{digestOf(lines[4]), digestOf(lines[5])},
		last:        lines[6],
		before:      lines[7],
		transaction: lines[8],
		time:        lines[9],
	}
	if a.encode() != text || !isInstant(a.time) || a.last != "-" && !isInstant(a.last) {
		return anchor{}, wrong
	}
	return a, nil
}
