saved-searches = Saved searches
saved-intro = You hear when something new fits, at most once an hour for each search.
saved-save = Save this search
saved-new = { $count ->
    [one] 1 new
   *[other] { $count } new
}
saved-remove = Remove
saved-remove-one = Remove the search { $name }
saved-empty = No saved searches yet
saved-empty-text = Search for something and press “Save this search”: you hear when something new fits.
saved-empty-go = Search
answer-search-saved = The search is saved. You will hear when something new fits.
answer-searches-full = You can save 20 searches. Please remove a few and save again.
error-searches_full = You can save 20 searches. Please remove a few and save again.
notice-search_match = { $title }: { $count ->
    [one] 1 new item
   *[other] { $count } new items
}
notice-search_match-item = What you were looking for is here: { $title }
deliver-group-searches = New items for my saved searches
