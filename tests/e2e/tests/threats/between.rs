//! Somebody between phone and service with a certificate that the phone believes: it sees every call, and may
//! alter it, lose it, lose its reply, or answer itself.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use axum_server::tls_rustls::RustlsConfig;
use futures_util::stream;
use tokio::task::JoinHandle;

/// What happens to one call.
pub(crate) enum Plan {
    /// It passes.
    Pass,
    /// It never arrives, and nobody answers.
    LoseRequest,
    /// It arrives, and its reply is lost.
    LoseReply,
    /// It passes with another body.
    Alter(Vec<u8>),
    /// It passes, and the reply's body becomes another.
    AlterReply(fn(&str) -> String),
    /// It passes twice, and the phone gets the first reply.
    Repeat,
    /// It passes twice, and the phone gets the second reply.
    RepeatForSecond,
    /// It is not passed on: this is the answer.
    Answer(StatusCode, Vec<(header::HeaderName, String)>, String),
    /// It is not passed on, and the answer never comes.
    Silence,
    /// It is not passed on, and the answer never ends.
    Endless,
}

/// One call as it was seen.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) status: u16,
}

type Script = Box<dyn FnMut(&Method, &str, &[u8]) -> Plan + Send>;

/// The one in between; clones are the same one.
#[derive(Clone)]
pub(crate) struct Between {
    inner: Arc<Inner>,
}

struct Inner {
    address: SocketAddr,
    target: OnceLock<String>,
    client: reqwest::Client,
    script: Mutex<Script>,
    seen: Mutex<Vec<Seen>>,
    serving: Mutex<Option<JoinHandle<()>>>,
}

const MOST: usize = 1 << 20;

