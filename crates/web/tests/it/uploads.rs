//! Uploads that mean harm, over HTTP: each is refused by its stable code, or comes out as nothing but a picture.

#[path = "../../pictures/tests/uploads/bombs.rs"]
mod bombs;

use image::ImageFormat;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::ask::{Answer, refused};
use crate::house::House;
use crate::pictures::{painted, raw, split};

/// What is hidden in a picture: a page, a script, a place.
const PLANTED: &[u8] = b"<html><script>alert('37.5665N-126.9780E')</script></html>";

async fn upload(house: &House, token: &str, kind: &str, bytes: Vec<u8>) -> Answer {
    house.ask("POST", "/api/v1/pictures").by(token).header("content-type", kind).bytes(bytes).send().await
}

/// A WebP that says it moves, and does: two frames on a canvas of 64 × 64.
fn moving_webp() -> Vec<u8> {
    let canvas = bombs::riff_chunk(b"VP8X", &[2, 0, 0, 0, 63, 0, 0, 63, 0, 0]);
    let still = bombs::lossless(64, 64, 0);
    let frame = bombs::riff_chunk(
        b"ANMF",
        &[&[0, 0, 0, 0, 0, 0, 63, 0, 0, 63, 0, 0, 100, 0, 0, 0], &still[..]].concat(),
    );
    let moves = bombs::riff_chunk(b"ANIM", &[0; 6]);
    bombs::webp(&[canvas, moves, frame.clone(), frame].concat())
}

/// A GIF of two frames.
fn moving_gif() -> Vec<u8> {
    let frame = b"\x21\xf9\x04\0\x0a\0\0\0\x2c\0\0\0\0\x40\0\x40\0\0\x02\x02\x44\x01\0";
    [
        &b"GIF89a\x40\0\x40\0\x80\0\0\0\0\0\xff\xff\xff\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"[..],
        frame,
        frame,
        b"\x3b",
    ]
    .concat()
}

#[tokio::test]
async fn hostile_uploads_are_refused_by_their_codes() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let (jpeg, png) = (painted(1, 400, 300, ImageFormat::Jpeg), painted(1, 400, 300, ImageFormat::Png));
    let moving_png = bombs::png(64, 64, 8, 64, &bombs::chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]));
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec();
    let cut = |whole: &[u8]| whole[..whole.len() * 2 / 3].to_vec();
    for (name, kind, bytes, status, code) in [
        (
            "a PNG of 60,000 × 60,000",
            "image/png",
            bombs::png(60_000, 60_000, 8, 1, &[]),
            422,
            "too_many_pixels",
        ),
        ("a JPEG of 60,000 × 60,000", "image/jpeg", huge_jpeg(), 422, "too_many_pixels"),
        ("a moving GIF", "image/gif", moving_gif(), 422, "not_a_picture"),
        ("a moving WebP", "image/webp", moving_webp(), 422, "animated"),
        ("a moving PNG", "image/png", moving_png, 422, "animated"),
        ("a JPEG cut off", "image/jpeg", cut(&jpeg), 422, "damaged"),
        ("a PNG cut off", "image/png", cut(&png), 422, "damaged"),
        ("a forest of code trees", "image/webp", bombs::webp(&bombs::forest(u16::MAX)), 422, "too_costly"),
        ("an SVG with a script", "image/svg+xml", svg.clone(), 422, "not_a_picture"),
        ("an SVG that says it is a JPEG", "image/jpeg", svg, 422, "not_a_picture"),
        ("a page before a JPEG", "image/jpeg", [PLANTED, &jpeg[..]].concat(), 422, "not_a_picture"),
        ("a JPEG that says it is a page", "text/html", jpeg.clone(), 415, "media_type"),
        ("a JPEG that says it is a form", "multipart/form-data; boundary=x", jpeg, 415, "media_type"),
    ] {
        let answer = upload(&house, &seller, kind, bytes).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{name}: {}", answer.text);
        refused(&answer, status, code);
    }
    assert_eq!(upload(&house, &seller, "image/png", png).await.status, 201, "the house goes on");
}

