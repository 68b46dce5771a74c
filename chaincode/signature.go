package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"fmt"
	"math/big"
)

var (
	p256Order = elliptic.P256().Params().N
	p256Half  = new(big.Int).Rsh(p256Order, 1)
)

// checkSignature verifies ES256 (RFC 7518 section 3.4: 64 octets r ‖ s) in its low-S form, so that nobody can
// turn a statement into another one with a second valid signature.
func checkSignature(key *ecdsa.PublicKey, s signed, at string) error {
	if len(s.signature) != 64 {
		return refuse(codeStatementSignatureForm, at, "64 octets", fmt.Sprint(len(s.signature)))
	}
	r, low := new(big.Int).SetBytes(s.signature[:32]), new(big.Int).SetBytes(s.signature[32:])
	if r.Sign() == 0 || r.Cmp(p256Order) >= 0 {
		return refuse(codeStatementSignatureForm, at, "0 < r < n", fmt.Sprintf("%x", s.signature[:32]))
	}
	if low.Sign() == 0 || low.Cmp(p256Half) > 0 {
		return refuse(codeStatementSignatureForm, at, "0 < s ≤ n/2", fmt.Sprintf("%x", s.signature[32:]))
	}
	hash := sha256.Sum256([]byte(s.text))
	if !ecdsa.Verify(key, hash[:], r, low) {
		return refuse(codeStatementSignature, at, "a signature under the certificate's key", "another")
	}
	return nil
}
