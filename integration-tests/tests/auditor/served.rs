//! A server of files on loopback, as simple as one can be.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::{Component, Path, PathBuf},
    thread,
};

/// Serves the files below a directory until the test ends; gives the address.
pub(crate) fn serve(dir: &Path) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let dir = dir.to_owned();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let dir = dir.clone();
            // A caller that goes away is no concern of the server's.
            thread::spawn(move || drop(answer(stream, &dir)));
        }
    });
    format!("http://{address}")
}

fn answer(stream: TcpStream, dir: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let mut out = stream;
    while let Some(request) = lines.next() {
        let request = request?;
        while !lines.next().transpose()?.unwrap_or_default().is_empty() {}
        let path = request.split(' ').nth(1).unwrap_or("/").trim_start_matches('/');
        let is_plain =
            Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        let file: PathBuf = dir.join(path);
        let (status, body) = match fs::read(file) {
            Ok(body) if is_plain => ("200 OK", body),
            _ => ("404 Not Found", b"not here\n".to_vec()),
        };
        write!(out, "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len())?;
        out.write_all(&body)?;
    }
    Ok(())
}
