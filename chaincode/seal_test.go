package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/emmansun/gmsm/sm3"
)

// The sealing side, written a second time and plainly from docs/formats.md, so that the tests compare two readings.

type claims = map[string]any

// act is a statement before it is signed, with what a test may change on the way.
type act struct {
	by         person
	header     claims
	claims     claims
	items      []claims
	recordedAt string

	payload   func(string) string // changes the payload's text before it is signed
	signed    func(string) string // changes the statement's text after it is signed
	itemTexts func([]string)      // changes the items' texts before the list's roots are taken
}

// sealed is a batch as the operator hands it in, and the anchor it should leave.
type sealed struct {
	members map[string]any
	leaves  []string
	last    string
	trails  map[string]placedLink
}

// history is the log that a batch is added to.
type history struct {
	ledger string
	number int
	leaves []string
	last   string
	anchor string                // the last anchor's text, or empty
	trails map[string]placedLink // by "<kind> <key>": the next link
}

type placedLink struct {
	seq  int
	hash string
}

func hexOf(data []byte) string { return fmt.Sprintf("%x", data) }

func sha(data string) string { sum := sha256.Sum256([]byte(data)); return hexOf(sum[:]) }
func shang(data string) string {
	sum := sm3.Sum([]byte(data))
	return hexOf(sum[:])
}

func plainSHA256(data []byte) []byte { sum := sha256.Sum256(data); return sum[:] }
func plainSM3(data []byte) []byte    { sum := sm3.Sum(data); return sum[:] }

// mth is RFC 9162 section 2.1.1 word for word.
func mth(hash func([]byte) []byte, leaves []string) []byte {
	switch n := len(leaves); {
	case n == 0:
		return hash(nil)
	case n == 1:
		return hash(append([]byte{0}, leaves[0]...))
	default:
		k := 1
		for k*2 < n {
			k *= 2
		}
		return hash(slices.Concat([]byte{1}, mth(hash, leaves[:k]), mth(hash, leaves[k:])))
	}
}

// frontierOf: the roots of the complete subtrees, largest first.
func frontierOf(hash func([]byte) []byte, leaves []string) []string {
	roots := []string{}
	for start, width := 0, 1<<30; width > 0; width /= 2 {
		if len(leaves)&width != 0 {
			roots = append(roots, hexOf(mth(hash, leaves[start:start+width])))
			start += width
		}
	}
	return roots
}

// statement signs the act, and returns its text and its items' texts.
func (a *act) statement() (string, []string) {
	var items []string
	for _, item := range a.items {
		items = append(items, canonical(item))
	}
	if a.itemTexts != nil {
		a.itemTexts(items)
	}
	if list, ok := a.claims["list"].(claims); ok {
		setDefault(list, "size", len(items))
		setDefault(list, "sha256", hexOf(mth(plainSHA256, items)))
		setDefault(list, "sm3", hexOf(mth(plainSM3, items)))
	}
	certificate := sha256.Sum256(a.by.der)
	header := claims{"alg": "ES256", "typ": "archive-statement+sd-jwt", "x5t#S256": base64.RawURLEncoding.EncodeToString(certificate[:])}
	for name, value := range a.header {
		header[name] = value
	}
	payload := canonical(a.claims)
	if a.payload != nil {
		payload = a.payload(payload)
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(canonical(header))) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	text += "." + a.by.sign(text)
	if a.signed != nil {
		text = a.signed(text)
	}
	return text, items
}

func setDefault(object claims, name string, value any) {
	if _, there := object[name]; !there {
		object[name] = value
	}
}

// trailLines are "<kind> <key>" of the claims' trails, sorted.
func trailLines(own claims, list bool, agent string) []string {
	found := map[string]bool{}
	put := func(kind string, subject any) {
		if text, ok := subject.(string); ok {
			found[kind+" "+sha("archive-ledger trail v1\n"+kind+"\n"+text+"\n")] = true
		}
	}
	if agent != "" {
		put("agent", agent)
	}
	if list {
		listing, _ := own["list"].(claims)
		put("list", listing["id"])
	} else {
		put("record", own["record"])
		switch own["event"] {
		case "key.enrol", "key.revoke":
			put("keys", own["subject"])
		case "appoint", "release", "duty.handover":
			put("duties", own["subject"])
		}
		files, _ := own["files"].([]any)
		for _, file := range files {
			if file, ok := file.(claims); ok {
				put("content", file["sha256"])
			}
		}
	}
	var lines []string
	for line := range found {
		lines = append(lines, line)
	}
	sort.Strings(lines)
	return lines
}

