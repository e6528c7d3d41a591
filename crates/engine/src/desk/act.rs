//! What an admin does with an auction or an order is written down, with its reason.

use auction::{Auction, Command, Hand, OrderCommand, OrderId};
use ledger::MemberId;
use store::{Act, ActKind};

use super::Desk;
use crate::call::Call;
use crate::mailbox::Asked;

impl Desk<'_> {
    /// An admin's hand is written down, with its reason.
    pub(super) fn note_act(&mut self, asked: &Asked, auction: &Auction) {
        let Call::Auction { command, .. } = &asked.call else { return };
        let Some(told) = admin_act(command) else { return };
        let Told { admin, kind, member, order, reason } = told;
        let (admin, reason, auction) = (Some(admin), reason.to_owned(), Some(auction.id));
        self.round.acts.push(Act {
            admin,
            kind,
            member,
            auction,
            order,
            withdrawal: None,
            reason,
            at: self.now,
        });
    }
}

/// What an admin does with a command.
struct Told<'a> {
    admin: MemberId,
    kind: ActKind,
    member: Option<MemberId>,
    order: Option<OrderId>,
    reason: &'a str,
}

fn admin_act(command: &Command) -> Option<Told<'_>> {
    let told = |admin, kind, reason| Told { admin, kind, member: None, order: None, reason };
    match command {
        Command::Cancel { by: Hand::Admin(admin), reason } => {
            Some(told(*admin, ActKind::Cancelled, reason.as_deref().unwrap_or_default()))
        }
        Command::TakeBack { by: Hand::Admin(admin), member, reason } => Some(Told {
            member: Some(*member),
            ..told(*admin, ActKind::TookBack, reason.as_deref().unwrap_or_default())
        }),
        Command::Order { order, command } => match &**command {
            OrderCommand::Decide { admin, reason, .. } => {
                Some(Told { order: Some(*order), ..told(*admin, ActKind::Decided, reason) })
            }
            _ => None,
        },
        _ => None,
    }
}
