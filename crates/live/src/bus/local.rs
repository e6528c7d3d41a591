//! The bus of a single process: tells its own hub, in the caller's thread, and waits for nobody.

use std::sync::Arc;

use crate::bus::Told;
use crate::hub::Hub;

/// Hands every round straight to the one hub there is.
#[derive(Clone, Debug)]
pub struct LocalBus {
    hub: Arc<Hub>,
}

impl LocalBus {
    /// A bus to this hub.
    pub const fn new(hub: Arc<Hub>) -> LocalBus {
        LocalBus { hub }
    }

    /// Tells what a round committed. Takes short locks only: a look-up for each auction and member, and for those that are
    /// watched a few copies; encoding and waking are the hub's own task's work.
    pub fn publish(&self, told: Told) {
        self.hub.publish(told);
    }
}
