//! Deeds: what the web's door writes of what stands between a member and the market.

use auction::{PictureAddress, Time};
use ledger::MemberId;
use store::records::{NewPicture, PictureRow};
use store::{Act, ActKind, Records, Result};

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// An admin suspends a member.
    Suspend(MemberId),
    /// An admin lifts it.
    Restore(MemberId),
    /// The operator makes a member an admin, or none any more.
    SetAdmin(MemberId, bool),
    /// An admin lifts a member's marks.
    LiftMarks(MemberId),
    /// A seller blocks a member.
    Block {
        /// Who blocks.
        seller: MemberId,
        /// Whom.
        member: MemberId,
        /// Why, for everyone.
        reason: Option<String>,
    },
    /// A member uploads the picture of this number.
    Upload(MemberId, u8),
    /// A seller lifts a block.
    Unblock {
        /// Who lifts it.
        seller: MemberId,
        /// Of whom.
        member: MemberId,
    },
}

/// Where the picture of this number lies.
pub const fn address(number: u8) -> PictureAddress {
    [number; 32]
}

/// What is known of the picture of this number; each is as wide as none of the others.
pub fn picture(number: u8) -> PictureRow {
    let n = i64::from(number);
    PictureRow {
        address: address(number),
        width: 1_000 + n,
        height: 500,
        colour: n * 65_536,
        sizes: n % 8,
        bytes: 9_000 + n,
    }
}

/// Why admins do what they do here.
pub const REASON: &str = "신고가 들어왔어요";

impl Deed {
    /// What is written down of it, if it is an admin's.
    pub fn act(&self, at: Time) -> Option<Act> {
        let (kind, member) = match self {
            Deed::Suspend(member) => (ActKind::Suspended, *member),
            Deed::Restore(member) => (ActKind::Restored, *member),
            Deed::SetAdmin(member, true) => (ActKind::Granted, *member),
            Deed::SetAdmin(member, false) => (ActKind::Revoked, *member),
            Deed::LiftMarks(member) => (ActKind::MarksLifted, *member),
            Deed::Block { .. } | Deed::Unblock { .. } | Deed::Upload(..) => return None,
        };
        let (member, reason) = (Some(member), REASON.to_owned());
        Some(Act { admin: None, kind, member, auction: None, order: None, withdrawal: None, reason, at })
    }

    /// Does it on a store; whether anything came of it.
    ///
    /// # Errors
    /// As the store says.
    pub async fn perform(&self, records: &dyn Records, at: Time) -> Result<bool> {
        let act = || self.act(at).expect("admins' deeds are written down");
        match self {
            Deed::Suspend(member) => records.suspend(*member, act()).await,
            Deed::Restore(member) => records.restore(*member, act()).await,
            Deed::SetAdmin(member, is_admin) => records.set_admin(*member, *is_admin, act()).await,
            Deed::LiftMarks(member) => records.lift_marks(*member, act()).await,
            Deed::Block { seller, member, reason } => {
                records.block(*seller, *member, reason.clone(), at).await.map(|kept| kept.is_ok())
            }
            Deed::Upload(member, number) => {
                let new = NewPicture { picture: picture(*number), member: *member, at };
                records.keep_picture(new).await.map(|kept| kept.is_ok())
            }
            Deed::Unblock { seller, member } => records.unblock(*seller, *member).await.map(|()| true),
        }
    }
}
