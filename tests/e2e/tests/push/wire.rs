//! A wire that can be cut at any byte: it passes on what phone and service say, encrypted, until a budget is used up.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;

/// Bytes that may still pass in each direction, over all connections together.
#[derive(Clone)]
pub struct Wire {
    up: Arc<AtomicI64>,
    down: Arc<AtomicI64>,
}

impl Wire {
    /// Lays a wire from `listener` to `to`.
    pub fn lay(listener: TcpListener, to: SocketAddr) -> Self {
        let wire = Self { up: Arc::new(AtomicI64::new(i64::MAX)), down: Arc::new(AtomicI64::new(i64::MAX)) };
        let laid = wire.clone();
        thread::spawn(move || {
            for phone in listener.incoming().flatten() {
                let Ok(service) = TcpStream::connect(to) else { continue };
                pass_on(&phone, &service, &laid.up);
                pass_on(&service, &phone, &laid.down);
            }
        });
        wire
    }

    /// Cuts after so many more bytes to the service.
    pub fn cut_up(&self, bytes: i64) {
        self.up.store(bytes, Ordering::SeqCst);
    }

    /// Cuts after so many more bytes to the phone.
    pub fn cut_down(&self, bytes: i64) {
        self.down.store(bytes, Ordering::SeqCst);
    }

    /// Tells whether it was cut since it was mended.
    pub fn is_cut(&self) -> bool {
        self.up.load(Ordering::SeqCst) <= 0 || self.down.load(Ordering::SeqCst) <= 0
    }

    /// Everything passes again.
    pub fn mend(&self) {
        self.cut_up(i64::MAX);
        self.cut_down(i64::MAX);
    }
}

fn pass_on(from: &TcpStream, to: &TcpStream, left: &Arc<AtomicI64>) {
    let (mut from, mut to, left) = (from.try_clone().unwrap(), to.try_clone().unwrap(), Arc::clone(left));
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(n @ 1..) = from.read(&mut bytes) {
            let n = i64::try_from(n).unwrap();
            let had = left.fetch_sub(n, Ordering::SeqCst);
            let passes = usize::try_from(had.clamp(0, n)).unwrap();
            if to.write_all(&bytes[..passes]).is_err() || had <= n {
                break;
            }
        }
        for end in [&from, &to] {
            // The other thread may have been faster.
            let _ = end.shutdown(Shutdown::Both);
        }
    });
}
