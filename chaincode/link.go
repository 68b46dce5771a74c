package main

import (
	"fmt"
	"strconv"
	"strings"
)

// link is an entry's place on a trail: how many entries stand before it there, and the last one's leaf hash.
type link struct {
	seq      int64
	previous digest // all zero where there is none
}

func parseLink(text, at string) (link, error) {
	seq, previous, _ := strings.Cut(text, " ")
	if !isDecimal(seq) || (seq == "0") != (previous == "-") || seq != "0" && !hex32Form.holds(previous) {
		return link{}, refuse(codeLinkForm, at, "<seq> <leaf hash>, or 0 -", text)
	}
	if seq == "0" {
		return link{}, nil
	}
	number, err := strconv.ParseInt(seq, 10, 64)
	return link{number, digestOf(previous)}, err
}

// chain follows the trails through one batch, entry by entry.
type chain struct {
	// longest: no trail has more entries before the batch than the log has.
	longest int64
	ends    map[digest]link // by trail key: the link that the trail's next entry must have
}

// follow holds the links of one entry to the entries before it on the same trails. An entry that is the batch's
// first on a trail is taken at its word.
func (c *chain) follow(e entry, links []link, leaf digest, at func(int) string) error {
	for i, t := range e.trails {
		end, known := c.ends[t.key]
		switch {
		case known && links[i].seq != end.seq:
			return refuse(codeLinkSeq, at(i), fmt.Sprint(end.seq), fmt.Sprint(links[i].seq))
		case !known && links[i].seq > c.longest:
			return refuse(codeLinkSeq, at(i), fmt.Sprintf("at most %d, the entries before the batch", c.longest), fmt.Sprint(links[i].seq))
		case known && links[i].previous != end.previous:
			return refuse(codeLinkPrevious, at(i), end.previous.String(), links[i].previous.String())
		}
		c.ends[t.key] = link{links[i].seq + 1, leaf}
	}
	return nil
}
