rules-title = How an auction works
rules-lead = The rules in short. They are the same for everyone.
rules-hold = Your money is held only while you lead
rules-hold-text =
    A bid holds its amount in your wallet. When a neighbour bids more, all of it is released in the same moment. If you win, it pays the price.
    You can't bid more than you have.
rules-price = The price rises by the bid unit
rules-price-text = The first bid is at least the start price, every later one at least the present price plus the bid unit, and always whole units. Of two equal bids the earlier wins.
rules-ladder = Or by steps that grow with it
rules-ladder-text = A seller may choose growing steps instead of a bid unit: the higher the price, the higher the next step. Then any amount is fine that reaches the least next bid, which the auction's page always shows.
rules-buy = Sometimes you can buy at once
rules-buy-text = If the seller set a buy-now price you can buy at that price, and the auction ends on the spot.
rules-end = A late bid moves the end
rules-end-text = After a bid in the last minutes (usually three) as many minutes remain again, but never more than an hour past the listed end. The server's clock decides.
rules-outage = Nothing ends because we were away
rules-outage-text = If this house is away for more than 30 seconds, auctions that would have ended meanwhile, or within five minutes after, are extended by the time that was lost: at least a minute, at most a day.
rules-cancel = Cancelling ends with the first bid
rules-cancel-text = A seller can cancel until the first bid. No money is held until then, so nobody's money is touched. If the seller gives a reason, it stays for everyone to read.
rules-numbers = Bidders are shown by number
rules-numbers-text = In each auction people appear as Bidder 1, Bidder 2 and so on. Only the seller and the bidder know who it is. Sellers can't bid on their own items.
rules-names = Bidders are shown by nickname
rules-names-text = Everyone can see the nicknames of those who bid. Sellers can't bid on their own items.
rules-after = Winning pays at once
rules-after-text = The price is paid as the auction ends and both sides get an order. Meet or send the item by parcel.
