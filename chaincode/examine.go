package main

import (
	"crypto/sha256"
	"fmt"
	"strconv"

	"github.com/emmansun/gmsm/sm3"
)

// known is what the organisation knows itself, against which a batch is held.
type known struct {
	policy      *policy
	ledger      ledger
	previous    *anchor // nil before the first batch
	transaction string
	time        string
}

// examine applies every rule of docs/formats.md to a batch and returns the anchor that it leaves. It reads
// nothing but its arguments. What it cannot judge: a batch's first link on a trail that older batches have too,
// and whether an older batch has the same statement.
func examine(text string, k known) (anchor, error) {
	b, err := parseBatch(text)
	if err != nil {
		return anchor{}, err
	}
	number, before := int64(0), "-"
	if k.previous != nil {
		number, before = k.previous.number+1, k.previous.digest()
	}
	if b.ledger != k.ledger.id {
		return anchor{}, refuse(codeBatchLedger, "batch.ledger", k.ledger.id, b.ledger)
	}
	if b.number != number {
		return anchor{}, refuse(codeBatchNumber, "batch.number", fmt.Sprint(number), fmt.Sprint(b.number))
	}
	first, second, err := resume(b, k.previous)
	if err != nil {
		return anchor{}, err
	}
	if err := checkMarker(b, k.previous); err != nil {
		return anchor{}, err
	}
	last, err := checkTimes(b.statements, k.previous, k.time)
	if err != nil {
		return anchor{}, err
	}
	statements, err := checkStatements(b, k)
	if err != nil {
		return anchor{}, err
	}
	entries, err := deriveEntries(b, statements)
	if err != nil {
		return anchor{}, err
	}
	leaves, err := linkEntries(b, entries)
	if err != nil {
		return anchor{}, err
	}
	marker := leafData(b.marker)
	first.add(sha256.Sum256(marker))
	second.add(sm3.Sum(marker))
	for _, leaf := range leaves {
		first.add(leaf.sha256)
		second.add(leaf.sm3)
	}
	return anchor{
		ledger:      b.ledger,
		number:      number,
		size:        first.size,
		roots:       digests{first.root(), second.root()},
		last:        last,
		before:      before,
		transaction: k.transaction,
		time:        k.time,
	}, nil
}

// checkStatements holds each statement to its shape, its signature, and its signer's certificate.
func checkStatements(b batch, k known) ([]*statement, error) {
	signers, err := readSigners(b.certificates, k.policy)
	if err != nil {
		return nil, err
	}
	statements := make([]*statement, len(b.statements))
	err = inParallel(len(statements), func(i int) error {
		at := placeOf(i)
		st, signed, err := parseStatement(b.statements[i].text, at)
		if err != nil {
			return err
		}
		if st.origin != k.ledger.origin {
			return refuse(codeStatementOrigin, at, k.ledger.origin, st.origin)
		}
		who, carried := signers[st.certificate]
		if !carried {
			return refuse(codeCertificateAbsent, at, "a certificate with SHA-256 "+st.certificate.String(), "none")
		}
		if err := who.mayHaveSigned(st, b.statements[i].recordedAt, at); err != nil {
			return err
		}
		statements[i] = st
		return checkSignature(who.key, signed, at)
	})
	if err != nil {
		return nil, err
	}
	return statements, checkOnce(statements, signers)
}

// checkOnce: no statement and no jti twice in a batch, and no certificate that none of them needs.
func checkOnce(statements []*statement, signers map[digest]*signer) error {
	byDigest, byID := map[digest]int{}, map[string]int{}
	used := map[digest]bool{}
	for i, st := range statements {
		if before, ok := byDigest[st.digests.sha256]; ok {
			return refuse(codeStatementRepeated, placeOf(i), "each statement once", placeOf(before))
		}
		if before, ok := byID[st.jti]; ok {
			return refuse(codeJTIRepeated, placeOf(i), "each jti once", placeOf(before))
		}
		byDigest[st.digests.sha256], byID[st.jti], used[st.certificate] = i, i, true
	}
	if len(used) < len(signers) {
		return refuse(codeCertificateUnused, "certificates", fmt.Sprint(len(used)), fmt.Sprint(len(signers)))
	}
	return nil
}

// deriveEntries: "a single statement derives one entry; a list statement derives its own entry, then one for each
// item in order" (docs/formats.md section 6).
func deriveEntries(b batch, statements []*statement) ([]entry, error) {
	most := len(statements)
	for _, one := range b.statements {
		most += len(one.items)
	}
	entries := make([]entry, 0, most)
	links := 0
	put := func(e entry) {
		e.firstLink = links
		links += len(e.trails)
		entries = append(entries, e)
	}
	for i, st := range statements {
		items, err := checkItems(b.statements[i].items, st.list, placeOf(i))
		if err != nil {
			return nil, err
		}
		recordedAt := b.statements[i].recordedAt
		put(entry{recordedAt: recordedAt, statement: st.digests, number: -1, trails: trailsOfStatement(st)})
		for n, it := range items {
			put(entry{recordedAt: recordedAt, statement: st.digests, item: it.digests, number: n, trails: trailsOfItem(it)})
		}
	}
	if links != len(b.links) {
		return nil, refuse(codeLinksCount, "batch.links", fmt.Sprint(links), fmt.Sprint(len(b.links)))
	}
	return entries, nil
}

// checkItems reads the items of a list statement; another statement has none.
func checkItems(texts []string, list *listing, at string) ([]item, error) {
	if list == nil {
		if len(texts) > 0 {
			return nil, refuse(codeItemsWithoutList, at, "no items", fmt.Sprint(len(texts)))
		}
		return nil, nil
	}
	items := make([]item, len(texts))
	err := inParallel(len(texts), func(n int) (err error) {
		items[n], err = parseItem(texts[n], at+".items["+strconv.Itoa(n)+"]")
		return err
	})
	if err != nil {
		return nil, err
	}
	return items, checkList(list, items, at)
}

// linkEntries gives the leaf hashes of the entries with the batch's links, once the links are seen to be continuous.
func linkEntries(b batch, entries []entry) ([]digests, error) {
	at := func(i int) string { return fmt.Sprintf("links[%d]", i) }
	links := make([]link, len(b.links))
	for i, text := range b.links {
		var err error
		if links[i], err = parseLink(text, at(i)); err != nil {
			return nil, err
		}
	}
	leaves := make([]digests, len(entries))
	err := inParallel(len(entries), func(i int) error {
		leaf := leafOf(entries[i], b.size+1+int64(i), links[entries[i].firstLink:])
		leaves[i] = digests{sha256.Sum256(leaf), sm3.Sum(leaf)}
		return nil
	})
	if err != nil {
		return nil, err
	}
	// Of the leaves before the batch, b.number are markers, which are on no trail.
	c := chain{longest: b.size - b.number, ends: make(map[digest]link, len(links))}
	for i, e := range entries {
		place := func(n int) string { return at(e.firstLink + n) }
		if err := c.follow(e, links[e.firstLink:], leaves[i].sha256, place); err != nil {
			return nil, err
		}
	}
	return leaves, nil
}
