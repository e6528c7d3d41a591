//! The darkroom: what members upload becomes pictures here, is kept, shown, and taken away when nobody uses it.
//!
//! Uploads are strangers' bytes and costly to decode, so there are few workers and few who wait for them
//! ([`mod@workers`]): one more hears `busy`. The bytes of a picture are written first, then its row, and then it is looked
//! whether the bytes still lie there, as the store's contract asks; taking away goes the opposite way ([`mod@sweep`]).

mod fault;
pub mod pace;
pub mod prepared;
pub mod showing;
pub mod sizes;
pub mod sweep;
mod ways;
pub mod workers;

use std::panic::catch_unwind;
use std::sync::Arc;
use std::time::Duration;

use auction::{PictureAddress, Span, Time};
use bytes::Bytes;
use ledger::MemberId;
use pictures::{Address, EDGES, Encoding, Picture, Refused, Rendition};
use store::Records;
use store::records::{NewPicture, PictureRefused, PictureRow};
use store_blobs::{BlobName, Blobs};
use tokio::sync::Mutex;
use tokio::time::timeout;

use self::showing::Showing;
use self::ways::Ways;
use self::workers::{Place, Workers};
use crate::caller::Address as From;
use crate::failure::{Code, Problem};

pub use self::ways::{SHOWN_MAX, SHOWN_PER_ADDRESS_MAX};
pub use pictures::{BYTES_MAX, PIXELS_MAX};

/// For how long it is believed whether the bytes can be reached.
const HEALTH_AGE_MAX: Span = Span::seconds(10);

/// How long the storage may take to say that it is there.
const HEALTHY_WITHIN: Duration = Duration::from_secs(2);

/// Where pictures are made, kept and shown.
pub struct Darkroom {
    blobs: Blobs,
    records: Arc<dyn Records>,
    workers: Workers,
    ways: Ways,
    health: Mutex<Option<(Time, bool)>>,
}

impl Darkroom {
    /// A darkroom over these blobs and records, with so many workers.
    pub fn new(blobs: Blobs, records: Arc<dyn Records>, workers: usize) -> Darkroom {
        Darkroom {
            blobs,
            records,
            workers: Workers::new(workers),
            ways: Ways::new(),
            health: Mutex::default(),
        }
    }

    /// Who makes the pictures.
    pub fn workers(&self) -> &Workers {
        &self.workers
    }

    /// Makes pictures of an upload, keeps them, and answers what is known of them then. The same bytes are made once.
    ///
    /// # Errors
    /// Why it is not taken, `too_many_uploads`, `busy`, or what the store says.
    pub async fn take(
        &self,
        place: Place,
        member: MemberId,
        at: Time,
        upload: Bytes,
    ) -> Result<PictureRow, Problem> {
        if upload.len() > BYTES_MAX {
            return Err(fault::refused(Refused::TooLargeBytes));
        }
        let bytes = upload.clone();
        let (place, address) = self.workers.run(place, move || Address::of(&bytes)).await?;
        let known = self.records.pictures(&[*address.as_bytes()]).await?.pop();
        if let Some(picture) = known {
            self.keep(NewPicture { picture, member, at }).await?;
            if self.all_there(&picture).await? {
                return Ok(picture);
            }
        } else {
            admitted(self.records.may_upload(member, at).await?)?;
        }
        let (place, made) = self.workers.run(place, move || make(&upload)).await?;
        let made = made.map_err(fault::refused)?;
        self.write(&made, |_| true).await?;
        let picture = row_of(&made);
        self.keep(NewPicture { picture, member, at }).await?;
        // Whoever took the same picture away at the same time did so before it was kept.
        let mut missing = Vec::new();
        for name in names(&picture) {
            if self.blobs.get(&name).await?.is_none() {
                missing.push(name);
            }
        }
        self.write(&made, |name| missing.contains(name)).await?;
        drop(place);
        Ok(picture)
    }

