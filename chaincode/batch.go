package main

import "fmt"

// The cap of a batch: docs/formats.md section 8.
const (
	largestBatch = 8 << 20
	mostLinks    = 40_000
	// mostValues: no link, statement, item or certificate stands in a batch without a link of its own, and
	// none of them takes more than four values.
	mostValues = 8 * mostLinks
)

// batch is what the operator hands in to be anchored, read but not yet judged.
type batch struct {
	ledger       string
	number       int64
	marker       string
	size         int64 // of the log before
	sha256, sm3  []digest
	certificates []string // base64
	links        []string
	statements   []logged
}

// logged is a statement's text as the batch logs it.
type logged struct {
	text       string
	recordedAt string
	items      []string
}

func parseBatch(text string) (batch, error) {
	if len(text) > largestBatch {
		return batch{}, refuse(codeBatchSize, "batch", fmt.Sprintf("at most %d bytes", largestBatch), fmt.Sprint(len(text)))
	}
	value, err := parseCanonical(text, "batch", mostValues)
	if err != nil {
		return batch{}, err
	}
	var r reader
	o := r.object(value, "batch", []string{"certificates", "frontier", "ledger", "links", "marker", "number", "statements", "version"}, nil)
	o.constant("version", "archive-ledger batch v1")
	if links, ok := o.get("links").([]any); ok && len(links) > mostLinks {
		o.refuse(codeBatchLinks, "batch.links", fmt.Sprintf("at most %d", mostLinks), fmt.Sprint(len(links)))
	}
	b := batch{
		ledger:       o.text("ledger", hex32Form),
		number:       o.integer("number", 0, largestInteger),
		marker:       o.text("marker", anyText),
		certificates: o.texts("certificates", anyText, 0, mostLinks),
		links:        o.texts("links", anyText, 0, mostLinks),
		statements:   readLogged(o),
	}
	f := r.object(o.get("frontier"), "batch.frontier", []string{"sha256", "size", "sm3"}, nil)
	b.size = f.integer("size", 0, largestInteger)
	b.sha256, b.sm3 = readHashes(f, "sha256"), readHashes(f, "sm3")
	return b, r.refused
}

func readHashes(f object, name string) []digest {
	var hashes []digest
	for _, text := range f.texts(name, hex32Form, 0, 64) {
		hashes = append(hashes, digestOf(text))
	}
	return hashes
}

func readLogged(o object) []logged {
	var all []logged
	for i, value := range o.array("statements", 0, mostLinks) {
		s := o.object(value, placeOf(i), []string{"recorded_at", "statement"}, []string{"items"})
		one := logged{text: s.text("statement", anyText), recordedAt: s.text("recorded_at", instantForm)}
		if s.has("items") {
			one.items = s.texts("items", anyText, 1, mostItems)
		}
		all = append(all, one)
	}
	return all
}

// placeOf names a statement of the batch in refusals.
func placeOf(statement int) string { return fmt.Sprintf("statements[%d]", statement) }
