//! The near end of the bus: tells the node's own hub, in the caller's thread, hints to other nodes if there are any, and
//! waits for nobody.

use std::sync::Arc;

use crate::bus::Told;
use crate::hub::Hub;

/// Hands every round straight to the node's own hub.
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
        if let Some(hints) = self.hub.hints() {
            hints.tell(&told);
        }
        self.hub.publish(told);
    }
}
