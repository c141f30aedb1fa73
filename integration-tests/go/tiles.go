package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Levels of the tree that a tile spans, and entries of a full one.
const (
	height = 8
	width  = 1 << height
)

// A log as its tiles have it, for tlog to prove things from. tlog itself checks that what it reads leads
// to the tree's root.
type tiles struct {
	ctx     context.Context
	fetcher fsck.Fetcher
	tree    tlog.Tree
}

func (t tiles) Height() int { return height }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		data, err := t.fetcher.ReadTile(t.ctx, uint64(tile.L), uint64(tile.N), partial(tile.W))
		if err != nil {
			return nil, fmt.Errorf("tile %v: %w", tile, err)
		}
		all = append(all, data)
	}
	return all, nil
}

// The width as tessera counts it: 0 for a full tile.
func partial(w int) uint8 { return uint8(w % width) }

// checkInclusion proves that every entry of the bundles is in the log, at its place.
func (t tiles) checkInclusion() (int64, error) {
	nodes := tlog.TileHashReader(t.tree, t)
	root, err := tlog.TreeHash(t.tree.N, nodes)
	if err != nil {
		return 0, fmt.Errorf("the root: %w", err)
	}
	if root != t.tree.Hash {
		return 0, fmt.Errorf("the tiles have root %v, the log signed %v", root, t.tree.Hash)
	}
	var index int64
	for n := int64(0); n*width < t.tree.N; n++ {
		w := min(t.tree.N-n*width, width)
		data, err := t.fetcher.ReadEntryBundle(t.ctx, uint64(n), partial(int(w)))
		if err != nil {
			return 0, fmt.Errorf("bundle %d: %w", n, err)
		}
		var bundle api.EntryBundle
		if err := bundle.UnmarshalText(data); err != nil {
			return 0, fmt.Errorf("bundle %d: %w", n, err)
		}
		if int64(len(bundle.Entries)) != w {
			return 0, fmt.Errorf("bundle %d has %d entries, not %d", n, len(bundle.Entries), w)
		}
		for _, entry := range bundle.Entries {
			proof, err := tlog.ProveRecord(t.tree.N, index, nodes)
			if err != nil {
				return 0, fmt.Errorf("proving entry %d: %w", index, err)
			}
			if err := tlog.CheckRecord(proof, t.tree.N, t.tree.Hash, index, tlog.RecordHash(entry)); err != nil {
				return 0, fmt.Errorf("entry %d: %w", index, err)
			}
			index++
		}
	}
	return index, nil
}

// checkConsistency proves that every kept checkpoint continues the one before, and the published one all.
func (t tiles) checkConsistency(kept string, verifier note.Verifier) (int, error) {
	if kept == "" {
		return 0, nil
	}
	paths, err := filepath.Glob(filepath.Join(kept, "*"))
	if err != nil {
		return 0, err
	}
	trees := []tlog.Tree{t.tree}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return 0, err
		}
		tree, err := openCheckpoint(data, verifier)
		if err != nil {
			return 0, fmt.Errorf("the checkpoint %s: %w", path, err)
		}
		trees = append(trees, *tree)
	}
	sort.Slice(trees, func(i, j int) bool { return trees[i].N < trees[j].N })
	nodes := tlog.TileHashReader(t.tree, t)
	for i, older := range trees[:len(trees)-1] {
		newer := trees[i+1]
		proof, err := tlog.ProveTree(newer.N, older.N, nodes)
		if err != nil {
			return 0, fmt.Errorf("proving %d from %d: %w", newer.N, older.N, err)
		}
		if err := tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash); err != nil {
			return 0, fmt.Errorf("%d does not continue %d: %w", newer.N, older.N, err)
		}
	}
	return len(trees) - 1, nil
}

// openCheckpoint opens a signed note that holds a checkpoint of the verifier's log.
func openCheckpoint(data []byte, verifier note.Verifier) (*tlog.Tree, error) {
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return nil, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		return nil, fmt.Errorf("not a checkpoint of %s: %q", verifier.Name(), opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return nil, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil {
		return nil, err
	}
	if len(root) != tlog.HashSize {
		return nil, fmt.Errorf("a root of %d bytes", len(root))
	}
	return &tlog.Tree{N: size, Hash: tlog.Hash(root)}, nil
}
