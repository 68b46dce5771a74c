package main

import (
	"fmt"
	"strings"
)

// DER (X.690 section 10) element by element, as far as a signer's certificate goes. Libraries for X.509 differ in
// what they let pass; here, as in the verifier, nothing is let pass.

const (
	tagBoolean          = 0x01
	tagInteger          = 0x02
	tagBitString        = 0x03
	tagOctetString      = 0x04
	tagObjectIdentifier = 0x06
	tagUTF8String       = 0x0c
	tagPrintableString  = 0x13
	tagUTCTime          = 0x17
	tagGeneralizedTime  = 0x18
	tagSequence         = 0x30
	tagSet              = 0x31

	// Of a length: up to 16 MiB, twice a batch.
	mostLengthOctets = 3
)

// derReader reads elements one after another; inner ones share what was refused. The first refusal sticks, and
// what is read after it is empty.
type derReader struct {
	rest string
	why  *string
}

func newDER(data string) derReader { return derReader{data, new(string)} }

func (r *derReader) refuse(format string, values ...any) {
	if *r.why == "" {
		*r.why = fmt.Sprintf(format, values...)
	}
}

func (r *derReader) nextIs(tag byte) bool { return r.rest != "" && r.rest[0] == tag }

// more is false after a refusal, so that loops end.
func (r *derReader) more() bool { return r.rest != "" && *r.why == "" }

// element is the next element whole, and its content; it has the tag.
func (r *derReader) element(tag byte) (whole, content string) {
	start, size, ok := lengthOf(r.rest)
	switch {
	case *r.why != "":
		return "", ""
	case !r.nextIs(tag):
		r.refuse("tag %#04x", tag)
		return "", ""
	case !ok || len(r.rest)-start < size:
		r.refuse("a length in its shortest form, and as many octets")
		return "", ""
	}
	whole, r.rest = r.rest[:start+size], r.rest[start+size:]
	return whole, whole[start:]
}

// lengthOf says where an element's content starts, and its size.
func lengthOf(data string) (start, size int, ok bool) {
	if len(data) < 2 {
		return 0, 0, false
	}
	if data[1] < 0x80 {
		return 2, int(data[1]), true
	}
	count := int(data[1] & 0x7f)
	if count == 0 || count > mostLengthOctets || len(data) < 2+count || data[2] == 0 {
		return 0, 0, false
	}
	for _, octet := range []byte(data[2 : 2+count]) {
		size = size<<8 | int(octet)
	}
	return 2 + count, size, size >= 0x80
}

func (r *derReader) content(tag byte) string {
	_, content := r.element(tag)
	return content
}

func (r *derReader) inner(tag byte) derReader { return derReader{r.content(tag), r.why} }

// constant moves past expected.
func (r *derReader) constant(expected, name string) {
	rest, ok := strings.CutPrefix(r.rest, expected)
	if !ok {
		r.refuse("%s", name)
	}
	r.rest = rest
}

func (r *derReader) end() {
	if r.rest != "" {
		r.refuse("the end")
	}
}
