package main

import (
	"crypto/sha256"
	"fmt"

	"github.com/emmansun/gmsm/sm3"
)

// item is what the rules need of a list item.
type item struct {
	digests  digests
	leaf     digests // its leaf hashes in the list's trees
	record   string
	contents []string // distinct clear SHA-256 of its files, hex
}

func parseItem(text, at string) (item, error) {
	if len(text) > longestItem {
		return item{}, refuse(codeItemSize, at, fmt.Sprintf("at most %d bytes", longestItem), fmt.Sprint(len(text)))
	}
	value, err := parseCanonical(text, at, unbounded)
	if err != nil {
		return item{}, err
	}
	var r reader
	o := r.object(value, at, []string{"_sd_alg", "record"}, sharedClaims)
	i := item{record: o.text("record", uuidForm), contents: readShared(o)}
	leaf := leafData(text)
	i.digests = digests{sha256.Sum256(leaf[1:]), sm3.Sum(leaf[1:])}
	i.leaf = digests{sha256.Sum256(leaf), sm3.Sum(leaf)}
	return i, r.refused
}

// checkList holds the items to the list statement that signed them.
func checkList(list *listing, items []item, at string) error {
	if int64(len(items)) != list.size {
		return refuse(codeListSize, at, fmt.Sprint(list.size), fmt.Sprint(len(items)))
	}
	first, second := newTree(sha256Hash), newTree(sm3Hash)
	seen := make(map[string]int, len(items))
	for n, i := range items {
		if before, ok := seen[i.record]; ok {
			return refuse(codeListRecordRepeated, fmt.Sprintf("%s.items[%d]", at, n), "each record once", fmt.Sprintf("items[%d] has it", before))
		}
		seen[i.record] = n
		first.add(i.leaf.sha256)
		second.add(i.leaf.sm3)
	}
	if root := first.root(); root != list.roots.sha256 {
		return refuse(codeListSHA256, at, list.roots.sha256.String(), root.String())
	}
	if root := second.root(); root != list.roots.sm3 {
		return refuse(codeListSM3, at, list.roots.sm3.String(), root.String())
	}
	return nil
}