impl Between {
    /// Takes an address, and begins to answer there with this certificate.
    pub(crate) async fn start(certificate: &Path, key: &Path, authority: &[u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let authority = reqwest::Certificate::from_pem(authority).unwrap();
        let client = reqwest::Client::builder()
            .tls_certs_only([authority])
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let inner = Inner {
            address,
            target: OnceLock::new(),
            client,
            script: Mutex::new(Box::new(|_, _, _| Plan::Pass)),
            seen: Mutex::default(),
            serving: Mutex::default(),
        };
        let between = Self { inner: Arc::new(inner) };
        let tls = RustlsConfig::from_pem_file(certificate, key).await.unwrap();
        let router = axum::Router::new().fallback(call).with_state(between.clone());
        let server = axum_server::from_tcp_rustls(listener, tls).unwrap().serve(router.into_make_service());
        let serving = tokio::spawn(async move { server.await.unwrap() });
        *between.inner.serving.lock().unwrap() = Some(serving);
        between
    }

    /// Says where calls go.
    pub(crate) fn lead_to(&self, target: SocketAddr) {
        self.inner.target.set(format!("https://{target}")).unwrap();
    }

    pub(crate) fn origin(&self) -> String {
        format!("https://{}", self.inner.address)
    }

    /// Decides from now on what happens to each call.
    pub(crate) fn plan(&self, script: impl FnMut(&Method, &str, &[u8]) -> Plan + Send + 'static) {
        *self.inner.script.lock().unwrap() = Box::new(script);
    }

    /// Has `plan` happen to the next call whose path ends with `end`, once.
    pub(crate) fn once(&self, end: &'static str, plan: Plan) {
        let mut plan = Some(plan);
        self.plan(
            move |_, path, _| {
                if path.ends_with(end) { plan.take().unwrap_or(Plan::Pass) } else { Plan::Pass }
            },
        );
    }

    /// Lets everything pass again.
    pub(crate) fn pass(&self) {
        self.plan(|_, _, _| Plan::Pass);
    }

    /// Returns the calls whose path ends with `end`, in their order.
    pub(crate) fn seen(&self, end: &str) -> Vec<Seen> {
        let seen = self.inner.seen.lock().unwrap();
        seen.iter().filter(|seen| seen.path.ends_with(end)).cloned().collect()
    }

    /// Sends a call that was seen once more, as it was, and returns status and body.
    pub(crate) async fn replay(&self, seen: &Seen) -> (u16, String) {
        let reply = self.forward(&seen.method, &seen.path, &seen.headers, seen.body.clone()).await;
        let status = reply.status().as_u16();
        let body = to_bytes(reply.into_body(), MOST).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// Returns the service's `Date`.
    pub(crate) async fn date(&self) -> String {
        let reply = self.forward(&Method::GET, "/.well-known/jwks.json", &HeaderMap::new(), Vec::new()).await;
        reply.headers()[header::DATE].to_str().unwrap().to_owned()
    }

    async fn forward(&self, method: &Method, path: &str, headers: &HeaderMap, body: Vec<u8>) -> Response {
        let url = format!("{}{path}", self.inner.target.get().unwrap());
        let mut request = self.inner.client.request(method.clone(), url).body(body);
        for (name, value) in headers {
            if ![header::HOST, header::CONTENT_LENGTH, header::CONNECTION].contains(name) {
                request = request.header(name, value);
            }
        }
        let reply = request.send().await.unwrap();
        let mut response = Response::builder().status(reply.status());
        for (name, value) in reply.headers() {
            if ![header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION].contains(name) {
                response = response.header(name, value);
            }
        }
        response.body(Body::from(reply.bytes().await.unwrap())).unwrap()
    }
}

async fn call(State(between): State<Between>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().unwrap().as_str().to_owned();
    let body = to_bytes(body, MOST).await.unwrap().to_vec();
    let plan = (between.inner.script.lock().unwrap())(&parts.method, &path, &body);
    let mut seen = Seen {
        method: parts.method.clone(),
        path: path.clone(),
        headers: parts.headers.clone(),
        body,
        status: 0,
    };
    let passed = match &plan {
        Plan::LoseRequest | Plan::Answer(..) | Plan::Silence | Plan::Endless => None,
        Plan::Alter(other) => {
            Some(between.forward(&parts.method, &path, &parts.headers, other.clone()).await)
        }
        Plan::Repeat | Plan::RepeatForSecond => {
            let first = between.forward(&parts.method, &path, &parts.headers, seen.body.clone()).await;
            let second = between.forward(&parts.method, &path, &parts.headers, seen.body.clone()).await;
            Some(if matches!(plan, Plan::Repeat) { first } else { second })
        }
        Plan::Pass | Plan::LoseReply | Plan::AlterReply(_) => {
            Some(between.forward(&parts.method, &path, &parts.headers, seen.body.clone()).await)
        }
    };
    seen.status = passed.as_ref().map_or(0, |reply| reply.status().as_u16());
    between.inner.seen.lock().unwrap().push(seen);
    match (plan, passed) {
        (Plan::LoseReply | Plan::LoseRequest, _) => broken_off(),
        (Plan::Answer(status, headers, body), _) => {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            response.body(Body::from(body)).unwrap()
        }
        (Plan::Silence, _) => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            broken_off()
        }
        (Plan::Endless, _) => {
            let block = Bytes::from(vec![b' '; 16 * 1024]);
            let endless = stream::repeat_with(move || Ok::<_, std::io::Error>(block.clone()));
            Response::new(Body::from_stream(endless))
        }
        (Plan::AlterReply(alter), Some(reply)) => {
            let (parts, body) = reply.into_parts();
            let body = to_bytes(body, MOST).await.unwrap();
            let other = alter(std::str::from_utf8(&body).unwrap());
            Response::from_parts(parts, Body::from(other))
        }
        (Plan::Pass | Plan::Alter(_) | Plan::Repeat | Plan::RepeatForSecond | Plan::AlterReply(_), reply) => {
            reply.expect("it was passed on")
        }
    }
}

/// A reply whose body breaks off: to the one who asked it never came.
fn broken_off() -> Response {
    let broken = stream::iter([Err::<Bytes, _>(std::io::Error::other("the line is cut"))]);
    Response::new(Body::from_stream(broken))
}