// seal makes the batch of the acts after h.
func seal(h history, acts []*act) sealed {
	before := []string{"-", "-", "-"}
	if h.anchor != "" {
		lines := strings.Split(h.anchor, "\n")
		before = []string{sha(h.anchor), lines[9], lines[8]}
	}
	marker := fmt.Sprintf("archive-ledger batch v1\n%d\n%s\n%d\n%s\n", len(h.leaves), h.ledger, h.number, strings.Join(before, "\n"))
	out := sealed{leaves: append(slices.Clone(h.leaves), marker), last: h.last}
	trails := map[string]placedLink{}
	for line, next := range h.trails {
		trails[line] = next
	}
	links, statements := []string{}, []any{}
	certificates := map[string][]byte{}
	enter := func(recordedAt, statement, itemLine string, lines []string) {
		entry := fmt.Sprintf("archive-ledger entry v1\n%d\n%s\n%s %s\n%s\n", len(out.leaves), recordedAt, sha(statement), shang(statement), itemLine)
		for _, line := range lines {
			link := "0 -"
			if next := trails[line]; next.seq > 0 {
				link = fmt.Sprintf("%d %s", next.seq, next.hash)
			}
			links = append(links, link)
			entry += line + " " + link + "\n"
		}
		for _, line := range lines {
			trails[line] = placedLink{trails[line].seq + 1, sha("\x00" + entry)}
		}
		out.leaves = append(out.leaves, entry)
		out.last = recordedAt
	}
	for _, a := range acts {
		text, items := a.statement()
		_, isList := a.claims["list"]
		logged := map[string]any{"recorded_at": a.recordedAt, "statement": text}
		agent, _ := a.claims["agent"].(string)
		enter(a.recordedAt, text, "-", trailLines(a.claims, isList, agent))
		if items != nil {
			logged["items"] = items
		}
		if isList {
			for n, item := range items {
				enter(a.recordedAt, text, fmt.Sprintf("%d %s %s", n, sha(item), shang(item)), trailLines(a.items[n], false, ""))
			}
		}
		statements = append(statements, logged)
		sum := sha256.Sum256(a.by.der)
		certificates[string(sum[:])] = a.by.der
	}
	out.members = map[string]any{
		"certificates": inOrder(certificates),
		"frontier": map[string]any{
			"sha256": frontierOf(plainSHA256, h.leaves),
			"size":   len(h.leaves),
			"sm3":    frontierOf(plainSM3, h.leaves),
		},
		"ledger":     h.ledger,
		"links":      links,
		"marker":     marker,
		"number":     h.number,
		"statements": statements,
		"version":    "archive-ledger batch v1",
	}
	out.trails = trails
	return out
}

// inOrder: base64 of the certificates, by the SHA-256 of their DER.
func inOrder(certificates map[string][]byte) []string {
	ders := [][]byte{}
	for _, der := range certificates {
		ders = append(ders, der)
	}
	slices.SortFunc(ders, func(a, b []byte) int { return bytes.Compare(plainSHA256(a), plainSHA256(b)) })
	out := []string{}
	for _, der := range ders {
		out = append(out, base64.StdEncoding.EncodeToString(der))
	}
	return out
}

// anchorOf is the anchor that the batch should leave.
func (s sealed) anchorOf(h history, txid, time string) string {
	last, before := s.last, "-"
	if last == "" {
		last = "-"
	}
	if h.anchor != "" {
		before = sha(h.anchor)
	}
	return fmt.Sprintf("archive-ledger anchor v1\n%s\n%d\n%d\n%x\n%x\n%s\n%s\n%s\n%s\n",
		h.ledger, h.number, len(s.leaves), mth(plainSHA256, s.leaves), mth(plainSM3, s.leaves), last, before, txid, time)
}
