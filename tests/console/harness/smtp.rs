//! A mail server that does what a test tells it, for the failures that no ready server produces.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use mail_parser::MessageParser;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// How far a conversation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Greeting,
    Password,
    Sender,
    Recipient,
    /// The mail has arrived, and the client waits for the last word.
    Content,
}

/// What the server does with one connection.
#[derive(Clone, Debug)]
pub enum Script {
    Accept,
    /// Answers so at a stage: `Say(Stage::Recipient, "450 4.2.0 Greylisted")`.
    Say(Stage, &'static str),
    /// Connects and says nothing, ever.
    Silent,
    /// Hangs up when it comes to a stage.
    HangUp(Stage),
    /// Tells the test that it came to a stage, and goes no further.
    Hold(Stage),
}

/// A mail as it arrived, with its envelope.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub sender: String,
    pub recipient: String,
    pub source: Vec<u8>,
    /// Whether the server said so to the client.
    pub acknowledged: bool,
    pub encrypted: bool,
}

impl Arrived {
    /// A header, decoded and unfolded.
    pub fn header(&self, name: &str) -> String {
        let parsed = MessageParser::default().parse(&self.source).unwrap();
        let raw = parsed.header_raw(name).unwrap_or_default();
        match parsed.header(name).and_then(|value| value.as_text()) {
            Some(text) => text.to_owned(),
            None => raw.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }

    pub fn text(&self) -> String {
        MessageParser::default().parse(&self.source).unwrap().body_text(0).unwrap().into_owned()
    }

    pub fn html(&self) -> String {
        MessageParser::default().parse(&self.source).unwrap().body_html(0).unwrap().into_owned()
    }
}

/// The certificate that a server shows, and that a client may trust.
pub struct Certificate {
    pub pem: String,
    config: Arc<ServerConfig>,
}

impl Certificate {
    /// For `localhost`.
    pub fn new() -> Certificate {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = rustls::pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()).into();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = builder.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
        Certificate { pem: made.cert.pem(), config: Arc::new(config) }
    }
}

#[derive(Default)]
struct State {
    scripts: Mutex<VecDeque<Script>>,
    arrived: Mutex<Vec<Arrived>>,
    connections: Mutex<usize>,
    changed: Condvar,
    holds: Mutex<Option<Sender<Stage>>>,
}

/// A running server. Connections take the scripts in turn, then all are `Accept`.
pub struct SmtpServer {
    pub address: SocketAddr,
    state: Arc<State>,
}

/// A connection in clear or encrypted.
trait Channel: Read + Write + Send {}
impl<T: Read + Write + Send> Channel for T {}

impl SmtpServer {
    pub fn start(scripts: impl IntoIterator<Item = Script>) -> SmtpServer {
        SmtpServer::on(TcpListener::bind("127.0.0.1:0").unwrap(), scripts, None)
    }

    /// Offers STARTTLS.
    pub fn with_starttls(certificate: &Certificate) -> SmtpServer {
        SmtpServer::on(TcpListener::bind("127.0.0.1:0").unwrap(), [], Some(certificate.config.clone()))
    }

    pub fn on(listener: TcpListener, scripts: impl IntoIterator<Item = Script>, tls: Option<Arc<ServerConfig>>) -> SmtpServer {
        let state = Arc::new(State { scripts: Mutex::new(scripts.into_iter().collect()), ..State::default() });
        let (address, shared) = (listener.local_addr().unwrap(), Arc::clone(&state));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (state, tls) = (Arc::clone(&shared), tls.clone());
                let Ok(stream) = stream else { return };
                std::thread::spawn(move || {
                    let script = state.scripts.lock().unwrap().pop_front().unwrap_or(Script::Accept);
                    *state.connections.lock().unwrap() += 1;
                    state.changed.notify_all();
                    // A client that goes away ends the conversation, whatever its script.
                    let _ = Conversation { state, script, tls, encrypted: false }.hold_with(stream);
                });
            }
        });
        SmtpServer { address, state }
    }

    /// For SMTP_URL, in clear.
    pub fn url(&self) -> String {
        format!("smtp://{}?tls=none", self.address)
    }

    /// What further connections will do.
    pub fn then(&self, scripts: impl IntoIterator<Item = Script>) {
        self.state.scripts.lock().unwrap().extend(scripts);
    }

    /// Hears of every `Script::Hold` that has come to its stage.
    pub fn holds(&self) -> Receiver<Stage> {
        let (sender, receiver) = channel();
        *self.state.holds.lock().unwrap() = Some(sender);
        receiver
    }

    /// Every mail that was received whole, in order.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.state.arrived.lock().unwrap().clone()
    }

    /// Waits until so many mails have arrived.
    pub fn wait_for(&self, count: usize) -> Vec<Arrived> {
        let arrived = self.state.arrived.lock().unwrap();
        let (arrived, late) =
            self.state.changed.wait_timeout_while(arrived, Duration::from_secs(30), |arrived| arrived.len() < count).unwrap();
        assert!(!late.timed_out(), "{} of {count} mails arrived in half a minute", arrived.len());
        arrived.clone()
    }

    pub fn connections(&self) -> usize {
        *self.state.connections.lock().unwrap()
    }
}

