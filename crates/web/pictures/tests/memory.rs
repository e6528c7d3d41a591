//! The memory that the costliest uploads need, as the system counts it: printed, and below what the crate states.
//!
//! Each upload is made in a process of its own, which is this test again, so that nothing else is counted.

#[path = "uploads/bombs.rs"]
mod bombs;

use pictures::{BYTES_MAX, JOB_BYTES_MAX};
use std::process::Command;

const MIB: u64 = 1024 * 1024;
/// Tells the process that is one upload's own which one.
const WHICH: &str = "PICTURES_TEST_UPLOAD";
/// Introduces the figures that such a process prints: its peak, and what was foretold for decoding.
const FIGURES: &str = "bytes: ";

/// Introduces the line that sums them up; `./check` shows it.
const PEAK: &str = "a worker's peak: ";

/// What an upload is called and how it is made.
type Upload = (&'static str, fn() -> Vec<u8>);

/// The uploads that cost most in each format, just within what is taken.
const UPLOADS: [Upload; 6] = [
    ("baseline JPEG of 50 megapixels", || padded(7071, false)),
    ("progressive JPEG of 30 megapixels", || padded(5456, true)),
    ("PNG of 50 megapixels", || bombs::png(7071, 7071, 8, 7071, &[])),
    ("PNG of 34 megapixels, 16 bits a part", || bombs::png(5792, 5792, 16, 5792, &[])),
    ("lossless WebP of 30 megapixels", || bombs::webp(&bombs::lossless(5460, 5460, 0))),
    ("lossless WebP of 35,500 code trees", || bombs::webp(&bombs::forest(7_100))),
];

/// A JPEG with a colour profile, which decoders keep, that makes it as long as an upload may be.
fn padded(side: u16, progressive: bool) -> Vec<u8> {
    let profile = bombs::segment(0xE2, &[&b"ICC_PROFILE\0\x01\xFF"[..], &[b'x'; 65_000]].concat());
    let bare = bombs::jpeg(side, side, progressive, &[]).len();
    bombs::jpeg(side, side, progressive, &profile.repeat((BYTES_MAX - bare) / profile.len()))
}

/// A line of what the system knows of this process, in bytes.
fn status(line: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("the system tells of a process");
    let value = text.lines().find_map(|found| found.strip_prefix(line)).expect("it tells this line");
    value.trim().trim_end_matches(" kB").parse::<u64>().expect("a number of KiB") * 1024
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are there to be read")]
fn the_costliest_uploads_stay_below_the_bound() {
    if let Ok(which) = std::env::var(WHICH) {
        let upload = UPLOADS[which.parse::<usize>().expect("the parent counts")].1();
        // Making the upload may have cost more than what is left of it; what was before is no part of the job.
        std::fs::write("/proc/self/clear_refs", "5").expect("the system forgets the highest figure");
        let before = status("VmRSS:");
        let picture = pictures::make(&upload).expect("within all limits");
        let peak = status("VmHWM:") - before;
        let foretold = pictures::inspect(&upload).expect("it was made").decoding_bytes;
        println!("{FIGURES}{peak} {foretold}");
        assert!(!picture.renditions.is_empty());
        return;
    }
    let mut highest = 0;
    for (at, (name, _)) in UPLOADS.iter().enumerate() {
        let own = std::env::current_exe().expect("this test is a file");
        let arguments = ["--exact", "the_costliest_uploads_stay_below_the_bound", "--nocapture"];
        let output =
            Command::new(own).args(arguments).env(WHICH, at.to_string()).output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{name}: {said}");
        let figures = said.lines().find_map(|line| line.split_once(FIGURES)).expect("it prints figures").1;
        let (peak, foretold) = figures.split_once(' ').expect("two figures");
        let (peak, foretold): (u64, u64) = (peak.parse().expect("bytes"), foretold.parse().expect("bytes"));
        println!(
            "{name}: {} MiB of {} MiB, {} MiB foretold for decoding",
            peak / MIB,
            JOB_BYTES_MAX / MIB,
            foretold / MIB
        );
        highest = highest.max(peak);
        assert!(peak <= JOB_BYTES_MAX, "{name}: {peak} bytes");
        assert!(peak >= foretold / 3, "{name}: {peak} bytes cannot be all that was needed");
    }
    println!("{PEAK}{} of {} MiB", highest / MIB, JOB_BYTES_MAX / MIB);
}
