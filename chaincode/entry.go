package main

import (
	"encoding/hex"
	"strconv"
)

const entryVersion = "archive-ledger entry v1"

// entry is a leaf of the log as a statement or an item derives it: docs/formats.md section 6.
type entry struct {
	recordedAt string
	statement  digests
	item       digests
	number     int // of the item, or -1
	trails     []trail
	firstLink  int // where its links stand in the batch's
}

// leafOf is the entry's leaf data: the 0x00 octet, then its text.
func leafOf(e entry, index int64, links []link) []byte {
	out := make([]byte, 1, 512)
	out = append(out, entryVersion...)
	out = append(out, '\n')
	out = strconv.AppendInt(out, index, 10)
	out = append(out, '\n')
	out = append(out, e.recordedAt...)
	out = append(out, '\n')
	out = appendDigests(out, e.statement)
	if e.number < 0 {
		out = append(out, "-\n"...)
	} else {
		out = strconv.AppendInt(out, int64(e.number), 10)
		out = append(out, ' ')
		out = appendDigests(out, e.item)
	}
	for i, t := range e.trails {
		out = append(out, t.kind...)
		out = append(out, ' ')
		out = hex.AppendEncode(out, t.key[:])
		out = append(out, ' ')
		out = strconv.AppendInt(out, links[i].seq, 10)
		if links[i].seq == 0 {
			out = append(out, " -\n"...)
			continue
		}
		out = append(out, ' ')
		out = hex.AppendEncode(out, links[i].previous[:])
		out = append(out, '\n')
	}
	return out
}

func appendDigests(out []byte, d digests) []byte {
	out = hex.AppendEncode(out, d.sha256[:])
	out = append(out, ' ')
	out = hex.AppendEncode(out, d.sm3[:])
	return append(out, '\n')
}
