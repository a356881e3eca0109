//! A phone made of the core's messages, with keys in memory; it can also do everything wrong.

use authenticator_core::crypto::p256::PrivateKey;
use authenticator_core::push::dpop::{self, Call};
use authenticator_core::push::ids::{Id, RequestDigest};
use authenticator_core::push::jwk::Jwk;
use authenticator_core::push::jws::{self, Claims, Unsigned};
use authenticator_core::push::wire::{
    Answer, Assertion, Decision, DenyReason, Dev, EnrolBody, EnrolResponse, Enrolled, How, List, MatchValue,
    Offer as OfferClaims, PushAddress, ReportReason, Request, TokenForm, TokenReply, Uv,
};
use authenticator_core::push::{json, wire};
use authenticator_core::time::UnixTime;
use klink_service::push::offers::Offer;

use crate::world::{ORIGIN, Reply, World};

pub(crate) struct Phone {
    pub(crate) device: PrivateKey,
    pub(crate) approval: PrivateKey,
    pub(crate) dpop: PrivateKey,
    pub(crate) credential: Option<Id>,
    pub(crate) token: Option<String>,
    pub(crate) nonce: Option<String>,
    /// How far its clock is ahead of the service's, seconds.
    pub(crate) ahead_s: i64,
}

impl Phone {
    pub(crate) fn new() -> Self {
        let make = || PrivateKey::make().unwrap();
        Self {
            device: make(),
            approval: make(),
            dpop: make(),
            credential: None,
            token: None,
            nonce: None,
            ahead_s: 0,
        }
    }

    pub(crate) fn id(&self) -> String {
        self.credential.unwrap().to_string()
    }

    pub(crate) fn now(&self, world: &World) -> UnixTime {
        world.clock.time().plus_ms(self.ahead_s * 1000)
    }

    /// Makes the claims of an enrolment for an offer's link.
    pub(crate) fn enrolment(&self, world: &World, offer: &Offer) -> EnrolResponse {
        let (_, text) = offer.link.split_once('#').unwrap();
        let offer: OfferClaims = jws::parse(text).unwrap().claims_before_verifying().unwrap();
        EnrolResponse {
            aud: ORIGIN.parse().unwrap(),
            jti: offer.jti,
            nonce: offer.nonce,
            dev: Dev {
                device_jwk: Jwk(self.device.public()),
                approval_jwk: Jwk(self.approval.public()),
                name: "Tess' phone".parse().unwrap(),
                os: "android 15".parse().unwrap(),
                app: "klink 0.1.0".parse().unwrap(),
                hw: false,
            },
            push: PushAddress::None,
            att: None,
            iat: self.now(world).into(),
            exp: offer.exp,
        }
    }

    /// Signs an enrolment with both keys.
    pub(crate) fn enrol_body(&self, claims: &EnrolResponse) -> String {
        json::print(&EnrolBody {
            device: Unsigned::new(&self.device.public(), claims).sign(&self.device),
            approval: Unsigned::new(&self.approval.public(), claims).sign(&self.approval),
        })
    }

    pub(crate) async fn enrol(&mut self, world: &World, offer: &Offer) -> Reply {
        let body = self.enrol_body(&self.enrolment(world, offer));
        let reply = self.post_enrolment(world, body).await;
        if reply.status.is_success() {
            let enrolled = jws::parse::<Enrolled>(&reply.body).unwrap();
            self.credential = Some(enrolled.claims_before_verifying().unwrap().aud);
        }
        reply
    }

    pub(crate) async fn post_enrolment(&mut self, world: &World, body: String) -> Reply {
        self.proven(world, "POST", "/push/v1/enrol", None, body).await
    }

    /// Makes a call with a proof; repeats it once with the nonce that it was given.
    pub(crate) async fn proven(
        &mut self,
        world: &World,
        method: &str,
        path: &str,
        token: Option<String>,
        body: String,
    ) -> Reply {
        for attempt in 0.. {
            let url = format!("{ORIGIN}{path}");
            let call = Call { method, url: &url, token: token.as_deref() };
            let proof = dpop::prove(&self.dpop, &call, self.now(world), self.nonce.as_deref()).unwrap();
            let mut headers = vec![("dpop", proof)];
            headers.extend(token.iter().map(|token| ("authorization", format!("DPoP {token}"))));
            let reply = world.call(method, path, &headers, body.clone()).await;
            let nonce = reply.header("dpop-nonce");
            assert!(!nonce.is_empty(), "every answer has the next nonce");
            self.nonce = Some(nonce.to_owned());
            if attempt == 1 || !reply.body.contains("use_dpop_nonce") {
                return reply;
            }
        }
        unreachable!("the second attempt returns")
    }

