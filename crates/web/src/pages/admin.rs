//! What people decide where the rules cannot: the admins' own pages, and a member's record of what was done about him.

use askama::Template;
use jiff::Timestamp;

use super::{Field, Person, Shell};

/// `/admin`
#[derive(Template)]
#[template(path = "admin/desk.html")]
pub struct AdminPage {
    /// The frame.
    pub shell: Shell,
    /// Disputes that wait, oldest first.
    pub disputes: Vec<DisputeLine>,
    /// The address of the next page of disputes.
    pub more_disputes: Option<String>,
    /// Withdrawals that wait, oldest first.
    pub withdrawals: Vec<WithdrawalLine>,
    /// The address of the next page of withdrawals.
    pub more_withdrawals: Option<String>,
    /// Deposits of which something is missing.
    pub debts: Vec<DepositLine>,
    /// The address of the next page of them.
    pub more_debts: Option<String>,
    /// What the house earned.
    pub fees: Fees,
    /// Whether reports of questions wait.
    pub has_reports: bool,
    /// What admins did last.
    pub acts: Vec<ActLine>,
    /// A fresh key; each form adds its own name to it.
    pub key: String,
    /// The member asked for.
    pub member: Field,
}

/// A dispute that waits.
#[derive(Clone, Debug)]
pub struct DisputeLine {
    /// The order's id.
    pub order_id: i64,
    /// The item's title.
    pub title: String,
    /// The price.
    pub price: i64,
    /// Since when.
    pub since: Timestamp,
    /// By when it should be decided; none once that is over.
    pub due: Option<Timestamp>,
}

/// A withdrawal.
#[derive(Clone, Debug)]
pub struct WithdrawalLine {
    /// Its id.
    pub id: i64,
    /// Whose; said to admins.
    pub member: Option<Person>,
    /// How much.
    pub amount: i64,
    /// Where it should go, in the member's words.
    pub destination: String,
    /// When it was asked for.
    pub at: Timestamp,
    /// `requested`, `done` or `reversed`.
    pub state: &'static str,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Why, if it was reversed.
    pub reason: Option<String>,
    /// What its member owes, said to admins: while he does, it is not paid out.
    pub debt: i64,
    /// What was typed as a reason, with what is wrong with it.
    pub typed: Field,
}

/// A deposit that may be taken back.
#[derive(Clone, Debug)]
pub struct DepositLine {
    /// Its transfer's id.
    pub id: i64,
    /// Whose wallet it came into.
    pub member: Person,
    /// Whether it stands among others of his, and need not say whose it is.
    pub is_his_page: bool,
    /// How much came in.
    pub amount: i64,
    /// What is still to be taken back, where that was begun; zero once all of it was.
    pub missing: Option<i64>,
    /// When it came in, or was last taken back.
    pub at: Timestamp,
    /// What was typed as a reason, with what is wrong with it.
    pub typed: Field,
}

/// What the house earned, and the form to take it out.
#[derive(Clone, Debug, Default)]
pub struct Fees {
    /// What is there.
    pub held: i64,
    /// Money goes out here.
    pub can_withdraw: bool,
    /// The form stands open, as it was refused.
    pub was_refused: bool,
    /// How much.
    pub amount: Field,
    /// What it is known by outside.
    pub reference: Field,
}

/// Something an admin did.
#[derive(Clone, Debug)]
pub struct ActLine {
    /// The sentence.
    pub text: String,
    /// Who did it: by name for admins, else only that it was an admin, or the operator.
    pub by: String,
    /// Why.
    pub reason: String,
    /// What it is about: an address and its words.
    pub link: Option<(String, String)>,
    /// When.
    pub at: Timestamp,
}

/// `/admin/acts` and `/record`
#[derive(Template)]
#[template(path = "admin/acts.html")]
pub struct ActsPage {
    /// The frame.
    pub shell: Shell,
    /// The reader's own record (else everything).
    pub is_own: bool,
    /// What was done, newest first.
    pub acts: Vec<ActLine>,
    /// The address of the next page.
    pub next: Option<String>,
}

/// `/admin/members/{id}`
#[derive(Template)]
#[template(path = "admin/member.html")]
pub struct AdminMemberPage {
    /// The frame.
    pub shell: Shell,
    /// The member's id.
    pub id: i64,
    /// The nickname.
    pub nickname: String,
    /// The name to sign in with.
    pub username: String,
    /// Since when.
    pub since: Timestamp,
    /// Whether he may do nothing.
    pub is_suspended: bool,
    /// Whether he is an admin.
    pub is_admin: bool,
    /// Whether it is the reader.
    pub is_me: bool,
    /// What is his in all. How it is divided would tell what he keeps for himself: how high he would bid.
    pub balance: i64,
    /// What is missing of deposits of his.
    pub debt: i64,
    /// His deposits, newest first.
    pub deposits: Vec<DepositLine>,
    /// The address of the next page of them.
    pub more_deposits: Option<String>,
    /// What stands on his record, by the key of its words and how often in twelve months.
    pub marks: Vec<(String, i64)>,
    /// Money that came in may be entered here.
    pub can_deposit: bool,
    /// A fresh key for that.
    pub key: String,
    /// What was typed why he is suspended or restored.
    pub suspension: Field,
    /// What was typed why his marks are lifted.
    pub lifting: Field,
    /// The form for money that came in stands open, as it was refused.
    pub has_refused_deposit: bool,
    /// The amount that came in.
    pub amount: Field,
    /// What it is known by outside.
    pub reference: Field,
    /// What was done about him.
    pub acts: Vec<ActLine>,
}
