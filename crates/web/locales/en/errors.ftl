# One sentence a code: what happened, that the money is safe, what to do.
error-auction_not_found = We can't find this auction. Please check the address.
error-closed = { $outcome ->
    [cancelled] This auction was cancelled. No money is held for it.
   *[other] This auction has ended. Nothing new was held.
}
error-not_started = { $starts ->
    [none] This auction hasn't started yet. Please bid again a little later.
   *[other] It hasn't started yet. You can bid from { $starts }.
}
error-own_auction = You can't bid on your own item or ask about it.
error-suspended = This account is suspended. The money in your wallet is untouched.
error-blocked = You can't bid on this seller's items or ask about them. Nothing was held.
error-no_buy_now = This auction can't be bought at once. Please bid instead.
error-terms_changed = The seller changed the details. Please read them again before bidding.
error-amount_invalid = { $limit ->
    [none] Please enter a whole amount in won.
   *[other] Please enter a whole amount from ₩1 to { $limit }.
}
error-maximum_not_higher = { $maximum ->
    [none] Please enter more than your present maximum.
   *[other] Your maximum is already { $maximum }. Please enter more than that.
}
error-below_minimum = { $minimum ->
    [none] This auction takes no higher bid. Nothing was held.
   *[other] Bids start at { $minimum } now. Nothing was held.
}
error-off_step = { $above ->
    [none] That is between two steps. Please use the bid unit.
   *[other] { $below ->
        [none] That is between two steps. How about { $above }?
       *[other] That is between two steps. Please use { $below } or { $above }.
    }
}
error-insufficient_funds = { $short ->
    [none] You don't have enough available. Add money and bid again.
   *[other] You are { $short } short: this needs { $required } and you have { $available } available.
}
error-too_many_bids = You bid very often on this auction. You can bid again in { NUMBER($seconds) ->
    [one] a second.
   *[other] { $seconds } seconds.
}
error-busy = It's crowded right now. Your bid was not recorded and your money is untouched. Please try again in a moment.
error-outcome_unknown = We haven't heard the outcome yet. Pressing the same button again won't bid twice.
error-key_reused = That request number was used for something else. Please reload and try again.
error-key_required = An Idempotency-Key is required.
error-username_taken = That name is taken. Please choose another.
error-nickname_taken = That nickname, or one that looks just like it, is taken.
error-deposits_off = Deposits are off at the moment.
error-not_seller = Only the seller can do this.
error-no_leader = Nobody has bid yet.
error-reserve_not_met = The reserve isn't met yet.
error-too_early = Not yet: a little more time has to pass.
error-too_late = Too late for that now. This rule protects the neighbours who have bid.
error-extended_twice = It has been extended twice already.
error-too_many_notes = This auction has 20 notes already. No more can be added.
error-reason_missing = Please give a reason. The neighbours who bid will see it.
error-hours_invalid = Please choose 1, 3, 6, 12 or 24 hours.
error-reserve_invalid = The reserve must be above the price and below the present reserve.
error-item_not_free = This item is still in an auction, a sale or an offer. Please come back once that is over.
error-listing_barred = Too much stands on your record right now, so nothing new can be listed. Your money is untouched. Please ask the operator.
error-picture_not_found = One of the pictures isn't there any more. Please upload it again.
error-order_not_found = We can't find this order. Please check the address.
error-not_buyer = Only the buyer can do this.
error-not_admin = Only an admin who has no part in it can do this.
error-order_state = This can't be done where the order stands now. The money is where it was. Please reload and look again.
error-code_wrong = { $tries ->
    [none] That code isn't right. The money is safe. Please check it and type it again.
    [0] That code isn't right. No code is taken for an hour now. The money is safe.
    [one] That code isn't right. The money is safe. You can try once more.
   *[other] That code isn't right. The money is safe. You can try { $tries } more times.
}
error-code_locked = Too many wrong codes: they rest for an hour. The money is safe. Please try again later.
error-refund_invalid = { $limit ->
    [none] Please enter a whole amount, at most what was paid.
   *[other] Please enter a whole amount from ₩0 to { $limit }.
}
error-already_reviewed = You have reviewed this order already.
error-no_bidder_left = No bidder is left for this. Nothing was changed.
error-no_offer = Nothing is offered to you right now. No money was moved.
error-reference_used = That reference was used before. No money was moved; look at the record.
error-withdrawals_off = Money can't be taken out here. It stays in your wallet.
error-withdrawal_not_found = We can't find this withdrawal.
error-deposit_not_found = We can't find this deposit.
error-nothing_missing = This deposit was taken back in full already. Nothing more was taken.
error-in_debt = { $missing ->
    [none] Something is missing of a deposit that was taken back. You can withdraw once it is there; your money stays in your wallet.
   *[other] { $missing } is missing of a deposit that was taken back. You can withdraw once it is there; your money stays in your wallet.
}
error-insufficient_fees = { $fees ->
    [none] There are not as many fees. Nothing was taken out.
   *[other] Only { $fees } of fees is there. Nothing was taken out.
}
error-withdrawal_over = This withdrawal was settled already. Nothing was paid twice.
error-watchlist_full = Your watchlist is full. Please take a few past auctions off it and try again.
error-malformed = We can't read this request.
error-invalid = Please correct a few things. Nothing was changed.
error-unauthenticated = Please sign in first.
error-session_expired = Your sign-in has expired. Please sign in again. Your money is untouched.
error-credentials_wrong = The name or the password doesn't match.
error-foreign_origin = This came from another site, so we didn't accept it.
error-not_found = There is nothing here.
error-method_not_allowed = This address doesn't take that kind of request.
error-too_large = That is too large.
error-media_type = We can't take this format.
error-rate_limited = Too many requests. Please try again in { $seconds }s.
error-unavailable = We're pausing for a moment and will be right back.
error-internal = Something went wrong. Your money is safe. Please try again in a moment.

field-invalid = Please check this.
field-required = Please fill this in.
field-too_short = Please make it a little longer.
field-too_long = That is too long.
field-bad_characters = Some of these characters can't be used. They may not be visible: please type it anew.
field-amount_invalid = Please enter a whole amount in won.
field-below_start = It can't be below the start price.
field-above_buy_now = It can't be above the buy-now price.
field-too_late = Please stay within 30 days.
field-too_early = Please choose a later time.
field-too_low = Please choose a larger amount.
field-too_high = Please choose a smaller amount.
field-off_step = It must be reachable from the start price in whole bid units.
field-unknown = We don't know this field.
field-too_easy = That is too easy to guess. Please choose another.
field-too_many = Those are too many.
field-wrong_type = This is of the wrong kind.
field-repeated = This was sent more than once.
field-wrong_password = That isn't your present password.
