//! What is waited for as long as an app is open: requests, and changes of what a list shows.

use std::sync::Arc;

use authenticator_core::authenticator as flows;
use tokio::sync::{Mutex, watch};

use crate::authenticator::Authenticator;
use crate::error::PushError;
use crate::records::Challenges;
use crate::running::while_wanted;

/// Requests as they come. Keep one while the app is in sight; `end` it when it goes.
///
/// A language's own stream is better than calling `next`: `challengeStream()` in Swift, `challengeFlow()` in Kotlin.
#[derive(uniffi::Object)]
pub struct ChallengeFeed {
    own: Arc<Authenticator>,
    feed: Arc<flows::ChallengeFeed>,
}

/// Says when a list should be drawn anew.
#[derive(uniffi::Object)]
pub struct ChangeFeed {
    revisions: Arc<Mutex<watch::Receiver<i64>>>,
    ended: watch::Sender<bool>,
}

/// Something that a list shows has changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Record)]
pub struct Change {
    /// Grows with every change; several changes may come as one.
    pub revision: i64,
}

#[uniffi::export]
impl Authenticator {
    /// Begins to look for requests; the first look is at the first `next`.
    pub fn challenge_feed(self: Arc<Self>) -> Arc<ChallengeFeed> {
        let feed = Arc::new(flows::ChallengeFeed::new(Arc::clone(&self.core)));
        Arc::new(ChallengeFeed { own: self, feed })
    }

    /// Begins to tell of changes: the first `next` waits for the first change after this.
    pub fn change_feed(&self) -> Arc<ChangeFeed> {
        let revisions = Arc::new(Mutex::new(self.revision.subscribe()));
        Arc::new(ChangeFeed { revisions, ended: watch::Sender::new(false) })
    }
}

#[uniffi::export]
impl ChallengeFeed {
    /// Waits until something has changed, and returns it: a request came or ended, or a service cannot be asked.
    /// Nothing after `end`. After an error the next call goes on.
    pub async fn next(&self) -> Result<Option<Challenges>, PushError> {
        let (own, feed) = (Arc::clone(&self.own), Arc::clone(&self.feed));
        let wait = Arc::clone(&own).contained(async move { Ok(feed.next().await?.map(Into::into)) });
        while_wanted(wait).await.unwrap_or_else(|fault| Err(own.faulted(fault)))
    }

    /// Ends the feed: a `next` that waits returns nothing, and so does every later one. Any thread; at once.
    pub fn end(&self) {
        self.feed.end();
    }
}

#[uniffi::export]
impl ChangeFeed {
    /// Waits for the next change; nothing after `end`.
    pub async fn next(&self) -> Option<Change> {
        let (revisions, mut ended) = (Arc::clone(&self.revisions), self.ended.subscribe());
        let wait = while_wanted(async move {
            let mut revisions = revisions.lock().await;
            tokio::select! {
                biased;
                _ = ended.wait_for(|ended| *ended) => None,
                changed = revisions.changed() => changed.ok().map(|()| *revisions.borrow_and_update()),
            }
        });
        // A feed that fails has nothing to tell any more.
        wait.await.ok().flatten().map(|revision| Change { revision })
    }

    /// Ends the feed: a `next` that waits returns nothing, and so does every later one. Any thread; at once.
    pub fn end(&self) {
        self.ended.send_replace(true);
    }
}
