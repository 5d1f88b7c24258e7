//! What git sends and is sent: objects with their names, packs of them, and the lines around them.

use std::fmt::Write as _;
use std::io::{Read, Write as _};

use flate2::Compression;
use flate2::bufread::ZlibDecoder;
use flate2::write::ZlibEncoder;
use sha1::{Digest, Sha1};

/// The largest question that is unpacked.
pub(super) const LARGEST: u64 = 1 << 20;

/// A name of an object.
pub type Id = [u8; 20];

/// A commit, a folder or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// What it is, as packs count: 1, 2, 3.
    pub kind: u8,
    /// What is in it.
    pub data: Vec<u8>,
}

impl Object {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> Id {
        let word = match self.kind {
            1 => "commit",
            2 => "tree",
            3 => "blob",
            _ => "tag",
        };
        let mut sum = Sha1::new();
        sum.update(format!("{word} {}\0", self.data.len()));
        sum.update(&self.data);
        sum.finalize().into()
    }
}

/// Commits that somebody pushed, and what they put into the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// Their objects.
    pub objects: Vec<Object>,
    /// The newest of them.
    pub tip: Id,
    /// Files that are new, as `folder/name`, with what is in them.
    pub files: Vec<(String, String)>,
    /// The mail address of who wrote the newest.
    pub author: String,
}

/// No push brings more objects than that.
const MOST: u32 = 2_000;

