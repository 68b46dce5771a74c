package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"sync"
	"time"
)

// The people and organisations of the tests. All keys come from fixed seeds, and signatures are deterministic
// (RFC 6979), so that the same batch comes out every time.

const (
	testOrigin = "ledger.example.org/qinghe"
	testRole   = "anchorer"
	operator   = "QingheMSP"
	county     = "YunlingMSP"
)

var (
	certificatesFrom  = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	certificatesUntil = time.Date(2044, 1, 1, 0, 0, 0, 0, time.UTC)
)

type authority struct {
	msp         string
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
}

type person struct {
	agent, msp string
	key        *ecdsa.PrivateKey
	der        []byte
}

type consortium struct {
	authorities map[string]authority
	clerk       person // of the operator
	archivist   person // of the county
	service     person // of the operator
	client      []byte // the operator's client that may anchor, PEM
	checkpoint  string
}

// testConsortium is made once.
var testConsortium = sync.OnceValue(func() consortium {
	c := consortium{authorities: map[string]authority{}}
	for _, id := range []string{operator, county} {
		c.authorities[id] = newAuthority(id, "person CA of "+id)
	}
	c.clerk = c.enrol(operator, "clerk", "person")
	c.archivist = c.enrol(county, "archivist", "person")
	c.service = c.enrol(operator, "service", "service")
	c.client = toPEM(issue(c.authorities[operator], pkix.Name{CommonName: "ledger", OrganizationalUnit: []string{"client", testRole}}, seedKey("client"), nil))
	key := sha256.Sum256([]byte("checkpoint"))
	c.checkpoint = digest(key).String()
	return c
})

// seedKey is a P-256 key that depends on the seed alone.
func seedKey(seed string) *ecdsa.PrivateKey {
	scalar := sha256.Sum256([]byte("archive-ledger test key " + seed))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	if err != nil {
		panic(err)
	}
	return key
}

// seedUUID is a version 4 uuid that depends on the seed alone.
func seedUUID(seed string) string {
	hash := sha256.Sum256([]byte("archive-ledger test uuid " + seed))
	text := []byte(digest(hash).String())
	text[12], text[16] = '4', 'a'
	return string(text[:8]) + "-" + string(text[8:12]) + "-" + string(text[12:16]) + "-" + string(text[16:20]) + "-" + string(text[20:32])
}

func newAuthority(mspID, name string) authority {
	key := seedKey(name)
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             certificatesFrom,
		NotAfter:              certificatesUntil,
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return authority{mspID, key, certificate}
}

// enrol gives a person of an organisation a key and a certificate.
func (c consortium) enrol(mspID, seed, unit string) person {
	p := person{agent: seedUUID(seed), msp: mspID, key: seedKey(seed)}
	p.der = issue(c.authorities[mspID], subjectOf(p.agent, unit), p.key, nil)
	return p
}

func subjectOf(agent, unit string) pkix.Name {
	return pkix.Name{CommonName: agent, OrganizationalUnit: []string{unit}}
}

// issue makes a certificate by the rules, but for what change breaks.
func issue(a authority, subject pkix.Name, key *ecdsa.PrivateKey, change func(*x509.Certificate)) []byte {
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(2),
		Subject:               subject,
		NotBefore:             certificatesFrom,
		NotAfter:              certificatesUntil,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
	}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateCertificate(nil, template, a.certificate, key.Public(), a.key)
	if err != nil {
		panic(err)
	}
	return der
}

func toPEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func (c consortium) policyText() string { return canonical(c.policyMembers()) }

func (c consortium) policyMembers() map[string]any {
	cas := map[string]any{}
	for id, a := range c.authorities {
		cas[id] = []any{string(toPEM(a.certificate.Raw))}
	}
	return map[string]any{
		"msp":        county,
		"origins":    map[string]any{testOrigin: map[string]any{"operator": operator, "role": testRole}},
		"person_cas": cas,
		"version":    "archive-ledger policy v1",
	}
}

// sign is an ES256 signature in its low-S form.
func (p person) sign(text string) string {
	hash := sha256.Sum256([]byte(text))
	der, err := p.key.Sign(nil, hash[:], crypto.SHA256)
	if err != nil {
		panic(err)
	}
	var rs struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &rs); err != nil {
		panic(err)
	}
	if rs.S.Cmp(p256Half) > 0 {
		rs.S.Sub(p256Order, rs.S)
	}
	var raw [64]byte
	rs.R.FillBytes(raw[:32])
	rs.S.FillBytes(raw[32:])
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// canonical is the canonical JSON of maps, slices, strings, numbers and booleans.
func canonical(value any) string { return encodeCanonical(toJSON(value)) }

func toJSON(value any) any {
	switch v := value.(type) {
	case map[string]any:
		object := jsonObject{}
		for name, inner := range v {
			object = append(object, member{name, toJSON(inner)})
		}
		return object
	case []any:
		elements := make([]any, len(v))
		for i, element := range v {
			elements[i] = toJSON(element)
		}
		return elements
	case []string:
		elements := make([]any, len(v))
		for i, element := range v {
			elements[i] = element
		}
		return elements
	case int:
		return int64(v)
	}
	return value
}
