//! Tiles and bundles: one path for each, exact contents, and proofs from them.

use granary_log::hash::leaf_hash;
use granary_log::tile::{
    BundleError, ResumeError, Tile, TileBuilder, TileFile, TileKind, TileNodes, TileNodesError,
    check_bundle, decode_bundle, decode_hash_tile, encode_bundle, encode_hash_tile, new_tiles,
    partial_tiles,
};
use granary_log::tree::{HashReader, Tree, inclusion_proof, root_at};

#[test]
fn a_tile_has_one_path() {
    let hashes = |level| TileKind::Hashes { level };
    for (path, kind, index, width) in [
        ("tile/0/000", hashes(0), 0, 256),
        ("tile/0/x001/x234/067", hashes(0), 1_234_067, 256),
        ("tile/63/999.p/1", hashes(63), 999, 1),
        ("tile/1/x001/000.p/255", hashes(1), 1000, 255),
        ("tile/entries/x001/234", TileKind::Entries, 1234, 256),
        ("tile/0/x018/x446/x744/x073/x709/x551/615", hashes(0), u64::MAX, 256),
    ] {
        let tile = Tile::new(kind, index, width).unwrap();
        assert_eq!(tile.to_string(), path);
        assert_eq!(path.parse(), Ok(tile));
    }
    for wrong in [
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/001",
        "tile/0/x001",
        "tile/00/001",
        "tile/64/001",
        "tile/+1/001",
        "tile/0/001.p/0",
        "tile/0/001.p/01",
        "tile/0/001.p/256",
        "tile/0/001.p/",
        "tile/data/001",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "/tile/0/001",
        "tile/0/001/",
        "",
    ] {
        assert!(wrong.parse::<Tile>().is_err(), "{wrong}");
    }
}

