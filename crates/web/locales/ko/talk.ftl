questions = 질문
jumps = 이 페이지에서
jump-history = 기록
jump-terms = 규칙
talk-ask = 물어보기
talk-ask-label = 궁금한 것
talk-ask-send = 질문 남기기
talk-sign-in = 로그인하고 물어보기
talk-none = 아직 질문이 없어요. 궁금한 걸 물어보세요.
talk-public = 누구나 볼 수 있어요.
talk-own = 질문이 오면 알려 드려요. 여기에서 대답할 수 있어요.
talk-closed = 끝난 경매라 새로 물어볼 수 없어요.
talk-blocked = 이 판매자에게는 물어볼 수 없어요.
talk-suspended = 이용이 멈춘 계정이라 물어볼 수 없어요.
talk-seller = 판매자
talk-pinned = 판매자가 올려 둠
talk-edited = 고침
talk-hidden = 관리자가 가린 글이에요.
talk-hidden-note = 관리자가 가렸어요. 쓴 사람과 관리자만 볼 수 있어요.
talk-edit = 질문 고치기
talk-save = 저장하기
talk-answer = 대답하기
talk-answer-label = 대답
talk-answer-send = 대답 남기기
talk-edit-answer = 대답 고치기
talk-pin = 맨 위에 두기
talk-unpin = 맨 위에서 내리기
talk-report = 신고
talk-report-text = 관리자가 살펴봐요. 누가 신고했는지는 관리자만 알아요.
talk-report-reason = 신고하는 이유
talk-report-send = 신고하기
talk-judge = 관리
talk-warn = 연락처를 적으면 누구나 볼 수 있어요. 그래도 그대로 남길까요?
talk-warn-yes = 네, 그대로 남길게요

admin-questions = 신고된 질문
admin-questions-none = 기다리는 신고가 없어요.
admin-questions-wait = 기다리는 신고가 있어요
admin-question-hidden = 가려짐
admin-question-hide = 가리기
admin-question-hide-text = 질문과 대답이 쓴 사람과 관리자에게만 보여요.
admin-question-hide-yes = 가릴게요
admin-question-show = 다시 보이기
admin-question-keep = 그대로 두기
admin-question-show-text = 모두가 볼 수 있고, 기다리던 신고는 끝나요.
admin-question-show-yes = 보이게 할게요
admin-question-reason = 쓴 사람이 읽을 수 있고, 지워지지 않아요.

act-question_hidden = 질문을 가렸어요
act-question_shown = 질문을 보이게 했어요

notice-question = { $title }에 질문이 왔어요.
notice-answer = { $title }에 남긴 질문에 판매자가 대답했어요.

answer-question-asked = 질문을 남겼어요. 대답이 오면 알려 드려요.
answer-question-edited = 질문을 고쳤어요.
answer-question-answered = 대답을 남겼어요.
answer-question-pinned = 맨 위에 두었어요.
answer-question-unpinned = 맨 위에서 내렸어요.
answer-question-reported = 신고했어요. 관리자가 살펴볼게요.
answer-question-hidden = 질문을 가렸어요.
answer-question-shown = 질문을 보이게 했어요.

error-question_not_found = 이 질문을 찾을 수 없어요. 주소를 확인해 주세요.
error-not_asker = 질문한 사람만 할 수 있어요.
error-answered = 이미 대답이 있어서 질문을 고칠 수 없어요.
error-unanswered = 아직 대답하지 않은 질문이에요. 먼저 대답해 주세요.
error-question_hidden = 관리자가 가린 글이라 바꿀 수 없어요.
error-already_reported = 이미 신고한 질문이에요. 관리자가 살펴볼게요.
error-too_many_unanswered = 이 경매에 대답을 기다리는 내 질문이 다섯 개예요. 대답이 오면 더 물어볼 수 있어요.
error-too_many_questions = 한 시간에 스무 번까지 물어볼 수 있어요. { NUMBER($seconds) ->
    [one] 조금 뒤에
   *[other] { $seconds }초 뒤에
} 다시 할 수 있어요.
