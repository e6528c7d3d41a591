//! The sender: claims what waits, a few at a time, sends it, and settles each by itself.
//!
//! It is claimed before it is sent and settled after. If the process dies in between, the claim runs out and somebody sends
//! it again: at least once, and recognisable by the letter's `Message-ID` and the push's `Topic`. A push counts as sent when
//! one of the member's browsers has it on its way; those whose services say that nobody is there any more are forgotten. A
//! service that refuses the house costs no browser its subscription. A push that comes to nothing is turned into an e-mail.

use std::sync::Arc;
use std::time::Duration;

use auction::{Span, Time};
use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream;
use post::{BrowserKeys, Fault, Message, Urgency};
use store::records::{
    CLAIMED_TOGETHER_MAX, Channel, Delivery, HOUSE_FAULT, Judgement, REFUSALS_MAX, Settled, SettledAs,
    Subscription, TRIES_MAX, try_again_at,
};

use super::figures::Fate;
use super::{letter, signed, signing_secret, vapid_key};
use crate::state::WebState;

/// How many are sent at once.
const SENT_TOGETHER_MAX: usize = 8;

/// How long it rests when nothing waits.
const REST: Duration = Duration::from_secs(1);

/// Every how many rests it removes what is old.
const SWEEPS_EVERY: u32 = 60;

/// For how long a push service keeps a message for a browser that is away, in seconds.
const PUSH_SECONDS: u32 = 24 * 60 * 60;

/// Sends until the house stops; what was begun is ended, what was claimed and not begun is given back.
pub async fn run(state: Arc<WebState>) {
    let mut rests: u32 = 0;
    while !state.stopping.is_cancelled() {
        match turn(&state).await {
            Ok(sent) if sent > 0 => continue,
            Ok(_) => {}
            Err(failure) => tracing::warn!(error = ?failure, "deliveries were not claimed"),
        }
        rests = rests.wrapping_add(1);
        if rests.is_multiple_of(SWEEPS_EVERY)
            && let Err(failure) = state.records.sweep_deliveries(state.now()).await
        {
            tracing::warn!(error = ?failure, "old deliveries were not removed");
        }
        tokio::select! {
            () = state.stopping.cancelled() => {}
            () = tokio::time::sleep(REST) => {}
        }
    }
}

/// What must be left of a claim for a send to begin: longer than the slowest takes.
pub const CLAIM_LEFT_MIN: Span = Span::seconds(60);

/// Claims some and sends them; how many there were.
///
/// # Errors
/// What the store says to the claim. What it says to one that was sent is logged, and its claim runs out.
pub async fn turn(state: &WebState) -> store::Result<usize> {
    let claimed = state.records.claim_deliveries(state.now(), CLAIMED_TOGETHER_MAX).await?;
    let count = claimed.len();
    let sends = claimed.into_iter().map(|delivery| deliver(state, delivery));
    stream::iter(sends).buffer_unordered(SENT_TOGETHER_MAX).collect::<()>().await;
    Ok(count)
}

/// Sends what was claimed, if it is still to be sent, and settles it; does nothing once too little is left of the claim.
pub async fn deliver(state: &WebState, delivery: Delivery) {
    // Another node may claim it next: what waited so long behind slow ones is left to whoever comes.
    if state.now() >= delivery.claimed_until.minus(CLAIM_LEFT_MIN) {
        return;
    }
    let end = match delivery.judge(state.now()) {
        Judgement::Wait(until) => SettledAs::Put(until),
        Judgement::Drop(why) => SettledAs::Dropped(why.to_owned()),
        Judgement::Fail(why) => SettledAs::Failed(why.to_owned()),
        Judgement::Send if state.stopping.is_cancelled() => SettledAs::Put(state.now()),
        Judgement::Send => {
            let sent = match delivery.channel {
                Channel::Email => send_letter(state, &delivery).await,
                Channel::Push => send_push(state, &delivery).await,
            };
            end_of(sent, &delivery, state.now(), state.chance_bytes::<1>()[0])
        }
    };
    let fate = match &end {
        SettledAs::Sent => Some(Fate::Sent),
        SettledAs::Again(..) => Some(Fate::Again),
        SettledAs::Failed(_) => Some(Fate::Failed),
        SettledAs::Dropped(_) => Some(Fate::Dropped),
        SettledAs::Put(_) => None,
    };
    fate.into_iter().for_each(|fate| state.delivering.figures.count(delivery.channel, fate));
    let is_in_vain = match &end {
        SettledAs::Failed(_) => true,
        // What he has seen, or what is over, no letter needs to say either.
        SettledAs::Dropped(why) => matches!(why.as_str(), "nobody_there" | "not_wanted"),
        SettledAs::Sent | SettledAs::Again(..) | SettledAs::Put(_) => false,
    };
    let by_email = is_in_vain && delivery.falls_to_email();
    let Delivery { notice, channel, claimed_until, .. } = delivery;
    let settled = Settled { notice, channel, claimed_until, end, by_email, at: state.now() };
    if let Err(failure) = state.records.settle_delivery(settled).await {
        tracing::warn!(error = ?failure, notice, channel = channel.name(), "a delivery was not settled");
    }
}

