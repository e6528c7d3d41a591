//! The memory that the costliest uploads need, as the system counts it: printed, and below what the crate states.
//!
//! In a process of its own and as its only test, so that nothing else is counted.

#[path = "uploads/bombs.rs"]
mod bombs;

use pictures::{BYTES_MAX, Header, JOB_BYTES_MAX};

const MIB: u64 = 1024 * 1024;

/// A line of what the system knows of this process, in bytes.
fn status(line: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("the system tells of a process");
    let value = text.lines().find_map(|found| found.strip_prefix(line)).expect("it tells this line");
    value.trim().trim_end_matches(" kB").parse::<u64>().expect("a number of KiB") * 1024
}

/// Comments that make an upload as long as it may be, when `taken` bytes of it are.
fn comments(taken: usize) -> Vec<u8> {
    let one = bombs::segment(0xFE, &[b'x'; 65_000]);
    let count = (BYTES_MAX - taken) / one.len();
    one.repeat(count)
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are there to be read")]
fn the_costliest_uploads_stay_below_the_bound() {
    let padded = |side, progressive| {
        let bare = bombs::jpeg(side, side, progressive, &[]).len();
        bombs::jpeg(side, side, progressive, &comments(bare))
    };
    let table: [(&str, Box<dyn Fn() -> Vec<u8>>); 7] = [
        ("baseline JPEG of 50 megapixels", Box::new(|| padded(7071, false))),
        ("progressive JPEG of 30 megapixels", Box::new(|| padded(5456, true))),
        ("PNG of 50 megapixels", Box::new(|| bombs::png(7071, 7071, 8, 7071, &[]))),
        ("PNG of 12,000 rows", Box::new(|| bombs::png(4166, 12_000, 8, 12_000, &[]))),
        ("PNG of 34 megapixels, 16 bits a part", Box::new(|| bombs::png(5792, 5792, 16, 5792, &[]))),
        ("lossless WebP of 30 megapixels", Box::new(|| bombs::webp(&bombs::lossless(5460, 5460, 0)))),
        ("lossless WebP of 35,500 code trees", Box::new(|| bombs::webp(&bombs::forest(7_100)))),
    ];
    let mut worst = 0;
    for (name, upload) in table {
        let upload = upload();
        // Where the system cannot forget the highest figure, the sum of all is judged, which is stricter.
        let forgotten = std::fs::write("/proc/self/clear_refs", "5").is_ok();
        let before = status("VmRSS:");
        let Header { decoding_bytes, .. } = pictures::inspect(&upload).expect(name);
        let picture = pictures::make(&upload).expect(name);
        let peak = status("VmHWM:").saturating_sub(before);
        println!(
            "{name}: {} MiB at most, {} MiB foretold for decoding, upload {} KiB, forgotten {forgotten}",
            peak / MIB,
            decoding_bytes / MIB,
            upload.len() / 1024
        );
        assert!(!picture.renditions.is_empty(), "{name}");
        assert!(peak > 64 * MIB, "{name}: {peak} bytes cannot be all that was needed");
        worst = worst.max(peak);
    }
    println!("the worst: {} MiB of {} MiB", worst / MIB, JOB_BYTES_MAX / MIB);
    assert!(worst <= JOB_BYTES_MAX, "{worst} bytes");
}
