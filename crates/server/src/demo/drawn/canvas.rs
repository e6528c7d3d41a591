//! A small canvas: polygons, ellipses, lines, rings and boxes with smooth edges, seen through a view.

use anyhow::{Context, Result, bail};

/// How wide pictures are, in pixels.
pub const WIDTH: usize = 400;
/// How high pictures are, in pixels.
pub const HEIGHT: usize = 300;

/// Red, green, blue.
pub type Colour = [u8; 3];

/// Things are drawn on a ground of 100 × 75.
const UNIT: f32 = WIDTH as f32 / 100.0;
/// Where the wall meets the floor.
const FLOOR: f32 = 55.0;
/// How often each row of pixels is looked at, for smooth edges.
const LOOKS_A_ROW: usize = 3;
/// Of how many corners a round thing is made.
const CORNERS: usize = 40;

/// What of the ground is seen.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// How much nearer than usual.
    pub zoom: f32,
    /// What is in the middle.
    pub x: f32,
    /// What is in the middle.
    pub y: f32,
    /// Whether left is right.
    pub turned: bool,
}

/// What is drawn on.
pub struct Canvas {
    pixels: Vec<u8>,
    view: View,
}

impl Canvas {
    /// An empty one.
    pub fn new(view: View) -> Canvas {
        Canvas { pixels: vec![0; WIDTH * HEIGHT * 3], view }
    }

    /// Three bytes a pixel.
    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }

    /// A wall with a little light on it, a floor, and the shadow of what stands there.
    pub fn room(&mut self, wall: Colour, floor: Colour) {
        let edge = self.seen((0.0, FLOOR)).1;
        for (row, line) in self.pixels.chunks_exact_mut(WIDTH * 3).enumerate() {
            let (colour, light) = if (row as f32) < edge { (wall, 14.0) } else { (floor, -18.0) };
            let shade = light * (1.0 - row as f32 / HEIGHT as f32);
            let colour = colour.map(|part| (f32::from(part) + shade - 6.0).clamp(0.0, 255.0) as u8);
            line.chunks_exact_mut(3).for_each(|pixel| pixel.copy_from_slice(&colour));
        }
        let shadow = floor.map(|part| (f32::from(part) * 0.78) as u8);
        self.polygon(&ellipse(50.0, 67.0, 36.0, 5.0), shadow);
    }

    /// One line of a drawing: a colour, a shape, its numbers.
    ///
    /// # Errors
    /// If it cannot be understood.
    pub fn draw(&mut self, line: &str) -> Result<()> {
        if line.is_empty() {
            return Ok(());
        }
        let mut words = line.split_whitespace();
        let colour = words.next().and_then(colour_of).context("a colour is six digits")?;
        let shape = words.next().context("a shape follows")?;
        let numbers: Vec<f32> = words.map(str::parse).collect::<std::result::Result<_, _>>()?;
        match (shape, numbers.as_slice()) {
            ("p", numbers) => {
                let points: Vec<_> = numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
                self.polygon(&points, colour);
            }
            ("e", &[x, y, across, down]) => self.polygon(&ellipse(x, y, across, down), colour),
            ("b", &[x, y, width, height]) => self.polygon(&block(x, y, width, height), colour),
            ("l", &[x, y, to_x, to_y, width]) => self.line((x, y), (to_x, to_y), width, colour),
            ("o", &[x, y, radius, width]) => {
                let corners = ellipse(x, y, radius, radius);
                for (at, corner) in corners.iter().enumerate() {
                    self.line(*corner, corners[(at + 1) % corners.len()], width, colour);
                }
            }
            ("g", &[x, y, across, down, width, height, step_x, step_y]) => {
                for row in 0..down as u16 {
                    for column in 0..across as u16 {
                        let (left, top) = (x + f32::from(column) * step_x, y + f32::from(row) * step_y);
                        self.polygon(&block(left, top, width, height), colour);
                    }
                }
            }
            _ => bail!("there is no shape {shape} of {} numbers", numbers.len()),
        }
        Ok(())
    }

    fn line(&mut self, from: (f32, f32), to: (f32, f32), width: f32, colour: Colour) {
        let (along, down) = (to.0 - from.0, to.1 - from.1);
        let length = along.hypot(down).max(0.01);
        let (x, y) = (-down / length * width / 2.0, along / length * width / 2.0);
        let corners =
            [(from.0 + x, from.1 + y), (to.0 + x, to.1 + y), (to.0 - x, to.1 - y), (from.0 - x, from.1 - y)];
        self.polygon(&corners, colour);
    }

    /// Fills what lies within; each pixel as much of it as lies within.
    fn polygon(&mut self, points: &[(f32, f32)], colour: Colour) {
        let points: Vec<_> = points.iter().map(|point| self.seen(*point)).collect();
        let top = points.iter().fold(f32::MAX, |top, point| top.min(point.1)).max(0.0) as usize;
        let bottom = points.iter().fold(0.0_f32, |bottom, point| bottom.max(point.1)).ceil();
        let left = points.iter().fold(f32::MAX, |left, point| left.min(point.0)).max(0.0) as usize;
        let right = points.iter().fold(0.0_f32, |right, point| right.max(point.0)).ceil() as usize;
        let columns = left.min(WIDTH)..right.clamp(left.min(WIDTH), WIDTH);
        for row in top..(bottom as usize).min(HEIGHT) {
            let mut covered = [0.0_f32; WIDTH];
            for look in 0..LOOKS_A_ROW {
                let y = row as f32 + (look as f32 + 0.5) / LOOKS_A_ROW as f32;
                cover(&mut covered, &crossings(&points, y));
            }
            let line = &mut self.pixels[row * WIDTH * 3..(row + 1) * WIDTH * 3];
            let line = &mut line[columns.start * 3..columns.end * 3];
            for (pixel, part) in line.chunks_exact_mut(3).zip(&covered[columns.clone()]) {
                if *part > 0.0 {
                    mix(pixel, colour, part / LOOKS_A_ROW as f32);
                }
            }
        }
    }

    /// Where a point of the ground is seen, in pixels.
    fn seen(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let View { zoom, x: middle_x, y: middle_y, turned } = self.view;
        let across = if turned { middle_x - x } else { x - middle_x };
        (WIDTH as f32 / 2.0 + across * UNIT * zoom, HEIGHT as f32 / 2.0 + (y - middle_y) * UNIT * zoom)
    }
}

