//! The one writer: a thread that puts all operations that wait into one transaction.

use std::cell::RefCell;
use std::ops::Deref;
use std::thread;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::Failure;
use crate::accounts::notices::Notice;

/// Operations of one commit, at most.
const GROUP: usize = 256;

/// Operations that may wait before callers do.
const QUEUE: usize = 4096;

/// What happens after a commit, and only then.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Effect {
    /// Something of this user changed: pages look again.
    Changed(String),
    /// The phone of this credential is woken for this request.
    WakeUp {
        /// The credential.
        credential: String,
        /// The request.
        request: String,
        /// When the request expires, Unix seconds.
        expires_at: i64,
    },
    /// The user is told of a change of their factors.
    Tell(Notice),
}

/// One operation's view of the transaction.
pub struct Tx<'a> {
    conn: &'a Connection,
    effects: RefCell<Vec<Effect>>,
}

impl Tx<'_> {
    /// Tells the user's pages after the commit.
    pub fn changed(&self, user: &str) {
        self.after(Effect::Changed(user.to_owned()));
    }

    /// Does something after the commit; nothing when the operation fails.
    pub fn after(&self, effect: Effect) {
        self.effects.borrow_mut().push(effect);
    }
}

impl Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.conn
    }
}

/// The way to the writer's thread. It ends when the last of these is dropped and the queue is empty.
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Operation>>,
}

impl Writer {
    pub(super) fn start(conn: Connection, effects: mpsc::UnboundedSender<Effect>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        thread::spawn(move || write_all(&conn, waiting, &effects));
        Self { queue }
    }

    pub(super) async fn run<T, F>(&self, operation: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Result<T, Failure> + Send + 'static,
    {
        let (reply, result) = oneshot::channel();
        let job = Job { operation: Some(operation), result: None, reply };
        self.queue.send(Box::new(job)).await.map_err(|_| Failure::Closed)?;
        result.await.map_err(|_| Failure::Closed)?
    }
}

/// An operation of whatever result.
trait Operation: Send {
    /// Runs it; tells whether its changes are to be kept.
    fn run(&mut self, tx: &Tx<'_>) -> bool;
    /// Hands the result over once it is on the disk.
    fn finish(self: Box<Self>, committed: Result<(), Failure>);
}

struct Job<T, F> {
    operation: Option<F>,
    result: Option<Result<T, Failure>>,
    reply: oneshot::Sender<Result<T, Failure>>,
}

impl<T, F> Operation for Job<T, F>
where
    T: Send,
    F: FnOnce(&Tx<'_>) -> Result<T, Failure> + Send,
{
    fn run(&mut self, tx: &Tx<'_>) -> bool {
        let Some(operation) = self.operation.take() else { return false };
        let result = operation(tx);
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn finish(mut self: Box<Self>, committed: Result<(), Failure>) {
        let result = self.result.take().unwrap_or(Err(Failure::Closed));
        let result = match (result, committed) {
            (Ok(_), Err(failure)) => Err(failure),
            (result, _) => result,
        };
        // The caller may have gone away; what it asked for stands nevertheless.
        let _ = self.reply.send(result);
    }
}

fn write_all(
    conn: &Connection,
    mut waiting: mpsc::Receiver<Box<dyn Operation>>,
    effects: &mpsc::UnboundedSender<Effect>,
) {
    while let Some(first) = waiting.blocking_recv() {
        let mut group = vec![first];
        let mut wanted = Vec::new();
        let committed = commit_group(conn, &mut group, &mut waiting, &mut wanted);
        if let Err(failure) = &committed {
            tracing::error!(%failure, operations = group.len(), "commit failed");
            wanted.clear();
        }
        let failed = committed.is_err();
        for effect in wanted {
            // Nobody listens in tests of single modules.
            let _ = effects.send(effect);
        }
        for job in group {
            job.finish(if failed { Err(Failure::Store(rusqlite::Error::InvalidQuery)) } else { Ok(()) });
        }
    }
}

/// Runs the group and all that comes while it runs, then commits once.
fn commit_group(
    conn: &Connection,
    group: &mut Vec<Box<dyn Operation>>,
    waiting: &mut mpsc::Receiver<Box<dyn Operation>>,
    wanted: &mut Vec<Effect>,
) -> Result<(), Failure> {
    conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let mut done = 0;
    let result = loop {
        let Some(job) = group.get_mut(done) else { break Ok(()) };
        match run_one(conn, job.as_mut()) {
            Ok(effects) => wanted.extend(effects),
            Err(failure) => break Err(failure),
        }
        done += 1;
        if done == group.len()
            && done < GROUP
            && let Ok(next) = waiting.try_recv()
        {
            group.push(next);
        }
    };
    let result = result.and_then(|()| Ok(conn.prepare_cached("COMMIT")?.execute([])?));
    if result.is_err() && !conn.is_autocommit() {
        conn.execute_batch("ROLLBACK")?;
    }
    result.map(|_| ())
}

fn run_one(conn: &Connection, job: &mut dyn Operation) -> Result<Vec<Effect>, Failure> {
    conn.prepare_cached("SAVEPOINT one")?.execute([])?;
    let tx = Tx { conn, effects: RefCell::default() };
    // A panic in one operation must not take the writer, and with it every sign-in, away.
    let keep = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job.run(&tx))).unwrap_or(false);
    let effects = tx.effects.into_inner();
    if keep {
        conn.prepare_cached("RELEASE one")?.execute([])?;
        return Ok(effects);
    }
    conn.prepare_cached("ROLLBACK TO one")?.execute([])?;
    conn.prepare_cached("RELEASE one")?.execute([])?;
    Ok(Vec::new())
}