#[test]
fn a_growing_log_writes_each_full_tile_once() {
    let full = |from, to| {
        new_tiles(from, to).filter(Tile::is_full).map(|tile| tile.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(full(0, 255), Vec::<String>::new());
    assert_eq!(full(255, 256), ["tile/entries/000", "tile/0/000"]);
    assert_eq!(full(256, 513), ["tile/entries/001", "tile/0/001"]);
    let all: Vec<_> = new_tiles(255, 256).map(|tile| tile.to_string()).collect();
    assert_eq!(all, ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(new_tiles(300, 300).count(), 0);
    assert_eq!(new_tiles(300, 200).count(), 0);
}

#[test]
fn nodes_are_read_from_tiles_as_from_the_tree() {
    for size in [1, 2, 255, 256, 257, 1000, 65_536, 66_000] {
        let tree = log(size);
        let fetch = |tile: &Tile| match tile.kind() {
            TileKind::Hashes { level } => {
                encode_hash_tile(&tree, level, tile.index(), tile.width())
            }
            TileKind::Entries => unreachable!("proofs need no entries"),
        };
        let tiles = TileNodes::new(size, fetch);
        assert_eq!(root_at(&tiles, size).unwrap(), tree.root(), "{size}");
        for index in [0, size / 2, size - 1] {
            let proof = inclusion_proof(&tiles, index, size).unwrap();
            assert_eq!(Ok(proof), tree.inclusion_proof(index, size), "{index} of {size}");
        }
        assert_eq!(
            tiles.node(0, size),
            Err(TileNodesError::Missing { size, level: 0, index: size })
        );
        assert!(tiles.node(255, 0).is_err());
    }
    let short = TileNodes::new(5, |_: &Tile| Ok::<_, std::fmt::Error>(vec![0; 31]));
    assert!(matches!(short.node(0, 0), Err(TileNodesError::Length { len: 31, .. })));
    let broken = TileNodes::new(5, |_: &Tile| Err(std::fmt::Error));
    assert!(matches!(broken.node(0, 0), Err(TileNodesError::Fetch { .. })));
}

#[test]
fn a_bundle_is_read_exactly_and_must_agree_with_its_tile() {
    let longest = vec![7; 65_535];
    let bundle = encode_bundle([&b"one"[..], b"", &longest]).unwrap();
    assert_eq!(decode_bundle(&bundle, 3), Ok(vec![&b"one"[..], b"", &longest]));
    for (wrong, width) in
        [(&bundle[..], 2), (&bundle[..], 4), (&bundle[..bundle.len() - 1], 3), (&bundle[..1], 1)]
    {
        assert!(matches!(decode_bundle(wrong, width), Err(BundleError::Wire(_))));
    }
    assert!(encode_bundle([&vec![7; 65_536][..]]).is_err());

    let hashes = [leaf_hash(b"one"), leaf_hash(b""), leaf_hash(&longest)];
    let entries = decode_bundle(&bundle, 3).unwrap();
    assert_eq!(check_bundle(&entries, &hashes), Ok(()));
    assert_eq!(
        check_bundle(&entries, &hashes[..2]),
        Err(BundleError::Count { entries: 3, hashes: 2 })
    );
    let swapped = [hashes[0], hashes[2], hashes[1]];
    assert_eq!(check_bundle(&entries, &swapped), Err(BundleError::Hash { position: 1 }));
    assert_eq!(decode_hash_tile(&[0; 64], 2).map(|hashes| hashes.len()), Some(2));
    assert_eq!(decode_hash_tile(&[0; 64], 1), None);
    assert_eq!(decode_hash_tile(&[0; 65], 2), None);
}

fn entry(index: u64) -> Vec<u8> {
    format!("entry-{index}").into_bytes()
}

fn log(size: u64) -> Tree {
    let mut tree = Tree::new();
    (0..size).for_each(|index| tree.push(leaf_hash(&entry(index))));
    tree
}

#[test]
fn a_builder_makes_the_tiles_that_a_log_of_its_size_has() {
    let mut builder = TileBuilder::new();
    let mut tree = Tree::new();
    let mut files = std::collections::BTreeMap::new();
    let mut sizes = [0, 1, 255, 256, 257, 600, 65_535, 65_536, 65_537, 66_000].into_iter();
    let mut next = sizes.next();
    while let Some(size) = next {
        while builder.size() < size {
            let bytes = entry(builder.size());
            tree.push(leaf_hash(&bytes));
            let full = |file: TileFile| assert_eq!(files.insert(file.tile, file.bytes), None);
            builder.push(&bytes, full).unwrap();
        }
        assert_eq!(builder.root(), tree.root(), "{size}");
        let partial: Vec<_> = builder.partial().collect();
        assert!(partial.iter().all(|file| !file.tile.is_full()));
        let places: Vec<Tile> = partial_tiles(size).collect();
        assert_eq!(partial.iter().map(|file| file.tile).collect::<Vec<_>>(), places);
        // Together with the full ones they are all that a log of this size has.
        let mut all = files.clone();
        all.extend(partial.into_iter().map(|file| (file.tile, file.bytes)));
        let expected: Vec<Tile> = new_tiles(0, size).collect();
        assert_eq!(all.len(), expected.len(), "{size}");
        for tile in expected {
            assert_eq!(all[&tile], right_bytes(&tree, &tile), "{tile}");
        }
        builder = TileBuilder::resume(size, |tile| all.get(tile).cloned().ok_or("none")).unwrap();
        next = sizes.next();
    }
}

fn right_bytes(tree: &Tree, tile: &Tile) -> Vec<u8> {
    match tile.kind() {
        TileKind::Hashes { level } => {
            encode_hash_tile(tree, level, tile.index(), tile.width()).expect("its nodes")
        }
        TileKind::Entries => {
            let start = tile.index() * 256;
            let entries: Vec<_> = (start..start + u64::from(tile.width())).map(entry).collect();
            encode_bundle(entries.iter().map(Vec::as_slice)).expect("short entries")
        }
    }
}

#[test]
fn building_does_not_go_on_behind_tiles_that_are_not_whole() {
    let mut builder = TileBuilder::new();
    (0..300).for_each(|index| builder.push(&entry(index), |_| ()).unwrap());
    let files: Vec<_> = builder.partial().collect();
    let fetch = |tile: &Tile| {
        let file = files.iter().find(|file| file.tile == *tile).expect("a partial tile");
        Ok::<_, std::fmt::Error>(file.bytes.clone())
    };
    for file in &files {
        let missing = TileBuilder::resume(300, |tile| {
            if *tile == file.tile { Err(std::fmt::Error) } else { fetch(tile) }
        });
        assert!(matches!(missing, Err(ResumeError::Fetch { tile, .. }) if tile == file.tile));
        let cut = TileBuilder::resume(300, |tile| {
            let mut bytes = fetch(tile)?;
            bytes.truncate(bytes.len() - usize::from(*tile == file.tile));
            Ok::<_, std::fmt::Error>(bytes)
        });
        assert!(matches!(cut, Err(ResumeError::Damaged { .. })), "{}", file.tile);
    }
    // One level up nothing else holds the hashes: a wrong one shows in the root.
    let flipped = TileBuilder::resume(300, |tile| {
        let mut bytes = fetch(tile)?;
        bytes[0] ^= u8::from(tile.kind() == TileKind::Hashes { level: 1 });
        Ok::<_, std::fmt::Error>(bytes)
    });
    assert_ne!(flipped.unwrap().root(), builder.root());
}
