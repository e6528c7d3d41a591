//! Signed addresses: who holds one may end a member's e-mail without signing in, and nothing else.

use data_encoding::BASE64URL_NOPAD;
use ledger::MemberId;

/// What is signed; another purpose would have other words before the number.
fn words(member: MemberId) -> String {
    format!("unsubscribe\n{}", member.0)
}

/// The token of a member, which stays good: letters are kept for years.
pub fn token(secret: &[u8; 32], member: MemberId) -> String {
    format!("{}.{}", member.0, BASE64URL_NOPAD.encode(&post::sign(secret, &words(member))))
}

/// Whose token that is; none if the house has not made it.
pub fn member_of(secret: &[u8; 32], token: &str) -> Option<MemberId> {
    let (member, signature) = token.split_once('.')?;
    let member = MemberId(crate::api::fields::plain_integer(member)?);
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
    post::is_signed(secret, &words(member), &signature).then_some(member)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_tokens_are_believed() {
        let secret = [7; 32];
        let token = token(&secret, MemberId(12));
        assert_eq!(member_of(&secret, &token), Some(MemberId(12)));
        let other = token.replacen("12", "13", 1);
        for wrong in [&other, &token[..token.len() - 1], "12.", "12", "", ".", "x.y", &format!("{token}A")] {
            assert_eq!(member_of(&secret, wrong), None, "{wrong}");
        }
        assert_eq!(member_of(&[8; 32], &token), None);
    }
}
