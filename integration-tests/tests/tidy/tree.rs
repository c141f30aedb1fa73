//! The files the rules look at.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Path from the repository's root, with `/`, to text. Files that aren't UTF-8 are no business of ours.
pub(crate) struct Tree(BTreeMap<String, String>);

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a crate of the workspace").to_owned()
}

impl Tree {
    /// Everything in the working copy but what `.gitignore` leaves out.
    pub(crate) fn of_the_repository() -> Self {
        let root = root();
        let ignored = fs::read_to_string(root.join(".gitignore")).expect("the repository has one");
        let ignored: Vec<&str> =
            ignored.lines().map(|line| line.trim_matches('/')).chain([".git"]).collect();
        let mut files = BTreeMap::new();
        walk(&root, &root, &ignored, &mut files);
        Self(files)
    }

    /// A tree of these files, to show a rule.
    pub(crate) fn sample(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }

    /// All files, in order of path.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Rust files below a folder, `""` for all.
    pub(crate) fn rust<'t>(&'t self, below: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
        self.files().filter(move |(path, _)| path.starts_with(below) && path.ends_with(".rs"))
    }

    /// One file.
    pub(crate) fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// Folder and manifest of each crate of the workspace.
    pub(crate) fn manifests(&self) -> impl Iterator<Item = (&str, toml::Table)> {
        self.files().filter_map(|(path, text)| {
            let folder = path.strip_suffix("/Cargo.toml")?;
            Some((folder, text.parse().expect("cargo has read this manifest")))
        })
    }
}

fn walk(root: &Path, dir: &Path, ignored: &[&str], files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(dir).expect("the repository can be listed") {
        let path = entry.expect("the repository can be listed").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if ignored.contains(&name) {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, ignored, files);
        } else if let Ok(text) = fs::read_to_string(&path) {
            let from_root = path.strip_prefix(root).expect("it was found below the root");
            files.insert(from_root.to_string_lossy().replace('\\', "/"), text);
        }
    }
}
