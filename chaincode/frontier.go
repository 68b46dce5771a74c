package main

import (
	"fmt"
	"math/bits"
)

// resume makes the log's two trees as they were before the batch, if the batch's frontier is that of the last
// anchor: the same size, and it hashes to both roots.
func resume(b batch, previous *anchor) (first, second *tree, err error) {
	size, roots := int64(0), digests{newTree(sha256Hash).root(), newTree(sm3Hash).root()}
	if previous != nil {
		size, roots = previous.size, previous.roots
	}
	if b.size != size {
		return nil, nil, refuse(codeFrontierSize, "frontier", fmt.Sprint(size), fmt.Sprint(b.size))
	}
	ones := bits.OnesCount64(uint64(size))
	if len(b.sha256) != ones || len(b.sm3) != ones {
		return nil, nil, refuse(codeFrontierLength, "frontier", fmt.Sprintf("%d roots in each tree", ones), fmt.Sprintf("%d and %d", len(b.sha256), len(b.sm3)))
	}
	first = &tree{hash: sha256Hash, size: size, frontier: b.sha256}
	second = &tree{hash: sm3Hash, size: size, frontier: b.sm3}
	if root := first.root(); root != roots.sha256 {
		return nil, nil, refuse(codeFrontierSHA256, "frontier", roots.sha256.String(), root.String())
	}
	if root := second.root(); root != roots.sm3 {
		return nil, nil, refuse(codeFrontierSM3, "frontier", roots.sm3.String(), root.String())
	}
	return first, second, nil
}
