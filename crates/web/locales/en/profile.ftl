# A neighbour's page, one's own data, leaving, charts.
former-neighbour = Former neighbour { $number }
error-money_left = There is money left in your wallet. Withdraw it first, then try again.
error-auctions_open = Some of your auctions are not over yet. Try again when they are.
error-last_admin = You are the only admin here. Somebody else must become one before you leave.
error-orders_open = Some of your orders are under way. Finish them, then try again.

about-me = About you
about-me-hint = Up to 300 characters. Everyone can read it.
about-me-warning = Something here looks like a phone number or an account. Everyone can read it. Press once more to save it all the same.
member-left = This neighbour has left.
member-shelves = This neighbour's auctions
member-open = For sale now
member-past = Over
member-past-none = No auction is over yet.
answers-minutes = { $count ->
    [one] Usually answers within a minute
   *[other] Usually answers within { $count } minutes
}
answers-hours = { $count ->
    [one] Usually answers within an hour
   *[other] Usually answers within { $count } hours
}
answers-days = { $count ->
    [one] Usually answers within a day
   *[other] Usually answers within { $count } days
}
face = Your picture
face-of = Picture of { $name }
face-hint = One picture. Where it was taken is erased before it is kept.
face-choose = Choose a picture
face-remove = Remove the picture
face-failed = The picture could not be uploaded. Try another one.

export = Your data
export-text = Your auctions, bids, orders, reviews, questions, notices and transfers in one JSON file. You can have it once a minute.
export-get = Get the file
leave = Leave
leave-title = Do you really want to leave?
leave-go = How to leave
leave-lead = This cannot be undone.
leave-erased = Erased: your username and password, nickname, introduction, picture, neighbourhood, watchlist, blocks and notices. You are signed out everywhere.
leave-stays = Kept: the records of orders, bids, questions, reviews and transfers, with the accounts you withdrew to. Your name becomes “{ $name }”, for the books of other neighbours must stay true.
leave-ties = Some things come first
leave-tie-suspended = You are suspended. You can leave when that is lifted; write to whoever runs this market.
leave-tie-last-admin = You are the only admin. Somebody else must become one first.
leave-tie-orders = Orders under way: { $count }
leave-tie-auctions = Auctions of yours that are not over: { $count }
leave-tie-offers = Auctions being offered to the next neighbour: { $count }
leave-tie-owed = What you owe: { $amount }
leave-tie-available = Available money: { $amount }
leave-tie-held = Money held by bids: { $amount }
leave-tie-withdrawals = Withdrawals that wait: { $count }
leave-confirm = I have read all of it and know that it cannot be undone.
leave-confirm-missing = Read it and tick the box, please.
leave-send = Leave for ever

sales-title = A month of sales
sales-none = Nothing was sold in this month.
sales-count = Things sold
sales-sum = Sold for
sales-average = On average
sales-over-start = { $percent }% of the start price
sales-before = Month before
sales-after = Month after
sales-chart = Sold for each day, { $amount } on the best
sales-day = Day
sales-table = As a table
sales-month = { $month } { $year }
chart-table = As a table
chart-when = When
chart-who = Who
chart-price = Price
chart-legend = Who bid
chart-bids-minute = Bids a minute in the last 30 minutes
chart-bids-label = Bids a minute, { $count } at the most
chart-minute = Before the end
chart-minute-left = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
}
chart-bids = Bids
chart-others = Others
