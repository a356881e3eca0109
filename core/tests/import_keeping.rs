//! What another app knew of an account follows it into the vault: groups, notes, marks, icons, usage, order, PINs, and whether
//! it lies in the trash. The files are those of every format, the vault is locked and opened again before it is asked.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;
mod reading;

use authenticator_core::account::Kind as OurKind;
use authenticator_core::authenticator::Authenticator;
use authenticator_core::uri;
use authenticator_core::vault::{GroupId, Item, Key};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{NOW, Place, boot, confirmed, unlocked};
use fixtures::{Fixture, Kind, Said};
use reading::{identity, open_fixture};

/// Returns what the vault says of an account, in the fixtures' words.
fn kept(place: &Place, core: &Authenticator, item: &Item) -> Said {
    let revealed = core.reveal(item.id, &confirmed(core, place), boot(1)).unwrap();
    let otp = uri::parse(revealed.uri.expose()).unwrap().otp;
    let kind = match item.kind {
        OurKind::Totp => Kind::Totp,
        OurKind::Hotp => Kind::Hotp,
        OurKind::Steam => Kind::Steam,
        OurKind::Motp => Kind::Motp,
        OurKind::Yandex => Kind::Yandex,
        OurKind::Unknown => panic!("{}: of no kind", item.issuer),
    };
    let picture = item.icon.as_deref().and_then(|icon| icon.strip_prefix("data:image/png;base64,"));
    let named = core.groups().unwrap();
    let name = |id: &GroupId| named.iter().find(|group| group.id == *id).unwrap().name.clone();
    Said {
        issuer: item.issuer.clone(),
        account_name: item.account_name.clone(),
        kind,
        secret: otp.secret().expose().to_vec(),
        algorithm: item.algorithm.map_or("SHA1", |algorithm| algorithm.name()),
        digits: item.digits.unwrap(),
        period: item.period_s.unwrap_or(30),
        counter: core.counter(item.id).unwrap().unwrap_or(0),
        pin: otp.pin().map(|pin| ["1234", "5678"].into_iter().find(|known| *known == pin.expose()).unwrap()),
        note: item.note.clone(),
        favorite: item.favorite,
        groups: item.groups.iter().map(name).collect(),
        trashed: item.trashed_at.is_some(),
        usage_count: item.usage_count,
        last_used_at_ms: item.last_used_at.map(|at| at.ms() as u64),
        icon: item.icon.clone().filter(|_| picture.is_none()),
        picture: picture.map(|letters| STANDARD.decode(letters).unwrap()),
    }
}

/// Imports a fixture into an empty vault, and returns what it holds after it was locked and opened: the list in its order,
/// and the trash.
fn through_the_vault(fixture: &Fixture) -> Vec<Said> {
    let (place, core) = unlocked();
    let preview = core.preview_import(open_fixture(fixture).unwrap()).unwrap();
    core.commit_import(&preview, NOW).unwrap();
    core.lock();
    core.unlock(Key::RecoveryCode(&place.code), NOW).unwrap();
    let items = [core.list().unwrap(), core.trash().unwrap()].concat();
    items.iter().map(|item| kept(&place, &core, item)).collect()
}

/// Returns what must be there: the list in the file's order, then the trash; what repeats an entry is there once.
fn expected(fixture: &Fixture) -> Vec<Said> {
    let mut once: Vec<Said> = Vec::new();
    for said in &fixture.entries {
        if !once.iter().any(|there| identity(there) == identity(said)) {
            once.push(said.clone());
        }
    }
    let (trash, mut list): (Vec<Said>, Vec<Said>) = once.into_iter().partition(|said| said.trashed);
    list.extend(trash);
    list
}

#[track_caller]
fn check(name: &str, kept: &[Said], expected: &[Said]) {
    assert_eq!(kept.len(), expected.len(), "{name}");
    for (kept, expected) in kept.iter().zip(expected) {
        assert_eq!(kept, expected, "{name}");
    }
}

#[test]
fn everything_that_an_app_knew_follows_into_the_vault() {
    let mut follows = [0; 8];
    for fixture in fixtures::all() {
        let (kept, expected) = (through_the_vault(&fixture), expected(&fixture));
        check(fixture.name, &kept, &expected);
        for said in &kept {
            let has = [
                !said.groups.is_empty(),
                !said.note.is_empty(),
                said.favorite,
                said.icon.is_some(),
                said.picture.is_some(),
                said.usage_count > 0,
                said.trashed,
                said.pin.is_some(),
            ];
            follows.iter_mut().zip(has).for_each(|(count, has)| *count += u32::from(has));
        }
    }
    println!("groups, notes, marks, icons, pictures, usage, trash, PINs: {follows:?}");
    assert!(follows.iter().all(|count| *count > 0), "each was there at least once: {follows:?}");
}

/// The control: whatever is lost or changed on its way is seen.
#[test]
fn control_what_is_lost_on_the_way_is_seen() {
    let fixture = fixtures::all().into_iter().find(|fixture| fixture.format == "stratum").unwrap();
    let (kept, expected) = (through_the_vault(&fixture), expected(&fixture));
    check(fixture.name, &kept, &expected);
    let lose: [fn(&mut Said); 8] = [
        |said| said.groups.push("another".into()),
        |said| said.note.push('x'),
        |said| said.favorite ^= true,
        |said| said.icon = Some("another".into()),
        |said| said.picture = Some(vec![1]),
        |said| said.usage_count += 1,
        |said| said.trashed ^= true,
        |said| said.pin = Some("0000"),
    ];
    for lose in lose {
        let mut other = kept.clone();
        lose(&mut other[0]);
        assert!(std::panic::catch_unwind(|| check("", &other, &expected)).is_err());
    }
    let mut turned = kept;
    turned.reverse();
    assert!(std::panic::catch_unwind(|| check("", &turned, &expected)).is_err(), "the order counts");
}
