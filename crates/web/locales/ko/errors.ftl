# 코드마다 한 문장: 무슨 일인지, 돈은 안전한지, 무엇을 하면 되는지.
error-auction_not_found = 이 경매를 찾을 수 없어요. 주소를 확인해 주세요.
error-closed = { $outcome ->
    [cancelled] 취소된 경매예요. 이 경매에 묶인 돈은 없어요.
   *[other] 이미 끝난 경매예요. 새로 묶인 돈은 없어요.
}
error-not_started = { $starts ->
    [none] 아직 시작하지 않은 경매예요. 조금 뒤에 다시 입찰해 주세요.
   *[other] 아직 시작 전이에요. { $starts }부터 입찰할 수 있어요.
}
error-own_auction = 내가 올린 물건에는 입찰하거나 물어볼 수 없어요.
error-suspended = 지금은 이용이 멈춘 계정이에요. 지갑의 돈은 그대로 있어요.
error-blocked = 이 판매자의 물건에는 입찰하거나 물어볼 수 없어요. 묶인 돈은 없어요.
error-no_buy_now = 즉시 구매가 없는 경매예요. 입찰로 참여해 주세요.
error-terms_changed = 판매자가 내용을 바꿨어요. 다시 읽어 보고 입찰해 주세요.
error-amount_invalid = { $limit ->
    [none] 금액을 원 단위 숫자로 적어 주세요.
   *[other] 1원부터 { $limit }까지, 원 단위 숫자로 적어 주세요.
}
error-maximum_not_higher = { $maximum ->
    [none] 지금 걸어 둔 최대 금액보다 높게 적어 주세요.
   *[other] 이미 최대 { $maximum }까지 걸어 두었어요. 그보다 높게 적어 주세요.
}
error-below_minimum = { $minimum ->
    [none] 더 높은 입찰을 받을 수 없는 경매예요. 묶인 돈은 없어요.
   *[other] 지금은 { $minimum }부터 입찰할 수 있어요. 묶인 돈은 없어요.
}
error-off_step = { $above ->
    [none] 입찰 단위에 맞지 않아요. 정해진 단위로 적어 주세요.
   *[other] { $below ->
        [none] 입찰 단위에 맞지 않아요. { $above }은 어때요?
       *[other] 입찰 단위에 맞지 않아요. { $below } 또는 { $above }으로 적어 주세요.
    }
}
error-insufficient_funds = { $short ->
    [none] 쓸 수 있는 돈이 모자라요. 충전하고 다시 입찰해 주세요.
   *[other] { $short }이 모자라요. 필요한 돈은 { $required }, 쓸 수 있는 돈은 { $available }이에요.
}
error-too_many_bids = 이 경매에서 너무 자주 입찰했어요. { NUMBER($seconds) ->
    [one] 조금 뒤에
   *[other] { $seconds }초 뒤에
} 다시 할 수 있어요.
error-busy = 지금 사람이 많아요. 입찰은 기록되지 않았고 돈도 그대로예요. 잠시 뒤 다시 눌러 주세요.
error-outcome_unknown = 결과를 아직 듣지 못했어요. 같은 버튼을 다시 눌러도 두 번 입찰되지 않아요.
error-key_reused = 이미 다른 요청에 쓴 번호예요. 새로고침하고 다시 해 주세요.
error-key_required = 요청 번호(Idempotency-Key)가 필요해요.
error-username_taken = 이미 쓰고 있는 아이디예요. 다른 아이디를 골라 주세요.
error-nickname_taken = 이미 있는 별명이거나 아주 비슷한 별명이 있어요.
error-deposits_off = 지금은 충전을 받지 않아요.
error-not_seller = 판매자만 할 수 있어요.
error-no_leader = 아직 입찰한 사람이 없어요.
error-reserve_not_met = 아직 최저 판매가에 닿지 않았어요.
error-too_early = 아직은 할 수 없어요. 조금 더 지나야 해요.
error-too_late = 이제는 할 수 없어요. 입찰한 이웃을 지키기 위한 규칙이에요.
error-extended_twice = 이미 두 번 늘렸어요.
error-too_many_notes = 덧붙인 글이 이미 20개예요. 더는 덧붙일 수 없어요.
error-reason_missing = 이유를 적어 주세요. 입찰한 이웃에게 보여요.
error-hours_invalid = 1, 3, 6, 12, 24시간 중에서 골라 주세요.
error-reserve_invalid = 최저 판매가는 지금 가격보다 높고 이전 최저 판매가보다 낮아야 해요.
error-item_not_free = 이 물건은 아직 경매나 거래, 제안이 진행 중이에요. 끝난 뒤에 다시 해 주세요.
error-listing_barred = 최근 기록 때문에 지금은 새 물건을 올릴 수 없어요. 지갑의 돈은 그대로예요. 관리자에게 물어봐 주세요.
error-picture_not_found = 사진 한 장을 찾을 수 없어요. 다시 올려 주세요.
error-order_not_found = 이 거래를 찾을 수 없어요. 주소를 확인해 주세요.
error-not_buyer = 구매자만 할 수 있어요.
error-not_admin = 이 일과 관계없는 관리자만 할 수 있어요.
error-order_state = 지금 단계에서는 할 수 없어요. 돈은 그대로 있어요. 새로고침하고 다시 확인해 주세요.
error-code_wrong = { $tries ->
    [none] 번호가 맞지 않아요. 돈은 안전해요. 다시 확인하고 적어 주세요.
    [0] 번호가 맞지 않아요. 이제 한 시간 동안 적을 수 없어요. 돈은 안전해요.
   *[other] 번호가 맞지 않아요. 돈은 안전해요. 앞으로 { $tries }번 더 적을 수 있어요.
}
error-code_locked = 번호를 여러 번 틀려서 한 시간 동안 적을 수 없어요. 돈은 안전해요. 조금 뒤에 다시 해 주세요.
error-refund_invalid = { $limit ->
    [none] 낸 돈을 넘지 않는 금액을 원 단위 숫자로 적어 주세요.
   *[other] 0원부터 { $limit }까지, 원 단위 숫자로 적어 주세요.
}
error-already_reviewed = 이미 후기를 남긴 거래예요.
error-no_bidder_left = 남은 입찰자가 없어요. 바뀐 것은 없어요.
error-no_offer = 지금은 나에게 온 제안이 없어요. 움직인 돈은 없어요.
error-reference_used = 그 번호는 이미 썼어요. 돈은 움직이지 않았으니 기록을 확인해 주세요.
error-withdrawals_off = 여기서는 돈을 꺼낼 수 없어요. 돈은 지갑에 그대로 있어요.
error-withdrawal_not_found = 이 출금 요청을 찾을 수 없어요.
error-deposit_not_found = 이 충전을 찾을 수 없어요.
error-nothing_missing = 이미 모두 되돌린 충전이에요. 더 빠져나가지 않았어요.
error-in_debt = { $missing ->
    [none] 되돌린 충전에서 모자란 돈이 있어요. 채운 뒤에 출금할 수 있어요. 돈은 지갑에 그대로 있어요.
   *[other] 되돌린 충전에서 { $missing }이 모자라요. 채운 뒤에 출금할 수 있어요. 돈은 지갑에 그대로 있어요.
}
error-insufficient_fees = { $fees ->
    [none] 쌓인 수수료가 그만큼 없어요. 나간 돈은 없어요.
   *[other] 쌓인 수수료는 { $fees }이에요. 나간 돈은 없어요.
}
error-withdrawal_over = 이미 처리한 출금 요청이에요. 두 번 나가지 않았어요.
error-watchlist_full = 관심 목록이 가득 찼어요. 지난 경매를 몇 개 빼고 다시 담아 주세요.
error-malformed = 요청을 읽을 수 없어요.
error-invalid = 몇 군데를 고쳐 주세요. 아무것도 바뀌지 않았어요.
error-unauthenticated = 먼저 로그인해 주세요.
error-session_expired = 로그인이 만료됐어요. 다시 로그인해 주세요. 돈은 그대로예요.
error-credentials_wrong = 아이디나 비밀번호가 맞지 않아요.
error-foreign_origin = 다른 사이트에서 온 요청이라 받지 않았어요.
error-not_found = 찾는 것이 없어요.
error-method_not_allowed = 이 주소에서는 할 수 없는 요청이에요.
error-too_large = 보낸 내용이 너무 커요.
error-media_type = 이 형식은 받을 수 없어요.
error-rate_limited = 요청이 너무 잦아요. { $seconds }초 뒤에 다시 해 주세요.
error-unavailable = 잠시 쉬고 있어요. 곧 돌아올게요.
error-internal = 문제가 생겼어요. 돈은 안전해요. 잠시 뒤 다시 해 주세요.

