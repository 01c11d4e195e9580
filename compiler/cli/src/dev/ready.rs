//! Asks the dispatch server whether it serves.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, interval, timeout_at};

use crate::failure::Failure;

/// Largest answer that is read, bytes.
const LIMIT: u64 = 16 * 1024;

/// How often it is asked.
const PERIOD: Duration = Duration::from_millis(50);

/// Waits until the server is ready. `ports` is what it said of itself: `MCP admin ADMIN`.
///
/// # Errors
/// When `patience` passes first; says what the server lacks.
pub(crate) async fn wait(ports: &str, patience: Duration) -> Result<(), Failure> {
    let failed = |text: String| Failure::doing("serve")(io::Error::other(text));
    let Some((_, admin)) = ports.split_once(" admin ") else {
        return Err(failed(format!("unexpected words of the server: {ports}")));
    };
    let end = Instant::now() + patience;
    let mut ticks = interval(PERIOD);
    let mut last = "it does not answer".to_owned();
    loop {
        ticks.tick().await;
        match timeout_at(end, ask(admin)).await {
            Ok(Ok((true, _))) => return Ok(()),
            Ok(Ok((false, why))) => last = why,
            Ok(Err(error)) => last = error.to_string(),
            Err(_) => return Err(failed(last)),
        }
    }
}

/// Whether it is ready, and what it says.
async fn ask(admin: &str) -> io::Result<(bool, String)> {
    let mut stream = TcpStream::connect(admin).await?;
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {admin}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(LIMIT).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    Ok((head.contains(" 200 "), body.trim().to_owned()))
}
