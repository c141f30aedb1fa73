//! Generates the wire types into `OUT_DIR`: nothing generated is ever committed, and `protox` parses the
//! files in pure Rust, so that nobody needs protoc.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=granary");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let files = proto_files(Path::new("granary"))?;

    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;
    // `protox::compile` would lose the custom options (view classes, kinds of ids); the raw set keeps them.
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;

    let services = env::var_os("CARGO_FEATURE_SERVICES").is_some();
    let mut config = tonic_prost_build::Config::new();
    config.bytes(["."]).enable_type_names();
    tonic_prost_build::configure()
        .build_client(services)
        .build_server(services)
        .out_dir(&out)
        .compile_fds_with_config(compiler.file_descriptor_set(), config)?;
    write_modules(&files, &out)?;
    Ok(())
}

fn proto_files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(proto_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// One module per package: `granary/parties/v1` becomes `pub mod parties { pub mod v1 { .. } }`.
fn write_modules(files: &[PathBuf], out: &Path) -> io::Result<()> {
    let mut areas: Vec<&str> =
        files.iter().filter_map(|file| file.parent()?.parent()?.file_name()?.to_str()).collect();
    areas.sort_unstable();
    areas.dedup();
    let module = |area: &&str| {
        format!(
            "/// Package `granary.{area}.v1`.\npub mod {area} {{\n    /// Version 1: only ever grows.\n    \
             pub mod v1 {{\n        include!(concat!(env!(\"OUT_DIR\"), \"/granary.{area}.v1.rs\"));\n    }}\n}}\n"
        )
    };
    let text: String = areas.iter().map(module).collect();
    fs::write(out.join("modules.rs"), text)
}
