//! The load: so many connections, each asking again as soon as it was answered, for so long. Console and limit take
//! turns in short rounds, so that what else the machine does meets both alike; medians of the rounds count.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::http::Connection;

/// What a server is asked, and the status that every answer must have.
#[derive(Clone)]
pub struct Question {
    pub address: SocketAddr,
    /// The bytes of the nth request.
    pub request: Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>,
    pub status: u16,
}

/// What a round, or the median round, measured.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    /// Requests a second.
    pub rate: f64,
    pub half: Duration,
    pub worst_percent: Duration,
}

impl Question {
    /// The same GET every time.
    pub fn get(address: SocketAddr, host: &str, path: &str, headers: &str) -> Question {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{headers}\r\n").into_bytes();
        Question { address, request: Arc::new(move |_| request.clone()), status: 200 }
    }
}

impl Question {
    /// The text of one answer.
    pub fn ask_once(&self) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut connection = Connection::open(self.address).await.unwrap();
            let answer = connection.ask(&(self.request)(0)).await.unwrap();
            assert_eq!(answer.status, self.status, "{}\n{}", answer.head, answer.text());
            answer.text()
        })
    }
}

/// Medians of several rounds for each question, the questions taking turns.
pub fn compare(questions: &[Question], connections: usize, rounds: usize, length: Duration) -> Vec<Figures> {
    for question in questions {
        round(question, connections, Duration::from_millis(500));
    }
    let mut measured: Vec<Vec<Figures>> = vec![Vec::new(); questions.len()];
    for _ in 0..rounds {
        for (question, figures) in questions.iter().zip(&mut measured) {
            figures.push(round(question, connections, length));
        }
    }
    measured.iter().map(|rounds| median(rounds)).collect()
}

/// Medians of several rounds of two questions, of which the first leaves work behind: it is measured while that work is under
/// way, the other one once it is done.
pub fn compare_apart(
    working: &Question,
    other: &Question,
    connections: usize,
    rounds: usize,
    length: Duration,
    done: Duration,
) -> [Figures; 2] {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        round(working, connections, done);
        first.push(round(working, connections, length));
        std::thread::sleep(done);
        round(other, connections, Duration::from_millis(500));
        second.push(round(other, connections, length));
    }
    [median(&first), median(&second)]
}

fn median(rounds: &[Figures]) -> Figures {
    let middle = rounds.len() / 2;
    let mut sorted = rounds.to_vec();
    sorted.sort_by(|a, b| a.rate.total_cmp(&b.rate));
    let rate = sorted[middle].rate;
    sorted.sort_by_key(|figures| figures.half);
    let half = sorted[middle].half;
    sorted.sort_by_key(|figures| figures.worst_percent);
    Figures { rate, half, worst_percent: sorted[middle].worst_percent }
}

/// Asks so many times.
pub fn ask(question: &Question, connections: usize, times: u64) {
    let (length, mut asked) = (Duration::from_secs(2), 0.0);
    while asked < times as f64 {
        asked += round(question, connections, length).rate * length.as_secs_f64();
    }
}

/// One round of a question.
pub fn round(question: &Question, connections: usize, length: Duration) -> Figures {
    // One thread: more would take turns with the servers' on the same cores.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let asked = Arc::new(AtomicU64::new(next_number()));
    let begun = Instant::now();
    let mut times = runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for _ in 0..connections {
            tasks.spawn(ask_on(question.clone(), asked.clone(), begun + length));
        }
        tasks.join_all().await.concat()
    });
    let took = begun.elapsed();
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    Figures { rate: times.len() as f64 / took.as_secs_f64(), half: at(0.5), worst_percent: at(0.99) }
}

/// Rounds don't repeat each other's requests.
fn next_number() -> u64 {
    static ROUNDS: AtomicU64 = AtomicU64::new(0);
    ROUNDS.fetch_add(1, Ordering::Relaxed) * 100_003
}

async fn ask_on(question: Question, asked: Arc<AtomicU64>, until: Instant) -> Vec<Duration> {
    let mut connection = Connection::open(question.address).await.unwrap();
    let mut times = Vec::new();
    while Instant::now() < until {
        let request = (question.request)(asked.fetch_add(1, Ordering::Relaxed));
        let begun = Instant::now();
        let answer = connection.ask(&request).await.unwrap();
        times.push(begun.elapsed());
        let words = String::from_utf8_lossy(&request);
        assert_eq!(answer.status, question.status, "{words}\n{}\n{}", answer.head, answer.text());
    }
    times
}
