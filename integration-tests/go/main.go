// The outside verifier: checks a log that Granary wrote with programs that nobody of Granary wrote.
//
// It opens the checkpoints with golang.org/x/mod/sumdb/note, proves every entry's inclusion and the
// consistency of all kept checkpoints with golang.org/x/mod/sumdb/tlog from the tiles, and has the
// fsck of github.com/transparency-dev/tessera make the whole log anew from its bundles.
//
//	outside [-checkpoints DIR] VKEY SOURCE
//
// SOURCE is a directory of tiles in the C2SP layout, or the http:// address of one. It prints what was
// checked as one JSON object and exits with 0, or says on stderr what is wrong and exits with 1.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
)

// How long everything may take.
const within = 2 * time.Minute

// How many workers fsck has.
const workers = 2

func main() {
	kept := flag.String("checkpoints", "", "directory of kept checkpoints")
	flag.Parse()
	if flag.NArg() != 2 {
		flag.Usage()
		os.Exit(2)
	}
	report, err := verify(flag.Arg(0), flag.Arg(1), *kept)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// What was checked.
type report struct {
	Origin     string `json:"origin"`
	Size       int64  `json:"size"`
	Included   int64  `json:"included"`
	Consistent int    `json:"consistent"`
	Fsck       bool   `json:"fsck"`
}

func verify(vkey, source, kept string) (*report, error) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, fmt.Errorf("the verifier key: %w", err)
	}
	fetcher, err := open(source)
	if err != nil {
		return nil, err
	}
	published, err := fetcher.ReadCheckpoint(ctx)
	if err != nil {
		return nil, fmt.Errorf("the checkpoint: %w", err)
	}
	tree, err := openCheckpoint(published, verifier)
	if err != nil {
		return nil, fmt.Errorf("the checkpoint: %w", err)
	}
	log := tiles{ctx, fetcher, *tree}
	report := report{Origin: verifier.Name(), Size: tree.N}
	if report.Included, err = log.checkInclusion(); err != nil {
		return nil, err
	}
	if report.Consistent, err = log.checkConsistency(kept, verifier); err != nil {
		return nil, err
	}
	whole := fsck.New(verifier.Name(), verifier, fetcher, leafHashes, fsck.Opts{N: workers})
	if err := whole.Check(ctx); err != nil {
		return nil, fmt.Errorf("fsck: %w", err)
	}
	report.Fsck = true
	return &report, nil
}

func open(source string) (fsck.Fetcher, error) {
	if !strings.HasPrefix(source, "http://") {
		return &client.FileFetcher{Root: source}, nil
	}
	root, err := url.Parse(source)
	if err != nil {
		return nil, err
	}
	return client.NewHTTPFetcher(root, http.DefaultClient)
}

func leafHashes(bundle []byte) ([][]byte, error) {
	var entries api.EntryBundle
	if err := entries.UnmarshalText(bundle); err != nil {
		return nil, fmt.Errorf("a bundle: %w", err)
	}
	hashes := make([][]byte, 0, len(entries.Entries))
	for _, entry := range entries.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(entry))
	}
	return hashes, nil
}