/// Where a row crosses the edges, from left to right.
fn crossings(points: &[(f32, f32)], y: f32) -> Vec<f32> {
    let mut found = Vec::new();
    for (at, &(from_x, from_y)) in points.iter().enumerate() {
        let (to_x, to_y) = points[(at + 1) % points.len()];
        if (from_y <= y) != (to_y <= y) {
            found.push(from_x + (y - from_y) / (to_y - from_y) * (to_x - from_x));
        }
    }
    found.sort_by(f32::total_cmp);
    found
}

/// Adds what lies between each second crossing and the next.
fn cover(covered: &mut [f32; WIDTH], crossings: &[f32]) {
    for pair in crossings.chunks_exact(2) {
        let (from, to) = (pair[0].clamp(0.0, WIDTH as f32), pair[1].clamp(0.0, WIDTH as f32));
        let (first, last) = (from as usize, to as usize);
        for (at, part) in covered.iter_mut().enumerate().take((last + 1).min(WIDTH)).skip(first) {
            *part += (to.min(at as f32 + 1.0) - from.max(at as f32)).max(0.0);
        }
    }
}

fn mix(pixel: &mut [u8], colour: Colour, part: f32) {
    for (old, new) in pixel.iter_mut().zip(colour) {
        *old = (f32::from(*old) + (f32::from(new) - f32::from(*old)) * part.min(1.0)) as u8;
    }
}

fn ellipse(x: f32, y: f32, across: f32, down: f32) -> Vec<(f32, f32)> {
    let corner = |at: usize| {
        let angle = at as f32 / CORNERS as f32 * std::f32::consts::TAU;
        (x + across * angle.cos(), y + down * angle.sin())
    };
    (0..CORNERS).map(corner).collect()
}

fn block(x: f32, y: f32, width: f32, height: f32) -> [(f32, f32); 4] {
    [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
}

fn colour_of(digits: &str) -> Option<Colour> {
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}
