package main

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/emmansun/gmsm/sm3"
)

const (
	statementType    = "archive-statement+sd-jwt"
	longestStatement = 65_536
	longestItem      = 65_536
	mostItems        = 40_000
	// unbounded values: the text's own length bounds them.
	unbounded = 1 << 30
)

// digests are of the same bytes.
type digests struct{ sha256, sm3 digest }

func digestsOf(data string) digests {
	octets := []byte(data)
	return digests{sha256.Sum256(octets), sm3.Sum(octets)}
}

// statement is what the rules need of a statement. Its exact bytes are kept for ever, never re-encoded.
type statement struct {
	digests     digests
	certificate digest // SHA-256 of the signer's certificate
	agent       string
	issuer      string // MSP id
	jti         string
	origin      string
	record      string   // or empty
	list        *listing // or nil
	contents    []string // distinct clear SHA-256 of its files, hex
	people      []trail  // of the person that it is about, or empty
}

// listing is a list statement's word on its items: how many, and the roots of the trees over them.
type listing struct {
	id    string
	size  int64
	roots digests
}

// signed is what the signature of a statement covers, and the signature.
type signed struct {
	text      string
	signature []byte
}

// parseStatement reads a statement's shape, not yet whether its signature verifies.
func parseStatement(text, at string) (*statement, signed, error) {
	var none signed
	if len(text) > longestStatement {
		return nil, none, refuse(codeStatementSize, at, fmt.Sprintf("at most %d bytes", longestStatement), fmt.Sprint(len(text)))
	}
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil, none, refuse(codeStatementForm, at, "header.payload.signature", fmt.Sprintf("%d parts", len(parts)))
	}
	var decoded [3]string
	for i, name := range []string{"header", "payload", "signature"} {
		octets, ok := fromBase64URL(parts[i])
		if !ok {
			return nil, none, refuse(codeBase64URL, at+"."+name, "base64url", parts[i])
		}
		decoded[i] = string(octets)
	}
	certificate, err := readHeader(decoded[0], at+".header")
	if err != nil {
		return nil, none, err
	}
	s, err := readPayload(decoded[1], at+".payload")
	if err != nil {
		return nil, none, err
	}
	s.digests = digestsOf(text)
	s.certificate = certificate
	return s, signed{text[:len(parts[0])+1+len(parts[1])], []byte(decoded[2])}, nil
}

// readHeader returns the SHA-256 of the signer's certificate.
func readHeader(text, at string) (digest, error) {
	value, err := parseCanonical(text, at, unbounded)
	if err != nil {
		return digest{}, err
	}
	var r reader
	header := r.object(value, at, []string{"alg", "typ", "x5t#S256"}, nil)
	header.constant("alg", "ES256")
	header.constant("typ", statementType)
	octets, _ := fromBase64URL(header.text("x5t#S256", sdForm))
	var certificate digest
	copy(certificate[:], octets)
	return certificate, r.refused
}

func readPayload(text, at string) (*statement, error) {
	value, err := parseCanonical(text, at, unbounded)
	if err != nil {
		return nil, err
	}
	var r reader
	payload := r.object(value, at, requiredClaims, optionalClaims)
	s := &statement{
		agent:    payload.text("agent", uuidForm),
		origin:   payload.text("aud", originForm),
		issuer:   payload.text("iss", mspForm),
		jti:      payload.text("jti", uuidForm),
		record:   payload.optional("record", uuidForm),
		contents: readShared(payload),
	}
	event := payload.text("event", codeForm)
	readErased(payload, event)
	s.people = readPeople(payload, event)
	payload.optional("due", dateForm)
	payload.optional("subject", uuidForm)
	if payload.has("uses") {
		payload.integer("uses", 1, largestInteger)
	}
	if payload.has("seen") {
		seen := r.object(payload.get("seen"), payload.place("seen"), []string{"root", "size"}, nil)
		seen.text("root", hex32Form)
		seen.integer("size", 0, largestInteger)
	}
	if payload.has("list") {
		s.list = readListing(payload)
	}
	return s, r.refused
}

// readErased: the claim erased and the event disclosure.erase go together.
func readErased(payload object, event string) {
	if payload.has("erased") != (event == "disclosure.erase") {
		payload.refuse(codeErasedClaim, payload.at, "erased with disclosure.erase only", event)
	}
	if payload.has("erased") {
		payload.sorted("erased", fieldForm, 1, mostFields)
	}
}

func readListing(payload object) *listing {
	for _, name := range listedClaims {
		if payload.has(name) {
			payload.refuse(codeListClaimOutsideItem, payload.at, "in the items", name)
		}
	}
	list := payload.object(payload.get("list"), payload.place("list"), []string{"id", "sha256", "size", "sm3"}, nil)
	return &listing{
		id:    list.text("id", uuidForm),
		size:  list.integer("size", 1, mostItems),
		roots: digests{list.digest("sha256"), list.digest("sm3")},
	}
}
