use super::*;

/// A message as version 1 wrote it.
const YESTERDAY: &[u8] = b"nb\x01\
    \x08\x07\x06\x05\x04\x03\x02\x01\
    \x09\0\0\0\0\0\0\0\
    \x02\0\x01\0\x01\0\
    \x01\0\0\0\0\0\0\0\x2a\0\0\0\0\0\0\0\
    \x02\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0\
    \x07\0\0\0\0\0\0\0\
    \x08\0\0\0\0\0\0\0";

fn hint(heads: &[(i64, i64)], wallets: &[i64], sessions: &[i64]) -> Hint {
    Hint {
        heads: heads.iter().map(|(auction, seq)| (AuctionId(*auction), Seq(*seq))).collect(),
        wallets: wallets.iter().copied().map(MemberId).collect(),
        sessions: sessions.iter().copied().map(MemberId).collect(),
    }
}

fn read_all(messages: &[Vec<u8>]) -> Hint {
    let mut all = Hint::default();
    messages.iter().for_each(|bytes| all.join(Message::read(bytes).expect("it is a message").hint));
    all
}

#[test]
fn yesterdays_bytes_are_written_and_read() {
    let told = hint(&[(1, 42), (2, 3)], &[7], &[8]);
    let node = 0x0102_0304_0506_0708;
    assert_eq!(told.clone().messages(node, 9), [YESTERDAY]);
    assert_eq!(Message::read(YESTERDAY), Some(Message { node, beat: 9, hint: told }));
}

#[test]
fn a_beat_needs_no_hint_and_nothing_needs_no_message() {
    let beats = Hint::default().messages(5, 1);
    let [beat] = &beats[..] else { panic!("{beats:?}") };
    assert_eq!(Message::read(beat), Some(Message { node: 5, beat: 1, hint: Hint::default() }));
    assert!(Hint::default().messages(5, 0).is_empty());
}

#[test]
fn of_each_auction_the_newest_event_is_told() {
    let mut all = hint(&[(1, 5), (2, 2)], &[7], &[]);
    all.join(hint(&[(1, 4), (2, 3), (3, 1)], &[7, 8], &[9]));
    assert_eq!(all, hint(&[(1, 5), (2, 3), (3, 1)], &[7, 8], &[9]));
}

#[test]
fn what_is_more_than_a_message_takes_goes_in_several() {
    let numbers: Vec<i64> = (1..=ITEMS_MAX as i64).collect();
    let full: Vec<(i64, i64)> = numbers.iter().map(|number| (*number, 1)).collect();
    let at = hint(&full, &numbers, &numbers);
    let messages = at.clone().messages(1, 1);
    assert_eq!((messages.len(), messages[0].len()), (1, MESSAGE_BYTES_MAX));
    assert_eq!(read_all(&messages), at);

    let mut past = at;
    past.join(hint(&[(1_000, 1)], &[], &[]));
    let messages = past.clone().messages(1, 1);
    assert_eq!(messages.len(), 2);
    assert_eq!(Message::read(&messages[1]).unwrap().beat, 0, "one beat is one message");
    assert_eq!(read_all(&messages), past);
}

#[test]
fn what_is_no_message_is_dropped() {
    for cut in 0..YESTERDAY.len() {
        assert_eq!(Message::read(&YESTERDAY[..cut]), None, "cut after {cut} bytes");
    }
    assert_eq!(Message::read(&[YESTERDAY, b"\0"].concat()), None, "one byte more");
    assert_eq!(Message::read(&[YESTERDAY, &[1, 0, 0, 0, 0, 0, 0, 0]].concat()), None, "one number more");
    let with = |at: usize, byte: u8| {
        let mut bytes = YESTERDAY.to_vec();
        bytes[at] = byte;
        bytes
    };
    assert_eq!(Message::read(&with(2, 2)), None, "tomorrow's version");
    assert_eq!(Message::read(&with(19, 3)), None, "a count that is not true");
    assert_eq!(Message::read(&with(20, 1)), None, "a list that is too long");
    assert_eq!(Message::read(&with(25, 0)), None, "an auction without a number");
    assert_eq!(Message::read(&with(48, 0x80)), None, "an event below 0");
    assert_eq!(Message::read(&vec![0; 1_000_000]), None);
    assert_eq!(Message::read(b"{\"type\":\"bid\"}"), None);
}
