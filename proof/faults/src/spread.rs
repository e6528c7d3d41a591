//! A plain load balancer: each new connection goes to the next node that takes it, byte for byte both ways.

use std::io::copy;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::Result;

/// Starts it on a listener before these ports, for as long as the process lives.
#[expect(
    clippy::disallowed_methods,
    reason = "connections end when either side does, all of them with the process"
)]
pub fn before(nodes: Vec<u16>, listener: TcpListener) -> Result<()> {
    let (nodes, next) = (Arc::new(nodes), Arc::new(AtomicUsize::new(0)));
    thread::Builder::new().name("spread".to_owned()).spawn(move || {
        for client in listener.incoming().flatten() {
            let (nodes, next) = (Arc::clone(&nodes), Arc::clone(&next));
            thread::spawn(move || {
                let tries = 0..nodes.len();
                let connect = |_| {
                    TcpStream::connect((
                        "127.0.0.1",
                        nodes[next.fetch_add(1, Ordering::Relaxed) % nodes.len()],
                    ))
                };
                // If no node takes it the client's connection is dropped, and he comes again.
                if let Some(node) = tries.map(connect).find_map(Result::ok) {
                    join(&client, &node);
                }
            });
        }
    })?;
    Ok(())
}

/// Carries bytes both ways until either side ends.
fn join(client: &TcpStream, node: &TcpStream) {
    let carry = |mut from: &TcpStream, mut to: &TcpStream| {
        let _ = copy(&mut from, &mut to);
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    };
    thread::scope(|scope| {
        scope.spawn(|| carry(client, node));
        carry(node, client);
    });
}
