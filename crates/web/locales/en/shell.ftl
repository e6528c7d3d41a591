site-title = Live auctions in your neighbourhood
site-description = Live auctions between neighbours: bid from 1,000 won, your money is held safely until you have the thing in your hands.
site-line = Live auctions between neighbours
skip = Skip to content
nav = Menu
nav-home = Home
nav-market = Browse
nav-search = Search
nav-sell = Sell
nav-mine = My auctions
nav-notices = Notices
nav-wallet = Wallet
footer = Footer
language = Language
rules = Rules
settings = Settings
sign-in = Sign in
sign-up = Sign up
sign-out = Sign out
sign-out-everywhere = Sign out everywhere
search = Search
search-hint = What are you looking for?
place-all = Everywhere
region-whole = All of { $region }
region-narrow = Choose the neighbourhood too
all = All
any = Any
none = None
more = Show more
see-all = See all
see-order = See the order
see-seller = See the seller
back = Go back
offline-title = You are offline.
offline-text = Your bids and your money are safe with us: a maximum goes on bidding for you. This page comes back by itself once you are connected.
offline-again = Try again
save = Save
choose = Please choose
choose-later = I'll choose later
unread = unread
time-left = Time left
time-start = Starts
time-end = Ends
time-ended = Ended
bids = { $count ->
    [one] { $count } bid
   *[other] { $count } bids
}
sales = { $count ->
    [one] { $count } sale
   *[other] { $count } sales
}
reputation = Rated { $score } ({ $count })
reputation-count = { $count ->
    [one] rating from { $count } review
   *[other] rating from { $count } reviews
}
reputation-none = no reviews yet
region = Neighbourhood
category = Category
condition = Condition
condition-new = New
condition-s = Grade S
condition-a = Grade A
condition-b = Grade B
condition-c = Grade C
shipping-seller = Pickup or free shipping
shipping-buyer = Pickup or buyer pays shipping
nationwide = Nationwide

state-scheduled = Starting soon
state-open = Taking bids
state-ending = Ending
state-closing = Closing
state-leading = You're winning
state-outbid = Outbid
state-won = Won
state-sold = Sold
state-lost = Missed
state-unsold = Unsold
state-cancelled = Cancelled
state-selling = Selling

answer-signed-up = Welcome! You can bid now.
answer-deposited = { $amount } added.
answer-bid = You bid { $amount } and are winning.
answer-bought = Bought! We are keeping the money until the item is in your hands.
answer-sold = Sold! We are keeping the money; it comes to your wallet once the item has been handed over.
answer-listed = Your item is listed.
answer-cancelled = The auction is cancelled. No money is held for it.
answer-saved = Saved.
answer-password = Your password is changed.
answer-signed-out = You are signed out.
answer-blocked = This neighbour can no longer bid on your items.
answer-unblocked = Unblocked.
answer-watchlist-full = Your watchlist is full. Please take a few past auctions off it.
answer-read = All read.
