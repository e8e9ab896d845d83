//! A host that says what was recorded, and what is asked of it through the client.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use flotilla_exchange::bingx::client::{Account, BingX, Settings, Turn};
use flotilla_exchange::bingx::endpoint::{self, Environment};
use flotilla_exchange::bingx::id::Credentials;
use flotilla_exchange::bingx::transport::{Egress, Hosts, HttpTransport};
use flotilla_exchange::limits::Priority;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Name of the address that requests leave from.
pub const EGRESS: &str = "main";

/// A host that says the same to whatever it is asked, but for the time.
pub struct Replay {
    hosts: Hosts,
    said: Arc<Said>,
}

struct Said {
    /// Body of the answer about the time: without it nothing can be signed.
    time: String,
    answer: Mutex<String>,
    /// Method and target of each request.
    asked: Mutex<Vec<String>>,
}

/// One that asks the host. A new one for each recording: its limits have seen nothing.
pub struct Client {
    pub bingx: Arc<BingX>,
    pub account: Account,
    pub transport: Arc<HttpTransport>,
}

impl Replay {
    /// * `time`: the body about the server's time.
    pub async fn start(time: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let said = Arc::new(Said { time, answer: Mutex::default(), asked: Mutex::default() });
        let shared = Arc::clone(&said);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        let hosts = Hosts {
            live: format!("http://{address}"),
            demo: format!("http://{address}"),
            live_stream: format!("ws://{address}/swap-market"),
            demo_stream: format!("ws://{address}/swap-market"),
        };
        Self { hosts, said }
    }

    /// From here on this is the answer, and nothing was asked before.
    pub fn answer_with(&self, body: &str) {
        body.clone_into(&mut self.said.answer.lock().unwrap());
        self.said.asked.lock().unwrap().clear();
    }

    /// Method and target of each request since then.
    pub fn asked(&self) -> Vec<String> {
        self.said.asked.lock().unwrap().clone()
    }

    pub fn client(&self) -> Client {
        let egress = Egress { name: EGRESS.to_owned(), address: None };
        let transport = Arc::new(HttpTransport::new(&self.hosts, &[egress]).unwrap());
        let settings = Settings { read_attempts: 1, ..Settings::default() };
        let bingx = Arc::new(BingX::new(Arc::<HttpTransport>::clone(&transport), settings));
        let credentials = Credentials { api_key: "key".into(), secret: "secret".into() };
        let account = bingx.account(Environment::Live, "1", credentials, EGRESS);
        Client { bingx, account, transport }
    }
}

/// A turn now.
pub fn turn() -> Turn {
    Turn::within(Priority::Account, Duration::from_secs(10))
}

async fn serve(mut stream: TcpStream, said: Arc<Said>) {
    let mut read = Vec::new();
    // No request has a body.
    while stream.read_buf(&mut read).await.is_ok_and(|more| more > 0) {
        let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(read.drain(..end + 4).collect()).unwrap();
        let target = head.lines().next().and_then(|line| line.strip_suffix(" HTTP/1.1")).unwrap().to_owned();
        let is_about_time = target.starts_with(&format!("GET {}", endpoint::SERVER_TIME.path));
        let body = if is_about_time { said.time.clone() } else { said.answer.lock().unwrap().clone() };
        said.asked.lock().unwrap().push(target);
        let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        if stream.write_all(reply.as_bytes()).await.is_err() {
            return;
        }
    }
}
