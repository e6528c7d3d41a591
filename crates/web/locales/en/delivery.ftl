deliver-settings = Notices outside the house
deliver-intro = Everything stands on your notices page. Here you choose what also reaches you when you are elsewhere.
deliver-push = On this device
deliver-push-scripts = Push needs a browser with scripts turned on.
deliver-push-turn-on = Turn on push
deliver-push-turn-off = Turn off push
deliver-push-is-on = Push is on in this browser.
deliver-push-is-off = Push is off in this browser.
deliver-push-denied = This browser blocks notifications from us. Please allow them in the browser’s site settings and come back.
deliver-push-unsupported = This browser knows no push. On an iPhone, add NeighborBid to the home screen first and open it there.
deliver-push-failed = That did not work. Please try again in a moment.
deliver-push-count = { $count ->
    [one] You get push in one browser.
   *[other] You get push in { $count } browsers.
}
deliver-email = E-mail
deliver-email-address = E-mail address
deliver-email-hint = We send a link to it. Notices come once you have followed the link.
deliver-email-send = Send link
deliver-email-waiting = We sent a link to { $email }. Please follow it within a day.
deliver-email-remove = Forget this address
deliver-email-none = This house sends no e-mail.
deliver-what = What reaches you how
deliver-group-bidding = My bids: outbid, taken back
deliver-group-selling = New bids on what I sell
deliver-group-ending = Ending soon and changes
deliver-group-results = Won, sold, offered to me
deliver-group-orders = Orders and handover
deliver-group-questions = Questions and answers
deliver-group-money = Money
deliver-wish-usual = Push, or e-mail without push
deliver-wish-in_house = Only on the notices page
deliver-wish-push = Push
deliver-wish-email = E-mail
deliver-wish-both = Push and e-mail
deliver-quiet = Quiet hours
deliver-quiet-on = Send nothing at night
deliver-quiet-from = From
deliver-quiet-until = Until
deliver-quiet-hint = Korean time. What happens meanwhile comes afterwards, unless the auction is over by then.
admin-deliveries = Notices that were not delivered
admin-deliveries-none = Everything was delivered.
admin-delivery-tries = { $count ->
    [one] tried once
   *[other] tried { $count } times
}
admin-delivery-retry = Try again
mail-look = Have a look
mail-why = You get this letter because you asked NeighborBid for e-mail.
mail-leave = No more e-mail
mail-confirm-subject = Is this your address?
mail-confirm = Somebody would like to get notices from NeighborBid at this address.
mail-confirm-act = Yes, that is me
mail-confirm-why = If it was not you, simply ignore this letter. The link is good for a day.
unsubscribe = No more e-mail
unsubscribe-text = Shall we stop sending you e-mail? Your notices stay on the notices page.
unsubscribe-yes = Yes, no more e-mail
unsubscribe-done = Done. We send you no more e-mail. You can turn it on again in the settings.
confirm = Confirm your address
confirm-text = Shall notices come to this address?
confirm-yes = Yes, confirm
confirm-done = Done. Notices come to this address now.
error-confirmation_not_found = This link is too old or was used already. Please have a new one sent.
error-delivery_not_found = There is no such failed delivery any more.
error-email_off = This house sends no e-mail.
error-too_many_browsers = You get push in ten browsers already. Please turn it off in one of them first.
error-too_many_confirmations = You asked for many links today. Please try again tomorrow.
