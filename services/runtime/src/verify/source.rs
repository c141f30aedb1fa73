//! Where the evidence is: a chain's directory, a directory of tiles, or a server of the same layout.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use granary_log::{
    tile::{Tile, TileKind, TileNodes, decode_bundle_prefix},
    verify::TileSource,
};

use super::{entries::WIDTH, http::HttpStore, report::VerifyError};

/// How deep directories of tiles are: `tile/entries/x018/x446/x744/x073/x709/x551/615.p/1`.
const DEPTH_MAX: usize = 12;

/// The largest tile or bundle, in bytes: 256 entries of 65,535 behind their lengths.
pub(super) const TILE_MAX: usize = 256 * (65_535 + 2);

const HASH_LEN: usize = 32;

/// Where the evidence of one log is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The directory of a node's chain: segments, checkpoints, and its tiles where there are any.
    Chain(PathBuf),
    /// A directory in the layout of C2SP tlog-tiles, with `checkpoint` and perhaps `vkey` beside `tile`.
    Tiles(PathBuf),
    /// The same layout behind an address that begins with `http://`.
    Http(String),
}

impl Source {
    /// What a name given by somebody means: a node's directory has a source for each of its chains.
    ///
    /// # Errors
    ///
    /// [`VerifyError::NoSource`], or the directory can't be read.
    pub fn find(name: &str) -> Result<Vec<Self>, VerifyError> {
        let no_source = || VerifyError::NoSource { source_name: name.to_owned() };
        if name.contains("://") {
            let is_http = name.starts_with("http://");
            return if is_http { Ok(vec![Self::Http(name.to_owned())]) } else { Err(no_source()) };
        }
        let dir = Path::new(name);
        if !dir.join("log").is_dir()
            && (dir.join("tile").is_dir() || dir.join("checkpoint").is_file())
        {
            return Ok(vec![Self::Tiles(dir.to_owned())]);
        }
        match chain_dirs(dir) {
            Ok(dirs) if !dirs.is_empty() => Ok(dirs.into_iter().map(Self::Chain).collect()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(VerifyError::Read { path: dir.to_owned(), source: error })
            }
            Ok(_) | Err(_) => Err(no_source()),
        }
    }
}