    /// A rendition by its address, its edge and its encoding; none if there is no such. It holds one of [`SHOWN_MAX`] ways,
    /// and of [`SHOWN_PER_ADDRESS_MAX`] to that place, until all of it is handed on, it is dropped, or it is taken more slowly
    /// than [`mod@showing`] allows.
    ///
    /// # Errors
    /// `busy`, or what the storage says.
    pub async fn show(
        &self,
        address: Address,
        edge: u32,
        encoding: Encoding,
        to: From,
    ) -> Result<Option<Showing>, Problem> {
        let Some(name) = name(address.as_bytes(), edge, encoding) else { return Ok(None) };
        let way = self.ways.enter(to.group()).await.ok_or(Problem::new(Code::Busy))?;
        let bytes = self.blobs.get(&name).await?;
        Ok(bytes.map(|bytes| Showing::new(bytes, way)))
    }

    /// Whether the bytes of pictures can be reached, as it was found less than ten seconds ago.
    pub async fn is_sound(&self, now: Time) -> bool {
        let mut known = self.health.lock().await;
        if let Some((at, is_sound)) = *known
            && (0..HEALTH_AGE_MAX.0).contains(&now.since(at).0)
        {
            return is_sound;
        }
        let asked = timeout(HEALTHY_WITHIN, self.blobs.list(None, 1)).await;
        let is_sound = matches!(asked, Ok(Ok(_)));
        *known = Some((now, is_sound));
        is_sound
    }

    async fn keep(&self, new: NewPicture) -> Result<(), Problem> {
        admitted(self.records.keep_picture(new).await?)
    }

    async fn all_there(&self, picture: &PictureRow) -> Result<bool, Problem> {
        for name in names(picture) {
            if self.blobs.get(&name).await?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes the renditions whose names are wanted.
    async fn write(&self, made: &Picture, wanted: impl Fn(&BlobName) -> bool) -> Result<(), Problem> {
        for (edge, rendition) in with_edges(made) {
            let name = name(made.address.as_bytes(), edge, rendition.encoding);
            if let Some(name) = name.filter(&wanted) {
                self.blobs.put(&name, Bytes::copy_from_slice(&rendition.bytes)).await?;
            }
        }
        Ok(())
    }
}

/// What somebody hears whose upload is not kept.
fn admitted(judged: Result<(), PictureRefused>) -> Result<(), Problem> {
    judged.map_err(|refused| match refused {
        PictureRefused::TooMany => Problem::new(Code::TooManyUploads),
        PictureRefused::Left => Problem::new(Code::Unauthenticated),
        PictureRefused::Going => Problem::new(Code::Busy),
    })
}

/// A decoder may have a bug that just these bytes find: to whoever sent them they are damaged then.
fn make(upload: &[u8]) -> Result<Picture, Refused> {
    catch_unwind(|| pictures::make(upload)).unwrap_or(Err(Refused::Damaged))
}

/// The renditions of a picture, each with the edge that names it: the largest may be shorter than its name says.
fn with_edges(made: &Picture) -> impl Iterator<Item = (u32, &Rendition)> {
    EDGES
        .into_iter()
        .zip(made.renditions.chunks(Encoding::ALL.len()))
        .flat_map(|(edge, both)| both.iter().map(move |rendition| (edge, rendition)))
}

fn row_of(made: &Picture) -> PictureRow {
    let bytes: usize = made.renditions.iter().map(|rendition| rendition.bytes.len()).sum();
    let edges = made.renditions.len() / Encoding::ALL.len();
    let colour =
        i64::from(made.colour.red) << 16 | i64::from(made.colour.green) << 8 | i64::from(made.colour.blue);
    PictureRow {
        address: *made.address.as_bytes(),
        width: i64::from(made.width),
        height: i64::from(made.height),
        colour,
        sizes: (1 << edges) - 1,
        bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
    }
}

/// The blobs of a picture: one bit of its sizes for each edge, in each encoding.
fn names(picture: &PictureRow) -> impl Iterator<Item = BlobName> {
    let (address, sizes) = (picture.address, picture.sizes);
    let edges = EDGES.into_iter().enumerate().filter(move |(at, _)| sizes >> at & 1 == 1);
    edges.flat_map(move |(_, edge)| {
        Encoding::ALL.into_iter().filter_map(move |encoding| name(&address, edge, encoding))
    })
}

fn name(address: &PictureAddress, edge: u32, encoding: Encoding) -> Option<BlobName> {
    BlobName::of(address, &format!("{edge}.{}", encoding.extension()))
}
