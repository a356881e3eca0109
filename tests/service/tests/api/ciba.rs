//! Relying parties, CIBA poll mode: every way in, every word that says no, and what a sign-in ends in.

use authenticator_core::crypto::p256::PrivateKey;
use authenticator_core::push::json;
use authenticator_core::push::jwk::Jwk;
use authenticator_core::push::jws;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as B64};
use klink_service::ciba::{ACR, GRANT_TYPE, IdToken, PartyError, check_parties};
use klink_service::config::RelyingParty;
use serde_json::{Value, json};

use crate::phone::{Phone, other};
use crate::world::{ORIGIN, Reply, World};

const SECRET: &str = "a secret of more than 32 characters: é+%&";

/// A service with three parties, and a user with a phone.
struct Parties {
    world: World,
    phone: Phone,
    key: PrivateKey,
}

type Form = Vec<(&'static str, String)>;

fn party(id: &str, secret: Option<&str>, key: Option<&PrivateKey>) -> RelyingParty {
    RelyingParty {
        id: id.to_owned(),
        name: "Hours".to_owned(),
        secret: secret.map(str::to_owned),
        jwk: key.map(|key| json::print(&Jwk(key.public()))),
    }
}

fn encoded(form: &Form) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

impl Parties {
    async fn new() -> Self {
        let key = PrivateKey::make().unwrap();
        let parties = vec![
            party("by-key", None, Some(&key)),
            party("by-secret", Some(SECRET), None),
            party("another", Some(&SECRET.repeat(2)), None),
        ];
        let world = World::with(|config| config.relying_parties = parties).await;
        let phone = world.active_phone(&world.sign_in().await).await;
        Self { world, phone, key }
    }

    fn claims(&self) -> Value {
        let now = self.world.clock.now();
        json!({"iss": "by-key", "sub": "by-key", "aud": ORIGIN, "jti": format!("{now}-{}", fresh()), "iat": now, "exp": now + 300})
    }

    fn by_key(&self) -> Form {
        self.asserting(&json!({"alg": "ES256"}), &self.claims(), &self.key)
    }

    fn asserting(&self, header: &Value, claims: &Value, key: &PrivateKey) -> Form {
        let input = format!("{}.{}", B64.encode(header.to_string()), B64.encode(claims.to_string()));
        let assertion = format!("{input}.{}", B64.encode(key.sign(input.as_bytes())));
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned();
        vec![("client_assertion_type", kind), ("client_assertion", assertion)]
    }

    async fn post(&self, path: &str, form: &Form, headers: &[(&str, String)]) -> Reply {
        let mut all = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
        all.extend(headers.iter().cloned());
        self.world.call("POST", path, &all, encoded(form)).await
    }

    /// Asks for a sign-in of the user as a party with a key, with `more` parameters.
    async fn ask(&self, more: &[(&'static str, &str)]) -> Reply {
        let mut form = self.by_key();
        form.extend([("scope", "openid".to_owned()), ("login_hint", "tess".to_owned())]);
        for (name, value) in more {
            form.retain(|(held, _)| held != name);
            if !value.is_empty() {
                form.push((*name, (*value).to_owned()));
            }
        }
        self.post("/bc-authorize", &form, &[]).await
    }

    async fn asked(&self) -> Value {
        let reply = self.ask(&[]).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        serde_json::from_str(&reply.body).unwrap()
    }

    async fn poll(&self, id: &Value) -> Reply {
        let mut form = self.by_key();
        form.extend([
            ("grant_type", GRANT_TYPE.to_owned()),
            ("auth_req_id", id.as_str().unwrap().to_owned()),
        ]);
        self.post("/token", &form, &[]).await
    }
}

fn fresh() -> String {
    authenticator_core::push::ids::Id::make().unwrap().to_string()
}

/// The request that the phone sees, which no party is told the id of.
fn request(asked: &Value) -> String {
    let scan = asked["match_scan"].as_str().unwrap().strip_prefix("pushmatch:").unwrap();
    scan.split_once('.').unwrap().0.to_owned()
}

#[track_caller]
fn says(reply: &Reply, status: u16, word: &str) {
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!((reply.status.as_u16(), body["error"].as_str().unwrap()), (status, word), "{}", reply.body);
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("content-type"), "application/json");
}

#[tokio::test]
async fn the_discovery_document_says_what_there_is() {
    let parties = Parties::new().await;
    let reply = parties.world.call("GET", "/.well-known/openid-configuration", &[], String::new()).await;
    let document: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(document["issuer"], ORIGIN);
    assert_eq!(document["backchannel_authentication_endpoint"], format!("{ORIGIN}/bc-authorize"));
    assert_eq!(document["backchannel_token_delivery_modes_supported"], json!(["poll"]));
    assert_eq!(document["grant_types_supported"], json!([GRANT_TYPE]));
    for name in ["jwks_uri", "token_endpoint", "backchannel_authentication_endpoint"] {
        let path = document[name].as_str().unwrap().strip_prefix(ORIGIN).unwrap();
        let method = if name == "jwks_uri" { "GET" } else { "POST" };
        let status = parties.world.call(method, path, &[], String::new()).await.status;
        assert_ne!(status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn an_approval_with_the_partys_number_ends_in_an_id_token_once() {
    let mut parties = Parties::new().await;
    let reply = parties.ask(&[("binding_message", "Sign in to Hours, screen 3")]).await;
    let asked: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(asked.as_object().unwrap().len(), 5);
    assert!(asked["expires_in"].as_i64().unwrap() <= 60 && asked["interval"] == 2);
    assert!(asked["auth_req_id"].as_str().unwrap().len() >= 27, "160 bits at least");
    says(&parties.poll(&asked["auth_req_id"]).await, 400, "authorization_pending");

    let id = request(&asked);
    let (text, seen) = parties.phone.listed(&parties.world, &id).await;
    assert_eq!((seen.rp.id.as_str(), seen.rp.name.as_str()), ("by-key", "Hours"));
    assert_eq!(seen.msg.unwrap().as_str(), "Sign in to Hours, screen 3");
    let secret = asked["match_scan"].as_str().unwrap().rsplit('.').next().unwrap();
    assert!(!text.contains(secret));
    parties.world.clock.advance(7);
    let number = asked["match"].as_str().unwrap().to_owned();
    assert_eq!(number.len(), 2);
    assert_eq!(parties.phone.approve(&parties.world, &id, &number).await.status, StatusCode::OK);
    let approved_at = parties.world.clock.now();
    parties.world.clock.advance(2);

    let reply = parties.poll(&asked["auth_req_id"]).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    assert_eq!(reply.header("cache-control"), "no-store");
    let tokens: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(tokens["token_type"], "Bearer");
    let key = parties.world.service.keys().current();
    let claims: IdToken = jws::parse(tokens["id_token"].as_str().unwrap()).unwrap().verify(&key).unwrap();
    assert_eq!((claims.iss.as_str(), claims.aud.as_str(), claims.acr.as_str()), (ORIGIN, "by-key", ACR));
    assert_eq!(claims.amr[1..], ["mca", "user"]);
    assert!(["hwk", "swk"].contains(&claims.amr[0].as_str()));
    assert!((claims.auth_time.time().seconds() - approved_at).abs() <= 1);
    let user = parties.world.sign_in().await.user.id;
    assert_eq!(claims.sub, user);
    says(&parties.poll(&asked["auth_req_id"]).await, 400, "invalid_grant");
}

#[tokio::test]
async fn whatever_ends_a_request_otherwise_has_its_word() {
    for (ending, word) in [
        ("deny", "access_denied"),
        ("report", "access_denied"),
        ("wrong", "access_denied"),
        ("time", "expired_token"),
        ("newer", "expired_token"),
    ] {
        let mut parties = Parties::new().await;
        let asked = parties.asked().await;
        let id = request(&asked);
        match ending {
            "deny" => assert_eq!(parties.phone.deny(&parties.world, &id).await.status, StatusCode::OK),
            "report" => {
                assert_eq!(parties.phone.report(&parties.world, &id, false).await.status, StatusCode::OK)
            }
            "wrong" => {
                let wrong = other(asked["match"].as_str().unwrap());
                parties.phone.approve(&parties.world, &id, &wrong).await.refuses(403, "wrong_match");
            }
            "time" => parties.world.clock.advance(60),
            _ => {
                let session = parties.world.sign_in().await;
                parties.world.ask(&session).await;
            }
        }
        for _ in 0..2 {
            let reply = parties.poll(&asked["auth_req_id"]).await;
            says(&reply, 400, word);
            assert!(!reply.body.contains("id_token"));
        }
    }
}

#[tokio::test]
async fn a_party_that_polls_too_often_is_slowed_and_then_waits_longer() {
    let mut parties = Parties::new().await;
    let asked = parties.asked().await;
    let id = &asked["auth_req_id"];
    says(&parties.poll(id).await, 400, "authorization_pending");
    says(&parties.poll(id).await, 400, "slow_down");
    parties.world.clock.advance(2);
    says(&parties.poll(id).await, 400, "slow_down");
    parties.world.clock.advance(12);
    says(&parties.poll(id).await, 400, "authorization_pending");
    // How it ended is told at once: only waiting is slowed down.
    let number = asked["match"].as_str().unwrap().to_owned();
    parties.phone.approve(&parties.world, &request(&asked), &number).await;
    assert_eq!(parties.poll(id).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_wish_of_another_form_is_refused_with_its_word() {
    let parties = Parties::new().await;
    let long = "x".repeat(201);
    for (more, word) in [
        (vec![("scope", "")], "invalid_request"),
        (vec![("scope", "profile")], "invalid_scope"),
        (vec![("login_hint", "")], "invalid_request"),
        (vec![("login_hint_token", "x")], "invalid_request"),
        (vec![("login_hint", ""), ("id_token_hint", "x")], "invalid_request"),
        (vec![("login_hint", "nobody")], "unknown_user_id"),
        (vec![("requested_expiry", "0")], "invalid_request"),
        (vec![("requested_expiry", "soon")], "invalid_request"),
        (vec![("request", "e30.e30.x")], "invalid_request"),
        (vec![("ctx", "[")], "invalid_request"),
        (vec![("ctx", r#"{"ip":"1","ip":"2"}"#)], "invalid_request"),
        (vec![("authorization_details", "{")], "invalid_request"),
        (vec![("binding_message", "two\nlines")], "invalid_binding_message"),
        (vec![("binding_message", "turned \u{202e}round")], "invalid_binding_message"),
        (vec![("binding_message", long.as_str())], "invalid_binding_message"),
    ] {
        says(&parties.ask(&more).await, 400, word);
    }
    let mut form = parties.by_key();
    form.extend([("scope", "openid".to_owned()), ("scope", "openid".to_owned())]);
    says(&parties.post("/bc-authorize", &form, &[]).await, 400, "invalid_request");
    let plain = [("content-type", "application/json".to_owned())];
    let reply = parties.world.call("POST", "/bc-authorize", &plain, "{}".to_owned()).await;
    says(&reply, 400, "invalid_request");
}

#[tokio::test]
async fn the_phone_sees_where_the_party_says_the_sign_in_comes_from() {
    let mut parties = Parties::new().await;
    let ctx = json!({"ip": "198.51.100.7", "city": "Utrecht", "device": "Firefox\u{202e}", "new_device": false, "more": 1}).to_string();
    let reply = parties.ask(&[("ctx", &ctx), ("requested_expiry", "600")]).await;
    let asked: Value = serde_json::from_str(&reply.body).unwrap();
    assert!((295..=300).contains(&asked["expires_in"].as_i64().unwrap()), "a phone takes no more than 300");
    let (_, seen) = parties.phone.listed(&parties.world, &request(&asked)).await;
    assert_eq!((seen.ctx.ip.as_str(), seen.ctx.city.unwrap().as_str()), ("198.51.100.7", "Utrecht"));
    assert_eq!((seen.ctx.device.unwrap().as_str(), seen.ctx.new_device), ("Firefox", false));
    parties.world.clock.advance(400);
    let asked = parties.asked().await;
    let (_, seen) = parties.phone.listed(&parties.world, &request(&asked)).await;
    assert!(seen.ctx.new_device, "unknown is said as new");
}

#[tokio::test]
async fn a_user_who_cannot_or_will_not_be_asked_is_denied_at_once() {
    let mut parties = Parties::new().await;
    let asked = parties.asked().await;
    assert_eq!(parties.phone.report(&parties.world, &request(&asked), true).await.status, StatusCode::OK);
    says(&parties.ask(&[]).await, 403, "access_denied");
    let parties = Parties::new().await;
    for _ in 0..3 {
        parties.asked().await;
    }
    let reply = parties.ask(&[]).await;
    says(&reply, 403, "access_denied");
    assert!(reply.header("retry-after").parse::<i64>().unwrap() > 0);
    let password = authenticator_core::secret::SecretText::from(crate::world::PASSWORD);
    klink_service::accounts::users::add(&parties.world.service, "uma", "Uma", password).await.unwrap();
    says(&parties.ask(&[("login_hint", "uma")]).await, 403, "access_denied");
}

#[tokio::test]
async fn an_assertion_is_the_clients_own_for_us_and_good_once() {
    let parties = Parties::new().await;
    let now = parties.world.clock.now();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut claims = parties.claims();
        change(&mut claims);
        parties.asserting(&json!({"alg": "ES256", "typ": "JWT"}), &claims, &parties.key)
    };
    let good: Form = with(&|_| {});
    let mut wanted = vec![
        ("past", with(&|claims| claims["exp"] = json!(now - 61))),
        ("good for too long", with(&|claims| claims["exp"] = json!(now + 3600))),
        ("not yet", with(&|claims| claims["nbf"] = json!(now + 120))),
        ("made in the future", with(&|claims| claims["iat"] = json!(now + 120))),
        ("for another", with(&|claims| claims["aud"] = json!("https://other.example"))),
        ("for others", with(&|claims| claims["aud"] = json!(["https://other.example", "x"]))),
        ("of another issuer", with(&|claims| claims["iss"] = json!("another"))),
        (
            "of a party with a secret",
            with(&|claims| (claims["iss"], claims["sub"]) = (json!("another"), json!("another"))),
        ),
        ("without an id", with(&|claims| drop(claims.as_object_mut().unwrap().remove("jti")))),
        (
            "by another key",
            parties.asserting(&json!({"alg": "ES256"}), &parties.claims(), &PrivateKey::make().unwrap()),
        ),
        ("none", parties.asserting(&json!({"alg": "none"}), &parties.claims(), &parties.key)),
        ("HS256", parties.asserting(&json!({"alg": "HS256"}), &parties.claims(), &parties.key)),
        ("crit", parties.asserting(&json!({"alg": "ES256", "crit": ["x"]}), &parties.claims(), &parties.key)),
        ("rubbish", vec![good[0].clone(), ("client_assertion", "a.b".to_owned())]),
    ];
    let mut other_client = with(&|_| {});
    other_client.push(("client_id", "another".to_owned()));
    wanted.push(("another's name beside it", other_client));
    for (what, form) in &wanted {
        let reply = parties.post("/token", form, &[]).await;
        says(&reply, 401, "invalid_client");
        assert!(reply.header("www-authenticate").is_empty(), "{what}");
    }
    // The control: past the client's authentication, what is missing is the grant.
    says(&parties.post("/token", &good, &[]).await, 400, "invalid_request");
    says(&parties.post("/token", &good, &[]).await, 401, "invalid_client");
    for audience in [json!(format!("{ORIGIN}/token")), json!([format!("{ORIGIN}/bc-authorize"), "x"])] {
        let form = with(&|claims| claims["aud"] = audience.clone());
        says(&parties.post("/token", &form, &[]).await, 400, "invalid_request");
    }
    let kind = with(&|_| {}).into_iter().filter(|(name, _)| *name != "client_assertion_type").collect();
    says(&parties.post("/token", &kind, &[]).await, 400, "invalid_request");
}

#[tokio::test]
async fn a_secret_goes_by_basic_or_in_the_form_and_in_one_way_only() {
    let parties = Parties::new().await;
    let escaped = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let basic = |id: &str, secret: &str| {
        let pair = format!("{}:{}", escaped(id), escaped(secret));
        [("authorization", format!("Basic {}", STANDARD.encode(pair)))]
    };
    let form =
        |id: &str, secret: &str| vec![("client_id", id.to_owned()), ("client_secret", secret.to_owned())];
    // Right ones are asked for a grant.
    says(&parties.post("/token", &Vec::new(), &basic("by-secret", SECRET)).await, 400, "invalid_request");
    says(&parties.post("/token", &form("by-secret", SECRET), &[]).await, 400, "invalid_request");
    for (id, secret) in
        [("by-secret", "wrong"), ("by-secret", ""), ("nobody", SECRET), ("by-key", SECRET), ("by-key", "")]
    {
        let reply = parties.post("/token", &Vec::new(), &basic(id, secret)).await;
        says(&reply, 401, "invalid_client");
        assert_eq!(reply.header("www-authenticate"), "Basic realm=\"token\"");
        if !secret.is_empty() {
            says(&parties.post("/token", &form(id, secret), &[]).await, 401, "invalid_client");
        }
    }
    says(&parties.post("/token", &Vec::new(), &[]).await, 401, "invalid_client");
    says(
        &parties.post("/token", &vec![("client_id", "by-secret".to_owned())], &[]).await,
        401,
        "invalid_client",
    );
    let both = parties.post("/token", &form("by-secret", SECRET), &basic("by-secret", SECRET)).await;
    says(&both, 400, "invalid_request");
    let mut two = parties.by_key();
    two.extend(form("by-secret", SECRET));
    says(&parties.post("/token", &two, &[]).await, 400, "invalid_request");
}

#[tokio::test]
async fn one_party_cannot_take_what_another_asked_for() {
    let mut parties = Parties::new().await;
    let asked = parties.asked().await;
    let number = asked["match"].as_str().unwrap().to_owned();
    parties.phone.approve(&parties.world, &request(&asked), &number).await;
    let id = asked["auth_req_id"].as_str().unwrap().to_owned();
    let form = vec![
        ("client_id", "by-secret".to_owned()),
        ("client_secret", SECRET.to_owned()),
        ("grant_type", GRANT_TYPE.to_owned()),
        ("auth_req_id", id.clone()),
    ];
    says(&parties.post("/token", &form, &[]).await, 400, "invalid_grant");
    says(&parties.poll(&json!(fresh())).await, 400, "invalid_grant");
    let mut wrong = parties.by_key();
    wrong.extend([("grant_type", "authorization_code".to_owned()), ("auth_req_id", id.clone())]);
    says(&parties.post("/token", &wrong, &[]).await, 400, "unsupported_grant_type");
    assert_eq!(parties.poll(&json!(id)).await.status, StatusCode::OK);
}

#[test]
fn parties_that_cannot_work_are_refused_at_the_start() {
    let key = PrivateKey::make().unwrap();
    let good = || vec![party("a", Some(SECRET), None), party("b", None, Some(&key))];
    assert!(check_parties(&good()).is_ok());
    let refused = |party: RelyingParty| {
        let mut parties = good();
        parties.push(party);
        check_parties(&parties).unwrap_err()
    };
    assert!(matches!(refused(party("a", Some(SECRET), None)), PartyError::Id(_)));
    assert!(matches!(refused(party("", Some(SECRET), None)), PartyError::Id(_)));
    assert!(matches!(refused(party("c", None, None)), PartyError::Credential(_)));
    assert!(matches!(refused(party("c", Some(SECRET), Some(&key))), PartyError::Credential(_)));
    assert!(matches!(refused(party("c", Some("short"), None)), PartyError::Secret(_)));
    let mut spoilt = party("c", None, Some(&key));
    spoilt.jwk = Some("{}".to_owned());
    assert!(matches!(refused(spoilt), PartyError::Key(_)));
    let nameless = RelyingParty { name: String::new(), ..party("c", Some(SECRET), None) };
    assert!(matches!(refused(nameless), PartyError::Name(_)));
    assert!(!format!("{:?}", good()).contains("32 characters"));
}