field-invalid = 다시 확인해 주세요.
field-required = 꼭 적어 주세요.
field-too_short = 조금 더 길게 적어 주세요.
field-too_long = 너무 길어요. 조금 줄여 주세요.
field-bad_characters = 쓸 수 없는 글자가 있어요. 보이지 않는 글자일 수 있으니 다시 적어 주세요.
field-amount_invalid = 금액을 원 단위 숫자로 적어 주세요.
field-below_start = 시작가보다 낮을 수 없어요.
field-above_buy_now = 즉시 구매가보다 높을 수 없어요.
field-too_late = 30일 안으로 정해 주세요.
field-too_early = 조금 더 뒤로 정해 주세요.
field-too_low = 더 큰 금액으로 적어 주세요.
field-too_high = 더 작은 금액으로 적어 주세요.
field-off_step = 시작가에서 입찰 단위로 올라가며 닿는 금액이어야 해요.
field-unknown = 알 수 없는 항목이에요.
field-too_easy = 너무 쉬워서 짐작하기 좋아요. 다르게 정해 주세요.
field-too_many = 너무 많아요. 조금 줄여 주세요.
field-wrong_type = 알맞은 형식이 아니에요.
field-repeated = 두 번 이상 보냈어요. 한 번만 보내 주세요.
field-wrong_password = 지금 비밀번호가 맞지 않아요.