    pub(crate) fn assertion(&self, world: &World) -> Assertion {
        let now = self.now(world);
        Assertion {
            iss: self.credential.unwrap(),
            sub: self.credential.unwrap(),
            aud: ORIGIN.parse().unwrap(),
            jti: Id::make().unwrap(),
            iat: now.into(),
            exp: now.plus_ms(60_000).into(),
        }
    }

    pub(crate) async fn post_assertion(&mut self, world: &World, claims: &Assertion) -> Reply {
        let client_assertion = Unsigned::new(&self.device.public(), claims).sign(&self.device);
        self.post_form(world, TokenForm { client_assertion }.print()).await
    }

    pub(crate) async fn post_form(&mut self, world: &World, form: String) -> Reply {
        self.proven(world, "POST", "/push/v1/token", None, form).await
    }

    /// Makes a call with a token, and gets one first when there is none.
    pub(crate) async fn call(&mut self, world: &World, method: &str, path: &str, body: String) -> Reply {
        if self.token.is_none() {
            let claims = self.assertion(world);
            let reply = self.post_assertion(world, &claims).await;
            assert_eq!(reply.status, 200, "{}", reply.body);
            let reply: TokenReply = serde_json::from_str(&reply.body).unwrap();
            self.token = Some(reply.access_token);
        }
        self.proven(world, method, path, self.token.clone(), body).await
    }

    pub(crate) async fn list(&mut self, world: &World) -> List {
        let reply = self.call(world, "GET", "/push/v1/requests", String::new()).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        serde_json::from_str(&reply.body).unwrap()
    }

    /// Returns a listed request as it was signed, and its claims.
    pub(crate) async fn listed(&mut self, world: &World, id: &str) -> (String, Request) {
        let list = self.list(world).await;
        let key = world.service.keys().current();
        list.requests
            .into_iter()
            .map(|text| {
                let claims = jws::parse::<Request>(&text).unwrap().verify(&key).unwrap();
                (text, claims)
            })
            .find(|(_, claims)| claims.jti.to_string() == id)
            .expect("it is listed")
    }

    /// Makes the claims of an answer to a listed request.
    pub(crate) async fn answer_to(&mut self, world: &World, id: &str, dec: Decision) -> Answer {
        let (text, _) = self.listed(world, id).await;
        let now = self.now(world);
        Answer {
            iss: self.credential.unwrap(),
            aud: ORIGIN.parse().unwrap(),
            jti: Id::make().unwrap(),
            req: id.parse().unwrap(),
            rdig: RequestDigest::of(&text),
            iat: now.into(),
            exp: now.plus_ms(30_000).into(),
            dec,
        }
    }

    pub(crate) fn sign(&self, answer: &Answer) -> String {
        let key = match answer.dec {
            Decision::Approve { .. } => &self.approval,
            Decision::Deny { .. } | Decision::Report { .. } => &self.device,
        };
        Unsigned::new(&key.public(), answer).sign(key)
    }

    pub(crate) async fn send(&mut self, world: &World, id: &str, body: String) -> Reply {
        self.call(world, "POST", &format!("/push/v1/requests/{id}/answer"), body).await
    }

    async fn answer(&mut self, world: &World, id: &str, dec: Decision) -> Reply {
        let answer = self.answer_to(world, id, dec).await;
        let body = self.sign(&answer);
        self.send(world, id, body).await
    }

    pub(crate) async fn approve(&mut self, world: &World, id: &str, number: &str) -> Reply {
        self.answer(world, id, typed(number)).await
    }

    pub(crate) async fn deny(&mut self, world: &World, id: &str) -> Reply {
        self.answer(world, id, Decision::Deny { why: DenyReason::Cancelled }).await
    }

    pub(crate) async fn report(&mut self, world: &World, id: &str, lock: bool) -> Reply {
        self.answer(world, id, Decision::Report { why: ReportReason::NotMe, lock }).await
    }

    pub(crate) async fn state(&mut self, world: &World, id: &str) -> wire::RequestState {
        let reply = self.call(world, "GET", &format!("/push/v1/requests/{id}"), String::new()).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        serde_json::from_str(&reply.body).unwrap()
    }
}

/// An approval with a typed number.
pub(crate) fn typed(number: &str) -> Decision {
    let matching = MatchValue { how: How::Type, value: number.to_owned() };
    Decision::Approve { matching, uv: Uv::Software }
}

/// Signs claims with a key that need not be the right one.
pub(crate) fn signed<C: Claims>(key: &PrivateKey, claims: &C) -> String {
    Unsigned::new(&key.public(), claims).sign(key)
}

/// Returns a number that is not this one.
pub(crate) fn other(number: &str) -> String {
    let last = if number.ends_with('0') { '1' } else { '0' };
    format!("{}{last}", &number[..number.len() - 1])
}
