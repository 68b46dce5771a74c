package main

import (
	"fmt"
	"testing"
)

func TestTreesAreRFC9162(t *testing.T) {
	first, second := newTree(sha256Hash), newTree(sm3Hash)
	var leaves []string
	for size := range 131 {
		if found, expected := first.root().String(), hexOf(mth(plainSHA256, leaves)); found != expected {
			t.Fatalf("SHA-256, size %d: expected %s, found %s", size, expected, found)
		}
		if found, expected := second.root().String(), hexOf(mth(plainSM3, leaves)); found != expected {
			t.Fatalf("SM3, size %d: expected %s, found %s", size, expected, found)
		}
		if found, expected := fmt.Sprint(first.frontier), fmt.Sprint(frontierOf(plainSHA256, leaves)); found != expected {
			t.Fatalf("frontier of %d: expected %s, found %s", size, expected, found)
		}
		leaf := fmt.Sprintf("leaf %d", size)
		leaves = append(leaves, leaf)
		first.add(sha256Hash(leafData(leaf)))
		second.add(sm3Hash(leafData(leaf)))
	}
}

// The roots of RFC 9162 come with no examples; these are GB/T 32905-2016 A.1 and FIPS 180-4's own.
func TestHashes(t *testing.T) {
	if found := sm3Hash([]byte("abc")).String(); found != "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0" {
		t.Errorf("SM3: %s", found)
	}
	if found := sha256Hash([]byte("abc")).String(); found != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("SHA-256: %s", found)
	}
}