/// A name as it is written.
#[must_use]
pub(super) fn hex(id: &Id) -> String {
    id.iter().fold(String::with_capacity(40), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A name as it was written; none where it is no name.
pub(super) fn named(hex: &str) -> Option<Id> {
    let byte = |at: usize| u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok();
    let mut id = Id::default();
    for (at, place) in id.iter_mut().enumerate() {
        *place = byte(at)?;
    }
    (hex.len() == 40).then_some(id)
}

/// A line with its length before it.
pub(super) fn line(text: &str) -> String {
    format!("{:04x}{text}", text.len() + 4)
}

/// The lines of a question, up to where it stops making sense.
pub(super) fn lines(mut bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    while let Some((length, rest)) = bytes.split_at_checked(4) {
        let length = std::str::from_utf8(length).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
        match length {
            Some(0..4) => bytes = rest,
            Some(length) => {
                let Some((text, rest)) = rest.split_at_checked(length - 4) else { break };
                found.push(String::from_utf8_lossy(text).into_owned());
                bytes = rest;
            }
            None => break,
        }
    }
    found
}

/// Objects as git sends them.
pub(super) fn pack(objects: &[Object]) -> Vec<u8> {
    let mut data = b"PACK\0\0\0\x02".to_vec();
    data.extend(u32::try_from(objects.len()).unwrap_or(u32::MAX).to_be_bytes());
    for object in objects {
        let mut left = object.data.len();
        let low = |n: usize, bits: u32| u8::try_from(n & ((1 << bits) - 1)).unwrap_or_default();
        let mut byte = (object.kind << 4) | low(left, 4);
        left >>= 4;
        while left > 0 {
            data.push(byte | 0x80);
            byte = low(left, 7);
            left >>= 7;
        }
        data.push(byte);
        let mut zipped = ZlibEncoder::new(Vec::new(), Compression::fast());
        // Into memory: it has no way to fail.
        let _ = zipped.write_all(&object.data);
        data.extend(zipped.finish().unwrap_or_default());
    }
    let sum: Id = Sha1::digest(&data).into();
    data.extend(sum);
    data
}

/// What a client wants: the commit it found, the commit that is to be the newest, and the objects in between.
pub(super) struct Push {
    pub(super) old: Id,
    pub(super) new: Id,
    pub(super) branch: String,
    pub(super) pack: Vec<u8>,
}

/// Reads the first and only wish of a push; none where it is none, such as a probe.
pub(super) fn wish(body: &[u8]) -> Option<Push> {
    let told = lines(body);
    let (wish, _) = told.first()?.split_once('\0')?;
    let mut words = wish.split(' ').map(str::to_owned);
    let (old, new, branch) = (named(&words.next()?)?, named(&words.next()?)?, words.next()?);
    let at = memchr::memmem::find(body, b"PACK")?;
    Some(Push { old, new, branch, pack: body.get(at..)?.to_vec() })
}

/// The objects of a pack; none where it is torn. `held` knows what a delta may rest on beside them.
pub(super) fn unpacked(pack: &[u8], held: impl Fn(&Id) -> Option<Object>) -> Option<Vec<Object>> {
    let (content, sum) = pack.split_at_checked(pack.len().checked_sub(20)?)?;
    let (head, mut rest) = content.split_at_checked(12)?;
    let count = u32::from_be_bytes(head.get(8..)?.try_into().ok()?);
    if !head.starts_with(b"PACK\0\0\0\x02") || count > MOST || Sha1::digest(content).as_slice() != sum {
        return None;
    }
    let mut found: Vec<(Id, Object)> = Vec::new();
    for _ in 0..count {
        let (kind, size) = head_of(&mut rest)?;
        let object = match kind {
            1..=4 => Object { kind, data: inflated(&mut rest, size)? },
            7 => {
                let (base, after) = rest.split_at_checked(20)?;
                rest = after;
                let base: Id = base.try_into().ok()?;
                let known = found.iter().find(|(id, _)| *id == base).map(|(_, object)| object.clone());
                let base = known.or_else(|| held(&base))?;
                Object { kind: base.kind, data: patched(&base.data, &inflated(&mut rest, size)?)? }
            }
            _ => return None,
        };
        found.push((object.id(), object));
    }
    Some(found.into_iter().map(|(_, object)| object).collect())
}

/// The kind and the length that stand before an object.
fn head_of(rest: &mut &[u8]) -> Option<(u8, u64)> {
    let first = next(rest)?;
    let (mut size, mut shift) = (u64::from(first & 0x0f), 4);
    let mut more = first & 0x80 != 0;
    while more {
        let byte = next(rest)?;
        size |= u64::from(byte & 0x7f).checked_shl(shift)?;
        (shift, more) = (shift + 7, byte & 0x80 != 0);
    }
    Some(((first >> 4) & 7, size))
}

fn next(rest: &mut &[u8]) -> Option<u8> {
    let (first, after) = rest.split_first()?;
    *rest = after;
    Some(*first)
}

/// So many bytes that were zipped. What follows them is left in `rest`.
fn inflated(rest: &mut &[u8], size: u64) -> Option<Vec<u8>> {
    let mut zipped = ZlibDecoder::new(*rest);
    let mut data = Vec::new();
    // One more than there may be: then the end was met.
    zipped.by_ref().take(size.min(LARGEST) + 1).read_to_end(&mut data).ok()?;
    let used = usize::try_from(zipped.total_in()).ok()?;
    *rest = rest.get(used..)?;
    (u64::try_from(data.len()).ok()? == size).then_some(data)
}

/// What a delta makes of its base.
fn patched(base: &[u8], mut delta: &[u8]) -> Option<Vec<u8>> {
    let delta = &mut delta;
    let (from, to) = (length(delta)?, length(delta)?);
    if u64::try_from(base.len()).ok()? != from || to > LARGEST {
        return None;
    }
    let mut made = Vec::new();
    while let Some(order) = next(delta) {
        let piece = if order & 0x80 == 0 {
            let (text, after) = delta.split_at_checked(order.into())?;
            *delta = after;
            text
        } else {
            let mut number = |bits: std::ops::Range<u32>| {
                let mut sum = 0_usize;
                for (n, bit) in bits.enumerate() {
                    if order & (1 << bit) != 0 {
                        sum |= usize::from(next(delta)?) << (8 * n);
                    }
                }
                Some(sum)
            };
            let (start, long) = (number(0..4)?, number(4..7)?);
            base.get(start..start.checked_add(if long == 0 { 0x10000 } else { long })?)?
        };
        made.extend_from_slice(piece);
        if u64::try_from(made.len()).ok()? > to {
            return None;
        }
    }
    (u64::try_from(made.len()).ok()? == to).then_some(made)
}

fn length(delta: &mut &[u8]) -> Option<u64> {
    let (mut size, mut shift) = (0, 0);
    loop {
        let byte = next(delta)?;
        size |= u64::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some(size);
        }
    }
}

/// The tree of a commit, its parents, and who wrote it.
pub(super) fn commit(data: &[u8]) -> Option<(Id, Vec<Id>, String)> {
    let text = String::from_utf8_lossy(data);
    let head = || text.lines().take_while(|line| !line.is_empty());
    let tree = head().find_map(|line| named(line.strip_prefix("tree ")?))?;
    let parents = head().filter_map(|line| named(line.strip_prefix("parent ")?)).collect();
    let author = head().find_map(|line| line.strip_prefix("author ")).unwrap_or_default();
    let mail = author.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(author, |(mail, _)| mail);
    Some((tree, parents, mail.to_owned()))
}

/// The entries of a folder: mode, name and id. None where it is torn.
pub(super) fn entries(mut data: &[u8]) -> Option<Vec<(String, String, Id)>> {
    let mut found = Vec::new();
    while !data.is_empty() {
        let end = memchr::memchr(0, data)?;
        let (head, rest) = data.split_at_checked(end)?;
        let (id, after) = rest.get(1..)?.split_at_checked(20)?;
        let (mode, name) = std::str::from_utf8(head).ok()?.split_once(' ')?;
        found.push((mode.to_owned(), name.to_owned(), id.try_into().ok()?));
        data = after;
    }
    Some(found)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_copies_from_its_base_and_adds_what_is_new() {
        let delta = [&[11, 9][..], &[0x90, 6], &[3], b"git", &[]].concat();
        assert_eq!(patched(b"hello world", &delta).unwrap(), b"hello git");
        for torn in [&[11, 9][..], &[10, 9, 0x90, 6, 3], &[11, 9, 0x91, 6, 99], &[11, 200, 3, 1], &[255], &[]] {
            assert_eq!(patched(b"hello world", torn), None, "{torn:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_is_pushed_panics(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..80)) {
            let whole = [b"0033a b refs/heads/main\0 report-status\n0000PACK\0\0\0\x02\0\0\0\x01", body.as_slice()].concat();
            if let Some(push) = wish(&whole) {
                let mut pack = push.pack;
                let sum = Sha1::digest(&pack);
                pack.extend_from_slice(&sum);
                let _ = unpacked(&pack, |_| None);
            }
            let _ = (commit(&body), entries(&body), patched(b"base", &body));
        }
    }
}
