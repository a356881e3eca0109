//! A small HTTPS server on loopback, with an authority of its own, and as badly behaved as a test wants it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A certificate authority, made for one test.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// What a server shows: a certificate, those above it, and its key.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

pub type Stream = StreamOwned<ServerConnection, TcpStream>;

/// A server that hands every connection to one function.
pub struct Server {
    pub port: u16,
    /// Connections whose handshake was completed and that sent something.
    requests: Arc<AtomicUsize>,
    /// The heads of the requests, as they came.
    heads: Arc<Mutex<Vec<String>>>,
}

impl Authority {
    /// Makes one with a name of its own.
    pub fn make() -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        Self::named(&format!("authority {} for tests", MADE.fetch_add(1, Ordering::SeqCst)))
    }

    pub fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> Vec<u8> {
        self.0.pem().into_bytes()
    }

    /// Signs a certificate for `host`, changed by `change` first.
    pub fn identity(&self, host: &str, change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Identity { chain: vec![certificate.der().clone()], key: der(&key) }
    }
}

impl Identity {
    pub fn self_signed(host: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![host.to_owned()]).unwrap().self_signed(&key).unwrap();
        Self { chain: vec![certificate.der().clone()], key: der(&key) }
    }
}

fn der(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivatePkcs8KeyDer::from(key.serialize_der()).into()
}

impl Server {
    pub fn start(identity: Identity, answer: impl Fn(&mut Stream) + Send + Sync + 'static) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(identity.chain, identity.key)
            .unwrap();
        let config = Arc::new(config);
        let (requests, heads) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (counted, kept, answer) = (Arc::clone(&requests), Arc::clone(&heads), Arc::new(answer));
        thread::spawn(move || {
            for socket in listener.incoming() {
                let Ok(socket) = socket else { continue };
                let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
                let (counted, kept, answer) = (Arc::clone(&counted), Arc::clone(&kept), Arc::clone(&answer));
                thread::spawn(move || {
                    let mut stream = StreamOwned::new(connection, socket);
                    if let Some(head) = read_head(&mut stream) {
                        counted.fetch_add(1, Ordering::SeqCst);
                        kept.lock().unwrap().push(head);
                        answer(&mut stream);
                    }
                    stream.conn.send_close_notify();
                    let _ = stream.flush();
                });
            }
        });
        Self { port, requests, heads }
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    /// Returns how many requests came.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// Reads up to the empty line; `None` when the other side went away, or never spoke TLS.
fn read_head(stream: &mut Stream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0; 1];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            Ok(_) | Err(_) => return None,
        }
    }
    String::from_utf8(head).ok()
}

/// Writes as much as the other side takes; it may well go away before the end.
pub fn write(stream: &mut Stream, bytes: &[u8]) -> bool {
    stream.write_all(bytes).and_then(|()| stream.flush()).is_ok()
}
