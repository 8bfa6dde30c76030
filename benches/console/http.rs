//! A client as small as can be: it shares the cores with what it measures. One keep-alive connection, one request at a
//! time, the answer read to its end.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One connection to a server.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer, borrowed from its connection.
pub struct Answer<'a> {
    pub status: u16,
    pub head: &'a str,
    /// As it came: compressed, chunked.
    pub body: &'a [u8],
}

impl Answer<'_> {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.body).into_owned()
    }
}

impl Connection {
    pub async fn open(address: SocketAddr) -> io::Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, buffer: Vec::with_capacity(256 * 1024) })
    }

    /// Sends a request and reads the whole answer.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head_end = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
            self.more().await?;
        };
        let head = std::str::from_utf8(&self.buffer[..head_end]).map_err(io::Error::other)?.to_owned();
        let length = header(&head, "content-length").and_then(|value| value.parse::<usize>().ok());
        let end = match length {
            Some(length) => head_end + length,
            None if header(&head, "transfer-encoding").is_some() => self.read_chunks(head_end).await?,
            None => head_end,
        };
        while self.buffer.len() < end {
            self.more().await?;
        }
        let head = std::str::from_utf8(&self.buffer[..head_end]).map_err(io::Error::other)?;
        let status = head.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or_default();
        Ok(Answer { status, head, body: &self.buffer[head_end..end] })
    }

    /// Reads to the end of a chunked body that begins at `at`.
    async fn read_chunks(&mut self, mut at: usize) -> io::Result<usize> {
        loop {
            let line = loop {
                if let Some(length) = self.buffer.get(at..).and_then(|rest| find(rest, b"\r\n")) {
                    break length;
                }
                self.more().await?;
            };
            let size = std::str::from_utf8(&self.buffer[at..at + line]).map_err(io::Error::other)?;
            let size = usize::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
            at += line + 2 + size + 2;
            while self.buffer.len() < at {
                self.more().await?;
            }
            if size == 0 {
                return Ok(at);
            }
        }
    }

    async fn more(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection")),
            _ => Ok(()),
        }
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
