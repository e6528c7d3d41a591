//! Delivery: notices on their way out of the house, by e-mail and by Web Push.
//!
//! What is to be sent stands in the store, written with its notice; [`sender`] claims it, judges it once more, sends it and
//! says what came of it. Both secrets, the key by which push services know the house and the one that addresses for
//! unsubscribing are signed with, are kept in the store, so that all nodes share them.

pub mod figures;
mod letter;
pub mod reaching;
mod seldom;
pub mod sender;
pub mod signed;

use std::sync::Arc;

use auction::Span;
use post::{Mailer, Pusher, VapidKey};
use store::records::Secret;
use tokio::sync::OnceCell;

use self::figures::DeliveryFigures;
use self::seldom::Seldom;
use crate::failure::Problem;
use crate::settings::WebSettings;
use crate::state::WebState;

/// How often chance is asked for a key before something must be wrong with it: all but a few of its answers are keys.
const KEY_TRIES: usize = 4;

/// How often the log says that push services refuse the house: each push would, while its clock or its key is wrong.
const REFUSED_SAID_EVERY: Span = Span::hours(1);

/// The ways out of the house.
pub struct Delivering {
    /// To the mail server, if there is one.
    pub mailer: Option<Arc<Mailer>>,
    /// To push services.
    pub pusher: Pusher,
    /// What is counted.
    pub figures: DeliveryFigures,
    refused: Seldom,
    vapid: OnceCell<VapidKey>,
    signing: OnceCell<[u8; 32]>,
}

impl Delivering {
    /// The ways as the owner has decided.
    pub fn new(settings: &WebSettings) -> Delivering {
        Delivering {
            mailer: settings.mailer.clone(),
            pusher: Pusher::new(settings.public_url.to_string(), settings.pushes_anywhere),
            figures: DeliveryFigures::default(),
            refused: Seldom::new(REFUSED_SAID_EVERY),
            vapid: OnceCell::new(),
            signing: OnceCell::new(),
        }
    }
}

/// The key by which push services know the house; it is made when it is first asked for.
///
/// # Errors
/// What the store says.
pub async fn vapid_key(state: &WebState) -> Result<&VapidKey, Problem> {
    let made = state.delivering.vapid.get_or_try_init(|| async {
        let fresh = (0..KEY_TRIES).map(|_| state.chance_bytes()).find(|bytes| VapidKey::new(bytes).is_some());
        let fresh = fresh.ok_or(Problem::new(crate::failure::Code::Internal))?;
        let kept = state.records.secret(Secret::Vapid, fresh).await?;
        VapidKey::new(&kept).ok_or(Problem::new(crate::failure::Code::Internal))
    });
    made.await
}

/// What addresses for unsubscribing are signed with.
///
/// # Errors
/// What the store says.
pub async fn signing_secret(state: &WebState) -> Result<&[u8; 32], Problem> {
    let made = state.delivering.signing.get_or_try_init(|| async {
        Ok::<_, Problem>(state.records.secret(Secret::Unsubscribing, state.chance_bytes()).await?)
    });
    made.await
}