/// What a try comes to.
fn end_of(sent: Result<(), Fault>, delivery: &Delivery, now: Time, chance: u8) -> SettledAs {
    match sent {
        Ok(()) => SettledAs::Sent,
        Err(Fault::Gone) => SettledAs::Dropped("nobody_there".to_owned()),
        Err(Fault::Never(why)) => SettledAs::Failed(why),
        Err(Fault::House(why)) if delivery.tries >= house_tries_max(delivery) => {
            SettledAs::Failed(format!("{HOUSE_FAULT}{why}"))
        }
        Err(Fault::House(why)) => {
            SettledAs::Again(try_again_at(now, delivery.tries, chance), format!("{HOUSE_FAULT}{why}"))
        }
        Err(Fault::Again { why, .. }) if delivery.tries >= TRIES_MAX => SettledAs::Failed(why),
        Err(Fault::Again { why, after }) => {
            let seconds = after.map_or(0, |after| i64::try_from(after.as_secs()).unwrap_or(i64::MAX));
            let asked = now.plus(Span::seconds(seconds));
            SettledAs::Again(try_again_at(now, delivery.tries, chance).max(asked), why)
        }
    }
}

/// How often something is tried while the house itself is refused: less often if an e-mail waits to take its place.
fn house_tries_max(delivery: &Delivery) -> i64 {
    if delivery.falls_to_email() { REFUSALS_MAX } else { TRIES_MAX }
}

fn again(why: &str) -> Fault {
    Fault::Again { why: why.to_owned(), after: None }
}

async fn send_letter(state: &WebState, delivery: &Delivery) -> Result<(), Fault> {
    let mailer = state.delivering.mailer.as_ref().ok_or(again("there is no mail server"))?;
    let to = delivery.reach.email.as_deref().ok_or(Fault::Gone)?;
    let secret = signing_secret(state).await.map_err(|_| again("the store did not answer"))?;
    let house = &state.settings.public_url;
    let leave = format!("{house}/unsubscribe/{}", signed::token(secret, delivery.member));
    mailer.send(&letter::letter(delivery, house, to, &leave)).await
}

/// To each browser; what went wrong with one counts only if it went well with none.
async fn send_push(state: &WebState, delivery: &Delivery) -> Result<(), Fault> {
    let text = letter::push(delivery);
    let mut outcome = Err(Fault::Gone);
    // All at once: a browser that does not answer must not hold up the others.
    let sends = delivery.browsers.iter().map(|browser| send_to(state, delivery, browser, &text));
    for (browser, sent) in delivery.browsers.iter().zip(join_all(sends).await) {
        match &sent {
            Err(Fault::Gone) => {
                if let Err(failure) = state.records.end_subscription(browser.address, None).await {
                    tracing::warn!(error = ?failure, "a browser that is gone was not forgotten");
                }
            }
            Err(Fault::House(why)) if state.delivering.refused.is_due(state.now()) => {
                tracing::warn!(
                    why,
                    "a push service does not accept the house: look at its clock and its key"
                );
            }
            Ok(()) | Err(Fault::House(_) | Fault::Again { .. } | Fault::Never(_)) => {}
        }
        outcome = match (outcome, sent) {
            (Ok(()), _) | (_, Ok(())) => Ok(()),
            (Err(Fault::Again { why, after }), _) | (_, Err(Fault::Again { why, after })) => {
                Err(Fault::Again { why, after })
            }
            (Err(Fault::House(why)), _) | (_, Err(Fault::House(why))) => Err(Fault::House(why)),
            (Err(Fault::Never(why)), _) | (_, Err(Fault::Never(why))) => Err(Fault::Never(why)),
            (Err(Fault::Gone), Err(Fault::Gone)) => Err(Fault::Gone),
        };
    }
    outcome
}

async fn send_to(
    state: &WebState,
    delivery: &Delivery,
    browser: &Subscription,
    text: &[u8],
) -> Result<(), Fault> {
    let key = vapid_key(state).await.map_err(|_| again("the store did not answer"))?;
    let keys = BrowserKeys::new(&browser.key, &browser.secret).ok_or(Fault::Gone)?;
    let message = Message {
        endpoint: &browser.endpoint,
        browser: &keys,
        text,
        topic: &letter::topic(delivery),
        urgency: if letter::is_urgent(delivery.kind) { Urgency::High } else { Urgency::Normal },
        seconds: PUSH_SECONDS,
        private: state.chance_bytes(),
        salt: state.chance_bytes(),
    };
    state.delivering.pusher.send(&message, key, state.now().0.div_euclid(1_000_000)).await
}