/// The directories of the chains below a node's directory, or the directory itself when it is a chain's.
///
/// # Errors
///
/// The directory can't be read.
pub fn chain_dirs(dir: &Path) -> io::Result<Vec<PathBuf>> {
    if dir.join("vkey").is_file() || dir.join("log").is_dir() {
        return Ok(vec![dir.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(dir.join("chains"))? {
        found.push(entry?.path());
    }
    found.sort();
    Ok(found)
}

/// Files by their path below some place.
pub(super) trait Store: Sync {
    /// A file's bytes, `None` if there is none. Longer than `max` bytes is an error.
    fn get(&self, path: &str, max: usize) -> Result<Option<Vec<u8>>, String>;
}

struct DirStore(PathBuf);

impl Store for DirStore {
    fn get(&self, path: &str, max: usize) -> Result<Option<Vec<u8>>, String> {
        let read = || -> io::Result<Vec<u8>> {
            let mut bytes = Vec::new();
            File::open(self.0.join(path))?.take(max as u64 + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        match read() {
            Ok(bytes) if bytes.len() > max => Err(format!("longer than {max} bytes")),
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// The evidence of one log, opened.
pub(super) struct Evidence {
    /// The chain's directory, when it is a node's.
    pub(super) chain: Option<PathBuf>,
    /// The directory of tiles, when it is one.
    pub(super) dir: Option<PathBuf>,
    /// Where tiles and the published checkpoint are.
    pub(super) store: Box<dyn Store>,
}

impl Evidence {
    pub(super) fn open(source: &Source) -> Result<Self, VerifyError> {
        Ok(match source {
            Source::Chain(dir) => {
                let tiles = dir.join("tiles");
                Self {
                    chain: Some(dir.clone()),
                    dir: Some(tiles.clone()),
                    store: Box::new(DirStore(tiles)),
                }
            }
            Source::Tiles(dir) => {
                Self { chain: None, dir: Some(dir.clone()), store: Box::new(DirStore(dir.clone())) }
            }
            Source::Http(url) => {
                Self { chain: None, dir: None, store: Box::new(HttpStore::new(url)?) }
            }
        })
    }

    /// Every file below `tile`, by its path; nothing where files can't be listed.
    pub(super) fn paths(&self, each: &mut dyn FnMut(&str)) -> Result<(), VerifyError> {
        match &self.dir {
            Some(dir) if dir.join("tile").is_dir() => walk(dir, "tile", DEPTH_MAX, each),
            Some(_) | None => Ok(()),
        }
    }

    /// How many entries the bundles hold, where files can be listed: those of a log of `from` entries, and
    /// whatever follows without a gap.
    pub(super) fn listed(&self, from: u64) -> Result<u64, VerifyError> {
        let mut widths: BTreeMap<u64, u64> = BTreeMap::new();
        self.paths(&mut |path| {
            if let Ok(tile) = path.parse::<Tile>()
                && tile.kind() == TileKind::Entries
                && tile.index() >= from / WIDTH
            {
                let width = widths.entry(tile.index()).or_default();
                *width = (*width).max(tile.width().into());
            }
        })?;
        let mut size = from;
        for (index, width) in widths {
            match index.checked_mul(WIDTH) {
                Some(start) if start <= size => size = size.max(start + width),
                Some(_) | None => break,
            }
        }
        Ok(size)
    }
}

fn walk(
    root: &Path,
    below: &str,
    depth: usize,
    each: &mut dyn FnMut(&str),
) -> Result<(), VerifyError> {
    let dir = root.join(below);
    let read = |source| VerifyError::Read { path: dir.clone(), source };
    for entry in fs::read_dir(&dir).map_err(read)? {
        let entry = entry.map_err(read)?;
        let name = entry.file_name();
        let path = format!("{below}/{}", name.to_string_lossy());
        if entry.file_type().map_err(read)?.is_dir() && depth > 0 {
            walk(root, &path, depth - 1, each)?;
        } else {
            each(&path);
        }
    }
    Ok(())
}

/// The tiles of a log of some size.
pub(super) struct Published<'a> {
    store: &'a dyn Store,
    size: u64,
}

impl<'a> Published<'a> {
    pub(super) fn new(store: &'a dyn Store, size: u64) -> Self {
        Self { store, size }
    }

    /// Their nodes, as a log of `size` entries has them.
    pub(super) fn nodes(
        &self,
        size: u64,
    ) -> TileNodes<impl Fn(&Tile) -> Result<Vec<u8>, String> + use<'_>> {
        TileNodes::new(size, |tile: &Tile| self.read(tile)?.ok_or_else(|| "not there".to_owned()))
    }

    /// Exactly this tile.
    pub(super) fn exactly(&self, tile: &Tile) -> Result<Option<Vec<u8>>, String> {
        self.store.get(&tile.to_string(), TILE_MAX)
    }
}

impl TileSource for Published<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    /// The tile, or the beginning of the full one: a partial tile may go once the full one is there.
    fn read(&self, tile: &Tile) -> Result<Option<Vec<u8>>, String> {
        let found = self.exactly(tile)?;
        if found.is_some() || tile.is_full() {
            return Ok(found);
        }
        let Ok(full) = Tile::new(tile.kind(), tile.index(), 256) else { return Ok(None) };
        Ok(self.exactly(&full)?.map(|bytes| beginning(tile, bytes)))
    }
}

/// How the bytes of a wider tile begin.
pub(super) fn beginning(tile: &Tile, mut bytes: Vec<u8>) -> Vec<u8> {
    let len = match tile.kind() {
        TileKind::Hashes { .. } => usize::from(tile.width()) * HASH_LEN,
        TileKind::Entries => {
            let (entries, _) = decode_bundle_prefix(&bytes, tile.width());
            entries.iter().map(|entry| 2 + entry.len()).sum()
        }
    };
    bytes.truncate(len);
    bytes
}
