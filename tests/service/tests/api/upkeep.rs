//! Push address, rotation, removal, service keys.

use authenticator_core::crypto::p256::PrivateKey;
use authenticator_core::push::ids::Id;
use authenticator_core::push::json;
use authenticator_core::push::jwk::{Jwk, KeySet};
use authenticator_core::push::jws;
use authenticator_core::push::wakeup::Receiver;
use authenticator_core::push::wire::{
    PushAddress, Renew, Rotate, RotateBody, ServiceKey, ServiceKeys, Update, WhichKey,
};
use klink_service::accounts::{Change, Stage, notices};
use klink_service::push::devices;
use klink_service::requests::Start;

use crate::phone::{Phone, signed};
use crate::world::{ORIGIN, World};

fn update(world: &World, phone: &Phone) -> Update {
    let now = phone.now(world);
    Update {
        iss: phone.credential.unwrap(),
        aud: ORIGIN.parse().unwrap(),
        jti: Id::make().unwrap(),
        iat: now.into(),
        exp: now.plus_ms(60_000).into(),
        push: PushAddress::webpush("https://push.test/1", &Receiver::make().unwrap().subscription()),
    }
}

async fn put(world: &World, phone: &mut Phone, body: String) -> crate::world::Reply {
    phone.call(world, "PUT", "/push/v1/device/push", body).await
}

#[tokio::test]
async fn the_push_address_changes_by_the_device_keys_word_once() {
    let world = World::new().await;
    let mut phone = world.active_phone(&world.sign_in().await).await;
    let claims = update(&world, &phone);
    let by_approval = signed(&phone.approval, &claims);
    put(&world, &mut phone, by_approval).await.refuses(400, "bad_signature");
    let good = signed(&phone.device, &claims);
    assert_eq!(put(&world, &mut phone, good.clone()).await.status, 204);
    put(&world, &mut phone, good).await.refuses(400, "malformed");
    let stored: String = world
        .service
        .store()
        .read(|conn| Ok(conn.query_row("SELECT push FROM credentials", [], |row| row.get(0))?))
        .unwrap();
    assert!(stored.contains("https://push.test/1"));
    let mut old = update(&world, &phone);
    (old.iat, old.exp) = (old.iat.plus_s(-180), old.exp.plus_s(-180));
    let old = signed(&phone.device, &old);
    put(&world, &mut phone, old).await.refuses(400, "malformed");
    let mut foreign = update(&world, &phone);
    foreign.iss = Id::make().unwrap();
    let foreign = signed(&phone.device, &foreign);
    put(&world, &mut phone, foreign).await.refuses(400, "malformed");
}

fn rotation(world: &World, phone: &Phone, which: WhichKey, new: &PrivateKey) -> Rotate {
    let now = phone.now(world);
    Rotate {
        iss: phone.credential.unwrap(),
        aud: ORIGIN.parse().unwrap(),
        jti: Id::make().unwrap(),
        iat: now.into(),
        exp: now.plus_ms(60_000).into(),
        which,
        jwk: Jwk(new.public()),
    }
}

async fn rotate(
    world: &World,
    phone: &mut Phone,
    claims: &Rotate,
    old: &PrivateKey,
    new: &PrivateKey,
) -> crate::world::Reply {
    let body = json::print(&RotateBody { old: signed(old, claims), new: signed(new, claims) });
    phone.call(world, "POST", "/push/v1/device/rotate", body).await
}

fn copy(key: &PrivateKey) -> PrivateKey {
    PrivateKey::from_bytes(&key.to_bytes()).unwrap()
}

#[tokio::test]
async fn an_approval_key_that_was_rotated_out_approves_no_more() {
    let world = World::new().await;
    let mut phone = world.active_phone(&world.sign_in().await).await;
    let (old, new) = (copy(&phone.approval), PrivateKey::make().unwrap());
    let claims = rotation(&world, &phone, WhichKey::Approval, &new);
    rotate(&world, &mut phone, &claims, &new, &new).await.refuses(400, "bad_signature");
    let body = json::print(&RotateBody { old: signed(&old, &claims), new: signed(&new, &claims) });
    let first = phone.call(&world, "POST", "/push/v1/device/rotate", body.clone()).await;
    let again = phone.call(&world, "POST", "/push/v1/device/rotate", body).await;
    assert_eq!((first.status.as_u16(), &first.body), (200, &again.body), "a lost reply is answered again");
    let claims = rotation(&world, &phone, WhichKey::Approval, &new);
    rotate(&world, &mut phone, &claims, &old, &new).await.refuses(400, "bad_signature");
    let session = world.sign_in().await;
    let asked = world.ask(&session).await;
    phone.approve(&world, &asked.id, &asked.number).await.refuses(400, "bad_signature");
    phone.approval = new;
    assert_eq!(phone.approve(&world, &asked.id, &asked.number).await.status, 200);
}

