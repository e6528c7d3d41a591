# The time left never breaks inside: its words are held together by no-break spaces.
left-none = ended
left-seconds = { $seconds }s
left-minutes = { $minutes } min left
left-minutes-seconds = { $minutes }m { $seconds }s
left-hours = { $hours } h left
left-hours-minutes = { $hours }h { $minutes }m
left-days = { $days ->
    [one] { $days } day left
   *[other] { $days } days left
}
left-days-one = { $days } day left
left-days-hours = { $days }d { $hours }h

ago-now = just now
ago-minutes = { $minutes } min ago
ago-hours = { $hours } h ago

moment = { $day }, { $time }
day-today = today
day-tomorrow = tomorrow
day-yesterday = yesterday
day-date = { $month } { $day }
day-date-year = { $month } { $day }, { $year }
clock-morning = { $hour }:{ $minutes } am
clock-afternoon = { $hour }:{ $minutes } pm
month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec

won = ₩{ $amount }
won-unit = ₩
minutes = { $count } min
