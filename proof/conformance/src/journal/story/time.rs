//! How time passes in a story: seconds, or minutes to weeks in which every deadline comes, or while the house is away.

use auction::{Span, Time};
use store::memory::Market;

use super::teller::Teller;

/// The lane looks for what is due after so long.
pub(super) const TICK: Span = Span::seconds(1);

/// How time passes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Passing {
    /// The heartbeat stands meanwhile: if it is long, the house was away.
    Unminded(Span),
    /// The heartbeat went on, but everything that came due waits until now.
    Late(Span),
    /// Everything is done when it is due, up to that moment.
    Lived(Time),
}

impl Teller {
    /// What passes before the next calls.
    pub(super) fn time(&mut self, market: &Market) -> Vec<Passing> {
        let now = self.now();
        let lived = |span: Span| vec![Passing::Lived(now.plus(span))];
        match self.chance.within(1, 100) {
            1..=15 => Vec::new(),
            16..=40 => vec![Passing::Unminded(Span(self.chance.within(1, Span::seconds(20).0)))],
            41..=52 => vec![Passing::Unminded(Span::seconds(25)); self.chance.within(1, 4) as usize],
            53..=62 => lived(Span::minutes(self.chance.within(1, 90))),
            63..=78 => self.near_an_end(market),
            79..=87 => lived(Span::hours(self.chance.of(&[1, 3, 13, 24, 25]))),
            88..=92 => lived(Span::days(self.chance.of(&[2, 3, 4, 7]))),
            93..=94 => lived(Span::days(self.chance.of(&[8, 15, 22]))),
            95..=96 => vec![Passing::Late(Span::minutes(self.chance.of(&[5, 70, 1_500, 12_000])))],
            97..=99 => vec![Passing::Unminded(Span::seconds(self.chance.within(31, 3_000)))],
            _ => vec![Passing::Unminded(Span::hours(self.chance.of(&[5, 30, 200])))],
        }
    }

    /// Up to shortly before an auction ends, or to the moment itself.
    fn near_an_end(&mut self, market: &Market) -> Vec<Passing> {
        let running: Vec<Time> =
            market.auctions.values().filter(|one| one.outcome.is_none()).map(|one| one.ends_at).collect();
        if running.is_empty() {
            return Vec::new();
        }
        let (end, before) = (self.chance.of(&running), [2_400, 1_500, 660, 290, 100, 1, 0]);
        vec![Passing::Lived(end.minus(Span::seconds(self.chance.of(&before))))]
    }
}