/// A small JPEG whose frame says that it is 60,000 pixels wide and high.
fn huge_jpeg() -> Vec<u8> {
    let mut jpeg = bombs::jpeg(64, 64, false, &[]);
    let at = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    jpeg[at + 5..at + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    jpeg
}

/// Exif that points to a GPS directory, with the planted words behind it.
fn gps() -> Vec<u8> {
    let begin = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x88\x25\0\x04\0\0\0\x01\0\0\0\x1a\0\0\0\0\0\0\0\0\0\0";
    [&begin[..], PLANTED].concat()
}

#[tokio::test]
async fn nothing_hidden_in_a_picture_is_ever_served() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let hidden = [
        bombs::segment(0xe1, &gps()),
        bombs::segment(0xe1, &[&b"http://ns.adobe.com/xap/1.0/\0"[..], PLANTED].concat()),
        bombs::segment(0xe2, &[&b"ICC_PROFILE\0\x01\x01"[..], PLANTED].concat()),
        bombs::segment(0xfe, PLANTED),
    ];
    let mut jpeg = painted(5, 700, 500, ImageFormat::Jpeg);
    jpeg.splice(2..2, hidden.concat());
    let mut png = painted(6, 700, 500, ImageFormat::Png);
    let chunks =
        [bombs::chunk(b"eXIf", &gps()[6..]), bombs::chunk(b"tEXt", &[&b"Comment\0"[..], PLANTED].concat())];
    png.splice(33..33, chunks.concat());
    for (name, kind, mut bytes) in [
        ("a JPEG", "image/jpeg", jpeg.clone()),
        ("a PNG", "image/png", png),
        ("a JPEG called PNG", "image/png", jpeg),
    ] {
        bytes.extend_from_slice(PLANTED);
        let made = upload(&house, &seller, kind, bytes).await;
        assert_eq!(made.status, 201, "{name}: {}", made.text);
        let sizes = made.body["sizes"].as_array().unwrap();
        assert_eq!(sizes.len(), 3, "{name}");
        for (size, encoding) in sizes.iter().flat_map(|size| [(size, "webp"), (size, "jpeg")]) {
            let shown = raw(&house, size[encoding].as_str().unwrap(), &[]).await;
            let (head, body) = split(&shown);
            assert!(head.contains(&format!("content-type: image/{encoding}\r\n")), "{head}");
            assert!(head.contains("x-content-type-options: nosniff"), "{head}");
            assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
            for word in
                [PLANTED, b"<script", b"<html", b"Exif", b"EXIF", b"XMP ", b"ICC", b"http://", b"126.9780"]
            {
                let is_there = body.windows(word.len()).any(|some| some == word);
                assert!(!is_there, "{name} as {encoding}: {}", String::from_utf8_lossy(word));
            }
        }
    }
}

/// The beginning of a request that sends a form with files, and says how long the form is.
fn form_head(house: &House, token: &str, length: usize) -> String {
    let address = house.address;
    format!(
        "POST /sell HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\ncookie: session={token}\r\naccept: text/html\r\n\
         accept-language: ko\r\ncontent-type: multipart/form-data; boundary=x\r\ncontent-length: {length}\r\n\r\n"
    )
}

/// Sends the beginning of a form and no more, and hears what is answered to that.
async fn answer_to_beginning(house: &House, token: &str, beginning: &[u8]) -> String {
    let (mut reads, mut writes) = TcpStream::connect(house.address).await.unwrap().into_split();
    let said = [form_head(house, token, 100 * 1024 * 1024).as_bytes(), beginning].concat();
    // The house may have heard enough before all is written; the form stays open all the same.
    let _ = writes.write_all(&said).await;
    let mut answer = Vec::new();
    let _ = reads.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn what_is_no_content_of_a_form_is_bounded() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let open = b"--x\r\ncontent-disposition: form-data; name=\"photos\"; filename=\"1.jpg\"\r\n";
    let field = b"--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n\r\n";
    let filling = vec![b'a'; 200 * 1024];
    for (name, beginning) in [
        ("a header without end", [&open[..], b"x-long: ", &filling].concat()),
        ("what stands before the first part", filling.clone()),
        ("parts without end", field.repeat(200 * 1024 / field.len())),
    ] {
        let answer = answer_to_beginning(&house, &seller, &beginning).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{name}: {answer}");
        assert!(answer.contains("보낸 내용이 너무 커요"), "{name}: {answer}");
    }
}

#[tokio::test]
async fn the_names_of_fields_count_as_what_was_typed() {
    let house = House::new().await;
    let (_, seller) = house.member("seller").await;
    let field = |letters: usize| {
        format!("--x\r\ncontent-disposition: form-data; name=\"{}\"\r\n\r\n\r\n", "n".repeat(letters))
    };
    for (letters, count, is_too_large) in
        [(2_000, 20, false), (2_000, 40, true), (66_000, 1, true), (60_000, 1, false)]
    {
        let body = field(letters).repeat(count) + "--x--\r\n";
        let ask = house.ask("POST", "/sell").header("accept", "text/html").header("accept-language", "ko");
        let ask = ask.header("content-type", "multipart/form-data; boundary=x");
        let ask = ask.header("origin", &format!("http://{}", house.address));
        let answer = ask.header("cookie", &format!("session={seller}")).bytes(body.into_bytes()).send().await;
        assert_eq!(
            answer.status == 413,
            is_too_large,
            "{count} names of {letters} letters: {}",
            answer.status
        );
    }
}
