//! Floor 3, *orders*: commands are decided one after another, in rounds, and nothing is answered before it is kept.
//!
//! A lane is one loop that owns one writing connection: gather → lock and read → decide → keep → answer → tell. Few
//! transactions with many bids in each: a refused bid costs a round a comparison and writes nothing. Everyone else
//! holds an [`Engine`], which only puts calls into bounded mailboxes: being full is an answer, not a wait.

mod answer;
mod call;
mod clock;
mod closer;
mod desk;
mod figures;
mod follower;
mod lane;
mod mailbox;
mod provider;
mod round;
mod wanted;

pub use answer::{Accepted, Answer, AnswerSender, Reply, answers};
pub use call::{Call, Deposits, fingerprint_of_sent};
pub use clock::{HouseClock, SETTLED_AFTER, STEP_FOLLOWED_MAX, STEP_SETTLED_MAX, Settled};
pub use figures::{Figures, FiguresNow};
pub use follower::{Follower, Rests};
pub use lane::{Chance, Fatal, Lane, OUTAGE_PAGE, Settings, Steady};
pub use mailbox::{Busy, COMMANDS_WAITING_MAX, Engine};
pub use provider::{Demo, Manual, Off, Provider};
