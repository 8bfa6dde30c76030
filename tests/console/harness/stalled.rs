//! A request whose body does not come.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::Console;

/// Sends the head of a POST with the beginning of a body, and waits. Returns the status line, and after what time it came.
pub fn stalled(console: &Console, path: &str, headers: &[(&str, &str)]) -> (String, Duration) {
    let host = console.config.origin().replace("http://", "");
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let mut stream = TcpStream::connect(console.config.bind).unwrap();
    write!(stream, "POST {path} HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: 100\r\n\r\n{{").unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let begun = Instant::now();
    let mut status = String::new();
    BufReader::new(stream).read_line(&mut status).unwrap();
    (status.trim_end().to_owned(), begun.elapsed())
}
