package main

import (
	"crypto/sha256"
	"fmt"
)

// ledger is what the channel's state says of a ledger: docs/formats.md section 7.
type ledger struct {
	id       string // 64 hex digits
	origin   string
	key      string // the checkpoint key, hex
	operator string // MSP id
	role     string // OU that the anchoring certificate must carry
}

const (
	ledgerVersion = "archive-ledger ledger v1"
	absentVersion = "archive-ledger absent v1"
)

func ledgerID(origin, checkpointKey string) string {
	return digest(sha256.Sum256([]byte(ledgerVersion + "\n" + origin + "\n" + checkpointKey + "\n"))).String()
}

func ledgerKey(id string) string                { return "ledger/" + id }
func headKey(id string) string                  { return "head/" + id }
func anchorKey(id string, number string) string { return "anchor/" + id + "/" + number }

// absent is the answer for a state key that has no value: an error would get no endorsement.
func absent(key string) string { return fmt.Sprintf("%s\n%s\n", absentVersion, key) }

func (l ledger) encode() string {
	return encodeCanonical(jsonObject{
		{"checkpoint_key", l.key},
		{"operator", l.operator},
		{"origin", l.origin},
		{"role", l.role},
		{"version", ledgerVersion},
	})
}

func parseLedger(id, text string) (ledger, error) {
	value, err := parseCanonical(text, ledgerKey(id), unbounded)
	if err != nil {
		return ledger{}, err
	}
	var r reader
	o := r.object(value, ledgerKey(id), []string{"checkpoint_key", "operator", "origin", "role", "version"}, nil)
	o.constant("version", ledgerVersion)
	return ledger{
		id:       id,
		origin:   o.text("origin", originForm),
		key:      o.text("checkpoint_key", hex32Form),
		operator: o.text("operator", mspForm),
		role:     o.text("role", codeForm),
	}, r.refused
}