struct Conversation {
    state: Arc<State>,
    script: Script,
    tls: Option<Arc<ServerConfig>>,
    encrypted: bool,
}

impl Conversation {
    fn hold_with(mut self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let mut channel: BufReader<Box<dyn Channel>> = BufReader::new(Box::new(stream.try_clone()?));
        if matches!(self.script, Script::Silent) {
            return channel.read_to_end(&mut Vec::new()).map(drop);
        }
        self.answer(&mut channel, Stage::Greeting, "220 mail.example ESMTP")?;
        let (mut sender, mut recipient) = (String::new(), String::new());
        loop {
            let mut line = String::new();
            if channel.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let line = line.trim_end();
            match line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase().as_str() {
                "EHLO" => self.greet(&mut channel)?,
                "STARTTLS" => {
                    say(&mut channel, "220 Go ahead")?;
                    channel = BufReader::new(self.encrypt(stream.try_clone()?)?);
                }
                "AUTH" => self.answer(&mut channel, Stage::Password, "235 2.7.0 Welcome")?,
                "MAIL" => {
                    sender = address_in(line);
                    self.answer(&mut channel, Stage::Sender, "250 2.1.0 Ok")?;
                }
                "RCPT" => {
                    recipient = address_in(line);
                    self.answer(&mut channel, Stage::Recipient, "250 2.1.5 Ok")?;
                }
                "DATA" => {
                    say(&mut channel, "354 Go ahead")?;
                    let source = content(&mut channel)?;
                    let mail = Arrived {
                        sender: sender.clone(),
                        recipient: recipient.clone(),
                        source,
                        acknowledged: false,
                        encrypted: self.encrypted,
                    };
                    self.receive(&mut channel, mail)?;
                }
                "QUIT" => return say(&mut channel, "221 2.0.0 Bye"),
                _ => say(&mut channel, "502 5.5.1 Unknown command")?,
            }
        }
    }

    fn greet(&self, channel: &mut BufReader<Box<dyn Channel>>) -> std::io::Result<()> {
        let offer = if self.tls.is_some() && !self.encrypted { "250-STARTTLS\r\n" } else { "" };
        say(channel, &format!("250-mail.example\r\n{offer}250-AUTH PLAIN LOGIN\r\n250 8BITMIME"))
    }

    fn encrypt(&mut self, stream: TcpStream) -> std::io::Result<Box<dyn Channel>> {
        let config = self.tls.clone().ok_or_else(|| std::io::Error::other("no certificate"))?;
        self.encrypted = true;
        let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
        Ok(Box::new(StreamOwned::new(connection, stream)))
    }

    /// Takes a mail in. What is refused has not arrived; what is answered by a hang-up has.
    fn receive(&self, channel: &mut BufReader<Box<dyn Channel>>, mut mail: Arrived) -> std::io::Result<()> {
        let refused = matches!(self.script, Script::Say(Stage::Content, _));
        mail.acknowledged = !matches!(self.script, Script::HangUp(Stage::Content) | Script::Hold(Stage::Content));
        if !refused {
            self.state.arrived.lock().unwrap().push(mail);
            self.state.changed.notify_all();
        }
        self.answer(channel, Stage::Content, "250 2.0.0 Queued")
    }

    fn answer(&self, channel: &mut BufReader<Box<dyn Channel>>, stage: Stage, usual: &str) -> std::io::Result<()> {
        match &self.script {
            Script::Say(at, answer) if *at == stage => say(channel, answer),
            Script::HangUp(at) if *at == stage => Err(std::io::Error::other("as the script says")),
            Script::Hold(at) if *at == stage => {
                if let Some(holds) = self.state.holds.lock().unwrap().as_ref() {
                    let _ = holds.send(stage);
                }
                channel.read_to_end(&mut Vec::new())?;
                Err(std::io::Error::other("the client has gone"))
            }
            _ => say(channel, usual),
        }
    }
}

fn say(channel: &mut BufReader<Box<dyn Channel>>, line: &str) -> std::io::Result<()> {
    channel.get_mut().write_all(format!("{line}\r\n").as_bytes())?;
    channel.get_mut().flush()
}

/// The lines up to the single dot, without the dots that were doubled.
fn content(channel: &mut BufReader<Box<dyn Channel>>) -> std::io::Result<Vec<u8>> {
    let mut content = Vec::new();
    loop {
        let mut line = Vec::new();
        if channel.read_until(b'\n', &mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(content);
        }
        content.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

fn address_in(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}

/// Waits until something is so, and fails with `what` after half a minute.
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "not within half a minute: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
