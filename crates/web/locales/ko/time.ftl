# The time left never breaks inside: its words are held together by no-break spaces.
left-none = 끝났어요
left-seconds = { $seconds }초
left-minutes = { $minutes }분 남음
left-minutes-seconds = { $minutes }분 { $seconds }초
left-hours = { $hours }시간 남음
left-hours-minutes = { $hours }시간 { $minutes }분
left-days = { $days }일 남음
left-days-one = { $days }일 남음
left-days-hours = { $days }일 { $hours }시간

ago-now = 방금
ago-minutes = { $minutes }분 전
ago-hours = { $hours }시간 전

moment = { $day } { $time }
day-today = 오늘
day-tomorrow = 내일
day-yesterday = 어제
day-date = { $month }월 { $day }일
day-date-year = { $year }년 { $month }월 { $day }일
clock-morning = 오전 { $hour }:{ $minutes }
clock-afternoon = 오후 { $hour }:{ $minutes }
month-1 = 1월
month-2 = 2월
month-3 = 3월
month-4 = 4월
month-5 = 5월
month-6 = 6월
month-7 = 7월
month-8 = 8월
month-9 = 9월
month-10 = 10월
month-11 = 11월
month-12 = 12월

won = { $amount }원
won-unit = 원
minutes = { $count }분
