//! A webhook of a client: takes events over a socket, verifies nothing, remembers everything, answers as it is told.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// What came.
#[derive(Debug, Clone)]
pub struct Received {
    pub signature: String,
    pub body: String,
}

/// A webhook that listens.
pub struct Receiver {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    /// Answers 500 to the first `failures` events.
    pub fn start(failures: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/webhook", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(vec![]));
        let shared = Arc::clone(&received);
        std::thread::spawn(move || {
            let mut left = failures;
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(event) = read(&mut BufReader::new(&stream)) else { continue };
                shared.lock().unwrap().push(event);
                let status = if left > 0 { "500 Oh" } else { "200 OK" };
                left = left.saturating_sub(1);
                write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
            }
        });
        Self { url, received }
    }

    /// Everything so far.
    pub fn all(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// The ids of the events, in the order of their arrival.
    pub fn ids(&self) -> Vec<String> {
        let id =
            |event: &Received| serde_json::from_str::<serde_json::Value>(&event.body).unwrap()["id"].as_str().unwrap().to_owned();
        self.all().iter().map(id).collect()
    }
}

fn read(reader: &mut impl BufRead) -> Option<Received> {
    let (mut signature, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        match name.to_lowercase().as_str() {
            "stripe-signature" => signature = value.to_owned(),
            "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Received { signature, body: String::from_utf8(body).ok()? })
}
