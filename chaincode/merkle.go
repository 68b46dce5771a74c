package main

import (
	"crypto/sha256"
	"math/bits"

	"github.com/emmansun/gmsm/sm3"
)

type hashFunc func([]byte) digest

func sha256Hash(data []byte) digest { return sha256.Sum256(data) }
func sm3Hash(data []byte) digest    { return sm3.Sum(data) }

// tree is an RFC 9162 section 2.1 tree that grows at its right edge. frontier holds the roots of its complete
// subtrees, largest first: one for each 1 bit of size.
type tree struct {
	hash     hashFunc
	size     int64
	frontier []digest
	space    [65]byte // of a node's data
}

func newTree(hash hashFunc) *tree { return &tree{hash: hash} }

// leafData is what a leaf hash is taken over: RFC 9162 section 2.1.1, HASH(0x00 || d).
func leafData(data string) []byte {
	out := make([]byte, 1, 1+len(data))
	return append(out, data...)
}

func (t *tree) node(left, right digest) digest {
	t.space[0] = 1
	copy(t.space[1:], left[:])
	copy(t.space[33:], right[:])
	return t.hash(t.space[:])
}

// add appends a leaf hash. The trailing 1 bits of the size before it are the subtrees that it completes.
func (t *tree) add(leaf digest) {
	for range bits.TrailingZeros64(^uint64(t.size)) {
		last := len(t.frontier) - 1
		leaf = t.node(t.frontier[last], leaf)
		t.frontier = t.frontier[:last]
	}
	t.frontier = append(t.frontier, leaf)
	t.size++
}

// root folds the frontier from the right: the split is at the largest power of two below the size.
func (t *tree) root() digest {
	if t.size == 0 {
		return t.hash(nil)
	}
	root := t.frontier[len(t.frontier)-1]
	for i := len(t.frontier) - 2; i >= 0; i-- {
		root = t.node(t.frontier[i], root)
	}
	return root
}
