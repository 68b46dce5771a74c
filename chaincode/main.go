// The chaincode of Archive Ledger, run as a service by each organisation: it applies the rules of docs/formats.md
// to every batch before its organisation's peer signs the anchor, and keeps the organisation's replica.
package main

import (
	"fmt"
	"log"
	"os"
	"runtime/debug"
	"strings"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

const (
	cannotStart = 2
	stopped     = 1
	// A batch at the cap lives in several copies while the shim unpacks it: collect early rather than grow.
	softMemoryLimit = 160 << 20
)

// settings are read from the environment; the values in the comments are examples.
type settings struct {
	address, id              string // "127.0.0.1:9999", "archive:<package hash>"
	tlsKey, tlsCert, tlsPeer string // PEM files: this service's key and certificate, and the CA of the peer that may dial it
	policy, replica          string // policy.json, and the folder of the replica
}

func main() {
	log.SetFlags(log.LstdFlags | log.LUTC)
	debug.SetMemoryLimit(softMemoryLimit)
	server, err := prepare(os.Getenv)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(cannotStart)
	}
	log.Printf("chaincode %s serves on %s", server.CCID, server.Address)
	if err := server.Start(); err != nil {
		fmt.Fprintf(os.Stderr, "链码服务已停止。The chaincode service has stopped: %v\n", err)
		os.Exit(stopped)
	}
}

func readSettings(getenv func(string) string) (settings, error) {
	var s settings
	var missing []string
	for _, variable := range []struct {
		name  string
		value *string
	}{
		{"CHAINCODE_SERVER_ADDRESS", &s.address},
		{"CHAINCODE_ID", &s.id},
		{"CHAINCODE_TLS_KEY", &s.tlsKey},
		{"CHAINCODE_TLS_CERT", &s.tlsCert},
		{"CHAINCODE_CLIENT_CA_CERT", &s.tlsPeer},
		{"ARCHIVE_POLICY", &s.policy},
		{"ARCHIVE_REPLICA", &s.replica},
	} {
		if *variable.value = getenv(variable.name); *variable.value == "" {
			missing = append(missing, variable.name)
		}
	}
	if missing != nil {
		names := strings.Join(missing, ", ")
		return s, fmt.Errorf("链码服务未启动:请设置环境变量 %s。\nThe chaincode service did not start: set the environment variables %s", names, names)
	}
	return s, nil
}

// prepare makes the service, or says what keeps it from starting.
func prepare(getenv func(string) string) (*shim.ChaincodeServer, error) {
	s, err := readSettings(getenv)
	if err != nil {
		return nil, err
	}
	files := make([][]byte, 3)
	for i, path := range []string{s.tlsKey, s.tlsCert, s.tlsPeer} {
		if files[i], err = os.ReadFile(path); err != nil {
			return nil, fmt.Errorf("链码服务未启动:无法读取 TLS 文件。\nThe chaincode service did not start: a TLS file cannot be read: %w", err)
		}
	}
	policy, err := readPolicy(s.policy)
	if err != nil {
		return nil, fmt.Errorf("链码服务未启动:本机构策略文件 %s 不可用。\nThe chaincode service did not start: the policy file does not hold: %w", s.policy, err)
	}
	chaincode, err := contractapi.NewChaincode(&ArchiveContract{policy: policy, replica: replica{s.replica}, now: systemClock})
	if err != nil {
		return nil, err
	}
	return &shim.ChaincodeServer{
		CCID:     s.id,
		Address:  s.address,
		CC:       chaincode,
		TLSProps: shim.TLSProperties{Key: files[0], Cert: files[1], ClientCACerts: files[2]},
	}, nil
}
