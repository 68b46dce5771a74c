package main

import (
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// serveInstead makes the test binary the chaincode service itself.
const serveInstead = "ARCHIVE_TEST_SERVES"

func TestMain(m *testing.M) {
	if os.Getenv(serveInstead) != "" {
		main()
		return
	}
	if os.Getenv(judgeInstead) != "" {
		judgeMain()
		return
	}
	// Refusals are logged; the tests look at them themselves.
	log.SetOutput(io.Discard)
	os.Exit(m.Run())
}

// environment is a whole one, with files that can be read.
func environment(t *testing.T) map[string]string {
	t.Helper()
	folder := t.TempDir()
	key, certificate := newTLS(t)
	paths := map[string]string{}
	for name, data := range map[string][]byte{"key": key, "certificate": certificate, "policy": []byte(testConsortium().policyText())} {
		paths[name] = filepath.Join(folder, name)
		if err := os.WriteFile(paths[name], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return map[string]string{
		"CHAINCODE_SERVER_ADDRESS": freeAddress(t),
		"CHAINCODE_ID":             "archive:1",
		"CHAINCODE_TLS_KEY":        paths["key"],
		"CHAINCODE_TLS_CERT":       paths["certificate"],
		"CHAINCODE_CLIENT_CA_CERT": paths["certificate"],
		"ARCHIVE_POLICY":           paths["policy"],
		"ARCHIVE_REPLICA":          filepath.Join(folder, "replica"),
	}
}

func TestPrepareNeedsEveryVariable(t *testing.T) {
	whole := environment(t)
	if _, err := prepare(func(name string) string { return whole[name] }); err != nil {
		t.Fatal(err)
	}
	for missing := range whole {
		_, err := prepare(func(name string) string {
			if name == missing {
				return ""
			}
			return whole[name]
		})
		if err == nil || strings.Count(err.Error(), missing) != 2 {
			t.Errorf("%s is missing, and the message is: %v", missing, err)
		}
	}
}

func TestPrepareNeedsFilesThatHold(t *testing.T) {
	for _, name := range []string{"CHAINCODE_TLS_KEY", "CHAINCODE_TLS_CERT", "CHAINCODE_CLIENT_CA_CERT", "ARCHIVE_POLICY"} {
		whole := environment(t)
		whole[name] += ".absent"
		_, err := prepare(func(name string) string { return whole[name] })
		if err == nil || !strings.Contains(err.Error(), "链码服务未启动") || !strings.Contains(err.Error(), "did not start") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
