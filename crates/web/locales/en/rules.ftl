rules-title = How an auction works
rules-lead = The rules in short. They are the same for everyone.
rules-hold = Your money is held only while you lead
rules-hold-text =
    A bid holds its amount in your wallet. When a neighbour bids more, all of it is released in the same moment. If you win, it pays the price.
    You can't bid more than you have.
rules-price = The price rises by the bid unit
rules-price-text = The first bid is at least the start price, every later one at least the present price plus the bid unit. Of two equal bids the earlier wins.
rules-buy = Sometimes you can buy at once
rules-buy-text = If the seller set a buy-now price you can buy at that price, and the auction ends on the spot.
rules-end = A late bid moves the end
rules-end-text = A bid in the last minutes (usually three) moves the end by as much, but never more than an hour past the listed end. The server's clock decides.
rules-cancel = Cancelling leaves a reason
rules-cancel-text = A seller can cancel until the first bid. The reason stays for everyone to read, and all held money is released.
rules-names = Bidders are shown by number
rules-names-text = In each auction people appear as Bidder 1, Bidder 2 and so on. Only the seller and the bidder know who it is. Sellers can't bid on their own items.
rules-after = Winning pays at once
rules-after-text = The price is paid as the auction ends and both sides get an order. Meet or send the item by parcel.
