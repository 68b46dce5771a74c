package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The claims of docs/formats.md section 3.
var (
	// sharedClaims may stand in a statement and in a list item.
	sharedClaims = []string{"_sd", "fields", "answers", "basis", "files", "late", "occurred_at", "outcome",
		"pages", "reason", "state", "version"}
	requiredClaims = []string{"_sd_alg", "agent", "aud", "event", "iss", "jti", "occurred_at"}
	optionalClaims = append([]string{"compromised_since", "due", "duty", "erased", "key", "list", "record", "seen", "subject", "unit", "uses"}, sharedClaims...)
	// listedClaims stand in the items of a list, not in the list statement.
	listedClaims = []string{"record", "files", "pages", "version", "state"}
	// keptNames may not name a field: RFC 7519's and RFC 9901's, beside every claim's own.
	keptNames = []string{"iss", "iat", "exp", "nbf", "sub", "cnf", "vct", "status"}
)

const mostFields = 4096

// readShared reads the claims that statements and items share, and returns the distinct clear SHA-256 digests
// of the files, in hex.
func readShared(o object) []string {
	o.constant("_sd_alg", "sha-256")
	if o.has("answers") {
		o.sorted("answers", hex32Form, 1, 64)
	}
	o.optional("occurred_at", spanForm)
	for _, name := range []string{"basis", "late", "outcome", "reason", "state"} {
		o.optional(name, codeForm)
	}
	for _, name := range []string{"pages", "version"} {
		if o.has(name) {
			o.integer(name, 0, largestInteger)
		}
	}
	var clear []bool
	var contents []string
	if o.has("files") {
		for i, value := range o.array("files", 1, 1000) {
			sha256 := readFile(o.reader, value, o.place("files")+"["+strconv.Itoa(i)+"]")
			clear = append(clear, sha256 != "")
			if sha256 != "" {
				contents = append(contents, sha256)
			}
		}
	}
	readFields(o, clear)
	slices.Sort(contents)
	return slices.Compact(contents)
}

// readFile returns the file's SHA-256 in hex, or nothing where its digests are a disclosure.
func readFile(r *reader, value any, at string) string {
	named := []string{"carrier", "copy", "format", "role"}
	digested := []string{"sha256", "size", "sm3"}
	file := r.object(value, at, named, digested)
	if slices.ContainsFunc(digested, file.has) {
		file = r.object(value, at, append(named, digested...), nil)
	}
	file.constant("carrier", "paper", "electronic", "both")
	file.constant("copy", "original", "scan", "enhanced", "copy")
	file.text("format", mediaForm)
	file.text("role", codeForm)
	if !file.has("sha256") {
		return ""
	}
	file.integer("size", 0, largestInteger)
	file.text("sm3", hex32Form)
	return file.text("sha256", hex32Form)
}

// readFields reads what the disclosures leave in the claims. clear says of each file whether its digests stand
// in the claims.
func readFields(o object, clear []bool) {
	var hidden, names []string
	if o.has("_sd") {
		hidden = o.distinct("_sd", sdForm, 1, mostFields)
	}
	if o.has("fields") {
		names = o.sorted("fields", fieldForm, 1, mostFields)
	}
	if len(hidden) != len(names) {
		o.refuse(codeSDCount, o.at, fmt.Sprintf("%d digests", len(names)), fmt.Sprint(len(hidden)))
	}
	for _, name := range names {
		if slices.Contains(requiredClaims, name) || slices.Contains(optionalClaims, name) || slices.Contains(keptNames, name) {
			o.refuse(codeSDClearClaim, o.place("fields"), "a name of its own", name)
		}
		if rest, ok := strings.CutPrefix(name, "file."); ok && !fitsFile(rest, clear) {
			o.refuse(codeSDFile, o.place("fields"), "file.<n>.name of a file, or file.<n>.digests of one without", name)
		}
	}
}

// fitsFile: "file.<n>.name and file.<n>.digests belong to files[n] (n from 0, no leading zero); only a file
// without clear digests may have file.<n>.digests" (docs/formats.md section 4).
func fitsFile(rest string, clear []bool) bool {
	number, what, _ := strings.Cut(rest, ".")
	if !isDecimal(number) || len(number) > 4 {
		return false
	}
	n, err := strconv.Atoi(number)
	return err == nil && n < len(clear) && (what == "name" || what == "digests" && !clear[n])
}
