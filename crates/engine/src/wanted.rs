//! What a round must lock and read for its commands, sorted, nothing twice.

use std::collections::{BTreeMap, BTreeSet};

use auction::{AuctionId, Command, Picture, PictureAddress, Revision};
use ledger::{MemberId, TransferId, WithdrawalId};
use store::{Key, Reference, Wanted};

use crate::call::Call;
use crate::mailbox::Asked;

/// How many rivals a single command looks at: the one who comes first, and the one behind him.
const RIVALS_OF_A_COMMAND: usize = 2;

/// What the commands need; the wallets of `in_doubt` besides.
pub(crate) fn wanted(batch: &[Asked], in_doubt: &BTreeSet<MemberId>) -> Wanted {
    let calls = || batch.iter().map(|asked| &asked.call);
    let auctions: BTreeSet<AuctionId> = calls().filter_map(Call::auction).collect();
    let concerned = |call: &Call| command_of(call).and_then(|(_, command)| command.concerns());
    let members = calls().filter_map(Call::caller).chain(calls().filter_map(Call::beneficiary));
    let members: BTreeSet<MemberId> =
        members.chain(calls().filter_map(concerned)).chain(in_doubt.iter().copied()).collect();
    let callers = calls().filter_map(|call| call.auction().zip(call.caller()));
    let callers: BTreeSet<(AuctionId, MemberId)> =
        callers.chain(calls().filter_map(|call| call.auction().zip(concerned(call)))).collect();
    let mut rivals: BTreeMap<AuctionId, usize> = BTreeMap::new();
    // Each command may take one away before the next looks, and whoever leads, buys or goes does not count.
    for (auction, command) in calls().filter_map(command_of).filter(|(_, command)| command.needs_rivals()) {
        let needed = command.concerns().map_or(RIVALS_OF_A_COMMAND, |_| RIVALS_OF_A_COMMAND + 1);
        *rivals.entry(auction).or_insert(1) += needed;
    }
    let edited = calls().filter_map(command_of).filter(|(_, command)| command.needs_item());
    let items: BTreeSet<AuctionId> =
        edited.map(|(auction, _)| auction).chain(calls().filter_map(auctioned_again)).collect();
    let keys: BTreeSet<&Key> = batch.iter().filter_map(|asked| asked.key.as_ref()).collect();
    Wanted {
        auctions: auctions.into_iter().collect(),
        members: members.into_iter().collect(),
        callers: callers.into_iter().collect(),
        rivals: rivals.into_iter().collect(),
        items: items.into_iter().collect(),
        pictures: calls().flat_map(pictures).collect::<BTreeSet<_>>().into_iter().collect(),
        listers: calls().filter_map(lister).collect::<BTreeSet<_>>().into_iter().collect(),
        withdrawals: calls().filter_map(withdrawal).collect::<BTreeSet<_>>().into_iter().collect(),
        deposits: calls().filter_map(deposit).collect::<BTreeSet<_>>().into_iter().collect(),
        debtors: calls().filter_map(debtor).collect::<BTreeSet<_>>().into_iter().collect(),
        fees: calls().any(|call| matches!(call, Call::WithdrawFees { .. })),
        references: calls().filter_map(reference).collect::<BTreeSet<_>>().into_iter().collect(),
        chores: batch.iter().filter_map(|asked| asked.chore).collect::<BTreeSet<_>>().into_iter().collect(),
        keys: keys.into_iter().cloned().collect(),
    }
}

fn command_of(call: &Call) -> Option<(AuctionId, &Command)> {
    match call {
        Call::Auction { auction, command } => Some((*auction, command)),
        Call::List(_)
        | Call::Deposit { .. }
        | Call::EnterDeposit { .. }
        | Call::Withdraw { .. }
        | Call::SettleWithdrawal { .. }
        | Call::ReverseDeposit { .. }
        | Call::WithdrawFees { .. } => None,
    }
}

/// The auction whose item is auctioned again.
fn auctioned_again(call: &Call) -> Option<AuctionId> {
    match call {
        Call::List(listing) => listing.again,
        _ => None,
    }
}

/// The pictures that the call names, and who must have uploaded them.
fn pictures(call: &Call) -> Vec<(MemberId, PictureAddress)> {
    let of = |seller: MemberId, pictures: &[Picture]| -> Vec<(MemberId, PictureAddress)> {
        pictures.iter().map(|picture| (seller, picture.address)).collect()
    };
    match call {
        Call::List(listing) => of(listing.seller(), &listing.item.pictures),
        Call::Auction { command: Command::Edit { seller, revision }, .. } => {
            let Revision { listing, added, .. } = &**revision;
            let listed = listing.as_ref().map(|listing| of(*seller, &listing.item.pictures));
            listed.into_iter().flatten().chain(of(*seller, added)).collect()
        }
        _ => Vec::new(),
    }
}

fn lister(call: &Call) -> Option<MemberId> {
    match call {
        Call::List(listing) => Some(listing.seller()),
        _ => None,
    }
}

fn reference(call: &Call) -> Option<Reference> {
    match call {
        Call::EnterDeposit { reference, .. } => Some(Reference::Deposit(reference.clone())),
        Call::WithdrawFees { reference, .. } => Some(Reference::Fees(reference.clone())),
        _ => None,
    }
}

fn withdrawal(call: &Call) -> Option<WithdrawalId> {
    match call {
        Call::SettleWithdrawal { withdrawal, .. } => Some(*withdrawal),
        _ => None,
    }
}

fn deposit(call: &Call) -> Option<TransferId> {
    match call {
        Call::ReverseDeposit { deposit, .. } => Some(*deposit),
        _ => None,
    }
}

fn debtor(call: &Call) -> Option<MemberId> {
    match call {
        Call::Withdraw { member, .. } => Some(*member),
        _ => None,
    }
}
