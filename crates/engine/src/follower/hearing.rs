//! Hearing: what other nodes have kept reaches whoever is here, as soon as may be.
//!
//! The truth is the table of rounds, which is asked now and then. Where a bus brings hints, one that matters here only
//! makes the next question come at once: lost, late, repeated or forged ones change nothing but how soon that is.

use std::time::Duration;

use auction::Time;
use live::Told;
use store::records::{Heard, Moment};
use store::{Failure, Result};

use super::Follower;

/// The shortest rest between two questions.
const GATHERING_REST: Duration = Duration::from_millis(20);

/// How many wallets are read together.
const WALLETS_TOGETHER_MAX: usize = 500;

impl Follower {
    /// Hears what other processes on the store have kept, until stopped; at once ends where there are none.
    pub(super) async fn listen(&self) {
        let mut since = None;
        while !*self.stopping.borrow() {
            match self.hear(since.clone()).await {
                Ok(Heard { moment: None, .. }) => return,
                Ok(heard) => {
                    since = heard.moment;
                    // However many hints come, what comes meanwhile is heard together.
                    self.rest(GATHERING_REST).await;
                    if !heard.more {
                        self.rest_until_hinted().await;
                    }
                }
                Err(failure) => {
                    self.tell_away("hearing what others kept", &failure);
                    // Being full says nothing about the store. Anything else does: a store that was away may be another
                    // one now, in which the moment means nothing.
                    since = since.filter(|_| matches!(failure, Failure::Busy));
                    self.rest(self.rests.listening).await;
                }
            }
        }
    }

    /// One question and what follows from its answer, which goes on from the moment that it gives.
    async fn hear(&self, since: Option<Moment>) -> Result<Heard> {
        let is_anew = since.is_none();
        let mut heard = self.records.heard(since).await?;
        if heard.moment.is_none() {
            return Ok(heard);
        }
        if is_anew {
            // What was kept before that moment is not heard any more, so whoever is here is shown how things stand.
            for members in self.hub.members().chunks(WALLETS_TOGETHER_MAX) {
                heard.wallets.extend(self.records.wallets(members).await?);
            }
            self.compare().await;
        }
        let wallets = std::mem::take(&mut heard.wallets);
        self.hub.publish(Told { at: Time::default(), auctions: Vec::new(), wallets });
        self.heal_all(std::mem::take(&mut heard.heads)).await;
        Ok(heard)
    }

    /// Rests until it is time to ask again, or a hint matters here. While hints come, that time is for those that were lost.
    async fn rest_until_hinted(&self) {
        let Some(hints) = self.hub.hints() else {
            return self.rest(self.rests.listening).await;
        };
        let is_up = hints.is_up();
        let rest = if is_up { self.rests.listening_beside_hints } else { self.rests.listening };
        tokio::select! {
            () = self.rest(rest) => {}
            () = hints.rung() => {}
        }
    }
}