#[tokio::test]
async fn a_device_key_that_was_rotated_out_gets_no_token() {
    let world = World::new().await;
    let mut phone = world.active_phone(&world.sign_in().await).await;
    let (old, new) = (copy(&phone.device), PrivateKey::make().unwrap());
    let claims = rotation(&world, &phone, WhichKey::Device, &new);
    assert_eq!(rotate(&world, &mut phone, &claims, &old, &new).await.status, 200);
    let claims = phone.assertion(&world);
    assert_eq!(phone.post_assertion(&world, &claims).await.status, 401);
    phone.device = new;
    let claims = phone.assertion(&world);
    assert_eq!(phone.post_assertion(&world, &claims).await.status, 200);
}

#[tokio::test]
async fn the_device_key_renews_the_approval_key_only_while_the_page_allows_it() {
    let world = World::new().await;
    let session = world.sign_in().await;
    let mut phone = world.active_phone(&session).await;
    let (device, new) = (copy(&phone.device), PrivateKey::make().unwrap());
    let claims = rotation(&world, &phone, WhichKey::Approval, &new);
    rotate(&world, &mut phone, &claims, &device, &new).await.refuses(403, "not_permitted");
    let session = world.again(&session).unwrap();
    let allowed = devices::renew_approval_key(&world.service, &session, &phone.id()).await.unwrap();
    assert_eq!(allowed, Change::Done);
    assert_eq!(phone.list(&world).await.renew, Some(Renew::Approval));
    world.clock.advance(601);
    phone.token = None;
    let claims = rotation(&world, &phone, WhichKey::Approval, &new);
    rotate(&world, &mut phone, &claims, &device, &new).await.refuses(403, "not_permitted");

    let mut session = world.sign_in().await;
    let code = crate::accounts::phone_code(&world, &session.user.id);
    klink_service::accounts::totp::verify(&world.service, &session, &code).await.unwrap();
    session = world.again(&session).unwrap();
    devices::renew_approval_key(&world.service, &session, &phone.id()).await.unwrap();
    let claims = rotation(&world, &phone, WhichKey::Approval, &new);
    assert_eq!(rotate(&world, &mut phone, &claims, &device, &new).await.status, 200);
    // It approves no sign-in before its test, and a password alone is not enough meanwhile.
    assert_eq!(world.sign_in().await.stage, Stage::SecondFactor);
    assert_eq!(world.start_login(&session).await, Start::NoPhone);
    phone.approval = new;
    let asked = world.start_test(&session, &phone).await;
    assert_eq!(phone.approve(&world, &asked.id, &asked.number).await.status, 200);
    world.ask(&session).await;
    let told = notices::unseen(&world.service, &session.user.id).unwrap();
    assert_eq!(told[0].kind, notices::Kind::PhoneRenewed);
}

#[tokio::test]
async fn a_phone_that_goes_is_revoked() {
    let world = World::new().await;
    let mut phone = world.active_phone(&world.sign_in().await).await;
    assert_eq!(phone.call(&world, "DELETE", "/push/v1/device", String::new()).await.status, 204);
    let reply = phone.call(&world, "GET", "/push/v1/requests", String::new()).await;
    reply.refuses(401, "credential_revoked");
    assert_eq!(reply.problem().reason.unwrap().as_str(), "removed");
}

#[tokio::test]
async fn a_new_service_key_is_signed_by_the_old_one_and_both_stand_in_the_set() {
    let world = World::new().await;
    let mut phone = world.active_phone(&world.sign_in().await).await;
    let pinned = world.service.keys().current();
    world.service.rotate_service_key().await.unwrap();
    let keys = world.call("GET", "/push/v1/service-keys", &[], String::new()).await;
    let keys: ServiceKeys = serde_json::from_str(&keys.body).unwrap();
    let link = jws::parse::<ServiceKey>(&keys.keys[0]).unwrap().verify(&pinned).unwrap();
    assert_eq!((link.jwk.0, link.exp), (world.service.keys().current(), link.iat.plus_s(90 * 86_400)));
    let set = world.call("GET", "/.well-known/jwks.json", &[], String::new()).await;
    let set: KeySet = serde_json::from_str(&set.body).unwrap();
    assert_eq!(set.keys.len(), 3);
    // Requests are signed by the new key from now on.
    let asked = world.ask(&world.sign_in().await).await;
    phone.listed(&world, &asked.id).await;
    world.clock.advance(90 * 86_400 + 1);
    assert_eq!(world.service.keys().jwks(world.clock.now()).keys.len(), 2);
}
