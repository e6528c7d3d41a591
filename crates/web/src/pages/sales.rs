//! A seller's month: what was sold on each day, as bars with a table behind.

use askama::Template;

use super::{Bars, Shell};

/// A day on which something was sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SalesDay {
    /// The day of the month.
    pub day: i64,
    /// How many things.
    pub count: i64,
    /// For how much.
    pub sum: i64,
    /// What their start prices were.
    pub start_sum: i64,
}

/// `/me/sales`
#[derive(Template)]
#[template(path = "sales.html")]
pub struct SalesPage {
    /// The frame.
    pub shell: Shell,
    /// The month in words.
    pub month: String,
    /// The address of the month before.
    pub before: String,
    /// The address of the month after, unless that is still to come.
    pub after: Option<String>,
    /// How many days the month has.
    pub days_in_month: i64,
    /// The days on which something was sold.
    pub days: Vec<SalesDay>,
}

impl SalesPage {
    /// What was sold on each day of the month.
    pub fn bars(&self) -> Bars {
        let on = |day| self.days.iter().filter(|one| one.day == day).map(|one| one.sum).sum();
        Bars { amounts: (1..=self.days_in_month).map(on).collect() }
    }

    /// All of the month as one day.
    pub fn whole(&self) -> SalesDay {
        let total = |part: fn(&SalesDay) -> i64| self.days.iter().map(part).sum();
        SalesDay {
            day: 0,
            count: total(|day| day.count),
            sum: total(|day| day.sum),
            start_sum: total(|day| day.start_sum),
        }
    }
}

impl SalesDay {
    /// What one thing cost on average.
    pub fn average(&self) -> i64 {
        self.sum / self.count.max(1)
    }

    /// What that is of the start price, in hundredths.
    pub fn percent(&self) -> i64 {
        let percent = i128::from(self.sum) * 100 / i128::from(self.start_sum.max(1));
        i64::try_from(percent).unwrap_or(i64::MAX)
    }
}
