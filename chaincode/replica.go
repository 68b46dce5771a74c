package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// replica is the organisation's own copy of every batch that it vouched for: a file
// <ledger id>/<number>/<SHA-256 root>-<SHA-256 of the batch>.json for each.
type replica struct{ folder string }

const unfinished = ".unfinished-"

func (r replica) folderOf(ledger string, number int64) string {
	return filepath.Join(r.folder, ledger, strconv.FormatInt(number, 10))
}

// keep returns once the batch that leads to the anchor is on the disk.
func (r replica) keep(a anchor, batch []byte) error {
	folder := r.folderOf(a.ledger, a.number)
	name := a.roots.sha256.String() + "-" + digest(sha256.Sum256(batch)).String() + ".json"
	if err := writeDurably(folder, name, batch); err != nil {
		return refuse(codeReplicaWrite, "replica", "a durable copy of the batch", reasonOf(err))
	}
	return nil
}

// sweep removes what was vouched for under the number of an anchor that has been committed, and led to another root.
func (r replica) sweep(committed anchor) error {
	folder := r.folderOf(committed.ledger, committed.number)
	if err := removeOthers(folder, committed.roots.sha256.String()+"-"); err != nil {
		return refuse(codeReplicaSweep, "replica", "no batch but the anchored one", reasonOf(err))
	}
	return nil
}

// removeOthers leaves the files whose names begin with prefix. A folder that is absent is a gap, which replicas
// may have.
func removeOthers(folder, prefix string) error {
	files, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, file := range files {
		if strings.HasPrefix(file.Name(), prefix) {
			continue
		}
		if err := os.Remove(filepath.Join(folder, file.Name())); err != nil {
			return err
		}
	}
	return nil
}

func writeDurably(folder, name string, data []byte) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	path := filepath.Join(folder, name)
	if there, err := os.ReadFile(path); err != nil || !bytes.Equal(there, data) {
		if err := writeFile(folder, path, data); err != nil {
			return err
		}
	}
	// A name is durable when the folder that holds it is: the file's, the batch number's, the ledger's.
	for range 3 {
		if err := syncFolder(folder); err != nil {
			return err
		}
		folder = filepath.Dir(folder)
	}
	return nil
}

func writeFile(folder, path string, data []byte) (err error) {
	file, err := os.CreateTemp(folder, unfinished+"*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

func syncFolder(folder string) error {
	file, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// reasonOf keeps the organisation's folder names out of the refusal, which others read; its own log has them.
func reasonOf(err error) string {
	log.Print(err)
	if number := syscall.Errno(0); errors.As(err, &number) {
		return number.Error()
	}
	return "see the organisation's log"
}
