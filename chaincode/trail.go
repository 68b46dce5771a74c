package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"slices"
)

// trail is a subject's sequence of entries. Which trails an entry is on is derived by one rule; nobody chooses.
type trail struct {
	kind string
	key  digest
}

func trailOf(kind, subject string) trail {
	var space [128]byte
	text := append(space[:0], "archive-ledger trail v1\n"...)
	text = append(append(text, kind...), '\n')
	text = append(append(text, subject...), '\n')
	return trail{kind, sha256.Sum256(text)}
}

// trailsOfStatement are those of the statement's own entry: docs/formats.md section 6.
func trailsOfStatement(s *statement) []trail {
	trails := append(make([]trail, 0, 2+len(s.contents)), trailOf("agent", s.agent))
	if s.list != nil {
		return sortTrails(append(trails, trailOf("list", s.list.id)))
	}
	if s.record != "" {
		trails = append(trails, trailOf("record", s.record))
	}
	return sortTrails(appendContents(append(trails, s.people...), s.contents))
}

func trailsOfItem(i item) []trail {
	trails := append(make([]trail, 0, 1+len(i.contents)), trailOf("record", i.record))
	return sortTrails(appendContents(trails, i.contents))
}

func appendContents(trails []trail, contents []string) []trail {
	for _, content := range contents {
		trails = append(trails, trailOf("content", content))
	}
	return trails
}

// sortTrails: bytewise by kind and key, as the lines of an entry stand.
func sortTrails(trails []trail) []trail {
	slices.SortFunc(trails, func(a, b trail) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), bytes.Compare(a.key[:], b.key[:]))
	})
	return trails
}
