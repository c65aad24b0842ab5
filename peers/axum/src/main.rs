//! The article's Rust server: GET /async sleeps 2 ms, GET /fibonacci computes; both answer "OK".
//! The article fixes tokio's worker threads in an attribute (1 in most columns, 4 in one); here they are an option, so
//! that one binary serves both columns. Port 0 lets the system choose; the line printed tells which.

use axum::{routing::get, Router};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

const DELAY: Duration = Duration::from_millis(2);
const LARGEST_FIBONACCI: i32 = 100_000_000;
const USAGE: &str = "usage: async_server [--port N] [--workers N]";

struct Options {
    port: u16,
    workers: usize,
}

fn number<T: std::str::FromStr>(name: &str, text: Option<String>) -> Result<T, String> {
    let text = text.ok_or(format!("{name} needs a number\n{USAGE}"))?;
    text.parse()
        .map_err(|_| format!("{name} {text}: not a number it can take\n{USAGE}"))
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        port: 3000,
        workers: 1,
    };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--port" => options.port = number(&argument, arguments.next())?,
            "--workers" => options.workers = number(&argument, arguments.next())?,
            _ => return Err(format!("unknown option {argument}\n{USAGE}")),
        }
    }
    if options.workers == 0 {
        return Err(format!("--workers 0: at least one is needed\n{USAGE}"));
    }
    Ok(options)
}

async fn wait_then_ok() -> &'static str {
    tokio::time::sleep(DELAY).await;
    "OK"
}

fn fibonacci_up_to(largest: i32) -> Vec<i32> {
    let mut numbers = Vec::new();
    let (mut current, mut next) = (1, 1);
    while current <= largest {
        numbers.push(current);
        (current, next) = (next, current + next);
    }
    numbers
}

async fn compute_then_ok() -> &'static str {
    let numbers = fibonacci_up_to(LARGEST_FIBONACCI);
    if numbers[0] == 1 {
        "OK"
    } else {
        "?"
    }
}

async fn serve(port: u16) -> Result<(), String> {
    let routes = Router::new()
        .route("/async", get(wait_then_ok))
        .route("/fibonacci", get(compute_then_ok));
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let server = axum::Server::try_bind(&address)
        .map_err(|error| format!("cannot listen on {address}: {error}"))?
        .serve(routes.into_make_service());
    println!("async_server listening on http://{}", server.local_addr());
    server.await.map_err(|error| error.to_string())
}

fn run() -> Result<(), String> {
    let options = parse(std::env::args().skip(1))?;
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(options.workers)
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start tokio: {error}"))?
        .block_on(serve(options.port))
}

fn main() {
    if let Err(message) = run() {
        eprintln!("async_server: {message}");
        std::process::exit(1);
    }
}
