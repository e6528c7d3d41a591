//! The auctions of the rehearsals' server: just enough of the rules for bids, keys, frames and closings.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::clock;

/// One auction: its events are the frames that tell them.
pub struct Auction {
    /// Its number.
    pub id: i64,
    unit: i64,
    minimum: i64,
    /// Its deadline.
    pub ends_at_us: i64,
    closed: bool,
    bid_count: i64,
    /// Event n stands at n − 1.
    pub events: Vec<String>,
    accepted: HashMap<String, usize>,
}

impl Auction {
    /// As a listing asks for it.
    pub fn list(id: i64, listing: &Value) -> Self {
        let minimum = listing["start_price"].as_i64().unwrap();
        let ends_at_us = clock::from_wire(listing["ends_at"].as_str().unwrap().as_bytes()).unwrap();
        let listed = format!(r#"{{"type":"listed","id":{id},"seq":1,"minimum":{minimum}}}"#);
        Self {
            id,
            unit: listing["bid_unit"].as_i64().unwrap(),
            minimum,
            ends_at_us,
            closed: false,
            bid_count: 0,
            events: vec![listed],
            accepted: HashMap::new(),
        }
    }

    /// The last event's number.
    pub fn seq(&self) -> usize {
        self.events.len()
    }

    /// As the API tells it, forgetting so many bids.
    pub fn document(&self, forgotten: i64) -> Value {
        json!({"id": self.id, "seq": self.seq(), "bid_count": self.bid_count - forgotten})
    }

    /// The first frame of a subscription.
    pub fn snapshot(&self) -> String {
        let Self { id, minimum, closed, .. } = self;
        let outcome = if *closed { r#","outcome":"sold""# } else { "" };
        format!(r#"{{"type":"auction","id":{id},"seq":{},"minimum":{minimum}{outcome}}}"#, self.seq())
    }

    /// Decides a bid: the number of its event, or the refusal.
    pub fn bid(&mut self, key: &str, amount: i64) -> Result<usize, String> {
        if let Some(seq) = self.accepted.get(key) {
            return Ok(*seq);
        }
        let Self { id, minimum, .. } = self;
        if self.closed || clock::wall_us() >= self.ends_at_us {
            return Err(format!(r#"{{"type":"refused","key":"{key}","id":{id},"code":"closed"}}"#));
        }
        if amount < *minimum {
            return Err(format!(
                r#"{{"type":"refused","key":"{key}","id":{id},"code":"below_minimum","minimum":{minimum}}}"#
            ));
        }
        Ok(self.store(key, amount))
    }

    fn store(&mut self, key: &str, amount: i64) -> usize {
        self.minimum = amount + self.unit;
        self.bid_count += 1;
        let (id, seq, minimum, at) =
            (self.id, self.seq() + 1, self.minimum, clock::to_wire(clock::wall_us()));
        self.events.push(format!(
            r#"{{"type":"bid","id":{id},"seq":{seq},"kind":"bid","amount":{amount},"minimum":{minimum},"at":"{at}"}}"#
        ));
        self.accepted.insert(key.to_owned(), seq);
        seq
    }

    /// Closes it if it is due; true if that was news.
    pub fn close_if_due(&mut self) -> bool {
        if self.closed || clock::wall_us() < self.ends_at_us {
            return false;
        }
        self.closed = true;
        let (id, seq) = (self.id, self.seq() + 1);
        self.events.push(format!(r#"{{"type":"closed","id":{id},"seq":{seq},"outcome":"sold"}}"#));
        true
    }
}
