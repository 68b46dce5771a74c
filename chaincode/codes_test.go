package main

import (
	"go/ast"
	goparser "go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// documented are the codes of codes.go, each with its comment.
func documented(t *testing.T) map[code]string {
	t.Helper()
	file, err := goparser.ParseFile(token.NewFileSet(), "codes.go", nil, goparser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[code]string{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok {
			return true
		}
		name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil || spec.Doc == nil {
			t.Fatalf("%s has no comment, or no value", spec.Names[0].Name)
		}
		comment := strings.Split(strings.TrimSpace(spec.Doc.Text()), "\n")
		codes[code(name)] = comment[len(comment)-1]
		return true
	})
	return codes
}

func TestEveryCodeHasAFault(t *testing.T) {
	seen := map[code]bool{}
	for _, table := range [][]fault{callFaults, batchFaults, frontierFaults, markerFaults, certificateFaults, statementFaults, claimFaults, itemFaults, timeFaults, linkFaults, replicaFaults} {
		for _, f := range table {
			seen[f.code] = true
		}
	}
	for _, f := range openFaults {
		seen[f.code] = true
	}
	for name := range documented(t) {
		if !seen[name] {
			t.Errorf("no test breaks the rule of %s", name)
		}
	}
}

func TestFormatsListTheCodes(t *testing.T) {
	text, err := os.ReadFile("../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## 15. ")
	if !found {
		t.Fatal("docs/formats.md has no section 15")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	listed := map[code]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z0-9_]+)` \\| (.+) \\|$").FindAllStringSubmatch(section, -1) {
		listed[code(row[1])] = row[2]
	}
	expected := documented(t)
	if maps.Equal(listed, expected) {
		return
	}
	for name, comment := range expected {
		if listed[name] != comment {
			t.Errorf("section 15 should have the row | `%s` | %s |, has %q", name, comment, listed[name])
		}
	}
	for name := range listed {
		if _, known := expected[name]; !known {
			t.Errorf("section 15 has %s, which the chaincode does not", name)
		}
	}
}
