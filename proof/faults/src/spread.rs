//! A plain load balancer: each new connection goes to the next server that takes it, byte for byte both ways, unless its
//! gate is shut: then everything waits on the way, and nobody is told.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use anyhow::Result;

/// How many bytes are carried at once.
const CARRIED_MAX: usize = 16 * 1024;

/// Whether anything gets through; its clones are the same gate. It is open until it is shut.
#[derive(Clone, Default)]
pub struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    /// Lets nothing through: lines stay open and new ones are taken, but what is sent on them waits here.
    pub fn shut(&self) {
        self.set(true);
    }

    /// Lets through what has waited, and all that comes.
    pub fn open(&self) {
        self.set(false);
    }

    fn set(&self, shut: bool) {
        let (is_shut, changed) = &*self.0;
        *is_shut.lock().unwrap_or_else(PoisonError::into_inner) = shut;
        changed.notify_all();
    }

    /// Waits until it is open.
    fn pass(&self) {
        let (is_shut, changed) = &*self.0;
        let is_shut = is_shut.lock().unwrap_or_else(PoisonError::into_inner);
        drop(changed.wait_while(is_shut, |is_shut| *is_shut));
    }
}

/// Starts it on a listener before these ports of this machine, for as long as the process lives.
#[expect(
    clippy::disallowed_methods,
    reason = "connections end when either side does, all of them with the process"
)]
pub fn before(servers: Vec<u16>, listener: TcpListener, gate: Gate) -> Result<()> {
    let (servers, next) = (Arc::new(servers), Arc::new(AtomicUsize::new(0)));
    thread::Builder::new().name("spread".to_owned()).spawn(move || {
        for client in listener.incoming().flatten() {
            let (servers, next, gate) = (Arc::clone(&servers), Arc::clone(&next), gate.clone());
            thread::spawn(move || {
                gate.pass();
                let tries = 0..servers.len();
                let turn = |_| servers[next.fetch_add(1, Ordering::Relaxed) % servers.len()];
                let connect = |port: u16| TcpStream::connect(("127.0.0.1", port));
                // If no server takes it the client's connection is dropped, and he comes again.
                if let Some(server) = tries.map(turn).map(connect).find_map(Result::ok) {
                    join(&client, &server, &gate);
                }
            });
        }
    })?;
    Ok(())
}

/// Carries bytes both ways until either side ends.
fn join(client: &TcpStream, server: &TcpStream, gate: &Gate) {
    let carry = |mut from: &TcpStream, mut to: &TcpStream| {
        let mut bytes = vec![0; CARRIED_MAX];
        // Small messages must not wait for each other.
        let _ = to.set_nodelay(true);
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            gate.pass();
            if to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        gate.pass();
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    };
    thread::scope(|scope| {
        scope.spawn(|| carry(client, server));
        carry(server, client);
    });
}
