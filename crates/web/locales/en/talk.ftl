questions = Questions
jumps = On this page
jump-history = Bids
jump-terms = Rules
talk-ask = Ask a question
talk-ask-label = Your question
talk-ask-send = Post question
talk-sign-in = Sign in to ask
talk-none = No questions yet. Ask what you would like to know.
talk-public = Everyone can read it.
talk-own = We tell you when a question comes. You can answer it here.
talk-closed = This auction is over, so no new questions can be asked.
talk-blocked = You cannot ask this seller.
talk-suspended = Your account is suspended, so you cannot ask.
talk-seller = Seller
talk-pinned = Put first by the seller
talk-edited = edited
talk-hidden = Hidden by the house.
talk-hidden-note = Hidden by the house. Only whoever wrote it and admins can read it.
talk-edit = Edit question
talk-save = Save
talk-answer = Answer
talk-answer-label = Your answer
talk-answer-send = Post answer
talk-edit-answer = Edit answer
talk-pin = Put first
talk-unpin = No longer first
talk-report = Report
talk-report-text = An admin will look at it. Only admins learn who reported it.
talk-report-reason = Why you report it
talk-report-send = Report
talk-judge = Judge
talk-warn = Everyone can read contact details that you post here. Post it as it is?
talk-warn-yes = Yes, post it as it is

admin-questions = Reported questions
admin-questions-none = No reports are waiting.
admin-questions-wait = Reports are waiting
admin-question-hidden = Hidden
admin-question-hide = Hide
admin-question-hide-text = Only whoever wrote them and admins will see the question and its answer.
admin-question-hide-yes = Hide it
admin-question-show = Show again
admin-question-keep = Keep it
admin-question-show-text = Everyone can read it, and the reports are dealt with.
admin-question-show-yes = Show it
admin-question-reason = Whoever wrote it can read this, and it is never removed.

act-question_hidden = Question hidden
act-question_shown = Question shown

notice-question = There is a question about { $title }.
notice-answer = The seller answered your question about { $title }.

answer-question-asked = Your question is posted. We tell you when there is an answer.
answer-question-edited = Your question is changed.
answer-question-answered = Your answer is posted.
answer-question-pinned = It now stands first.
answer-question-unpinned = It is back in its place.
answer-question-reported = Reported. An admin will look at it.
answer-question-hidden = The question is hidden.
answer-question-shown = The question is shown.

error-question_not_found = This question cannot be found. Please check the address.
error-not_asker = Only whoever asked can do that.
error-answered = There is an answer already, so the question stays as it is.
error-unanswered = This question has no answer yet. Please answer it first.
error-question_hidden = An admin has hidden this, so it stays as it is.
error-already_reported = You have reported this question already. An admin will look at it.
error-too_many_unanswered = Five of your questions wait for an answer here. You can ask more when one is answered.
error-too_many_questions = You can ask twenty questions an hour. You can ask again { NUMBER($seconds) ->
    [one] in a moment
   *[other] in { $seconds } seconds
}.
