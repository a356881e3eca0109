//! A browser without a screen: cookies, forms as they stand on the page, redirects.

use axum::http::header;

use crate::world::{PASSWORD, Reply, World};

pub(crate) struct Browser<'a> {
    world: &'a World,
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) language: &'static str,
    /// Where the last page is.
    pub(crate) path: String,
    pub(crate) html: String,
    /// The status of the last answer that was no redirect.
    pub(crate) status: u16,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(world: &'a World) -> Self {
        Self { world, cookies: vec![], language: "en", path: String::new(), html: String::new(), status: 0 }
    }

    pub(crate) async fn get(&mut self, path: &str) -> &str {
        let reply = self.call("GET", path, String::new()).await;
        self.follow(path, reply).await
    }

    /// Sends the form of the last page that posts to `action`, with these fields added.
    pub(crate) async fn send(&mut self, action: &str, fields: &[(&str, &str)]) -> &str {
        let form = self
            .form(action)
            .unwrap_or_else(|| panic!("no form to {action} on {}: {}", self.path, self.html));
        let token =
            form.split("name=\"form\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.append_pair("form", &token).extend_pairs(fields);
        let reply = self.call("POST", action, body.finish()).await;
        self.follow(action, reply).await
    }

    pub(crate) async fn sign_in(&mut self) -> &str {
        self.get("/sign-in").await;
        self.send("/sign-in", &[("name", "tess"), ("password", PASSWORD)]).await
    }

    /// Returns the form of the last page that posts to `action`.
    pub(crate) fn form(&self, action: &str) -> Option<String> {
        let start = format!("<form method=\"post\" action=\"{action}\"");
        Some(self.html.split(&start).nth(1)?.split("</form>").next()?.to_owned())
    }

    /// Returns the text of the element with this id.
    pub(crate) fn text(&self, id: &str) -> String {
        let from = self
            .html
            .split(&format!("id=\"{id}\""))
            .nth(1)
            .unwrap_or_else(|| panic!("no {id}: {}", self.html));
        from.split_once('>').unwrap().1.split('<').next().unwrap().to_owned()
    }

    pub(crate) fn heading(&self) -> String {
        self.html.split("<h1>").nth(1).unwrap().split("</h1>").next().unwrap().to_owned()
    }

    pub(crate) async fn call(&mut self, method: &str, path: &str, body: String) -> Reply {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers = [
            ("cookie", cookies.join("; ")),
            ("accept-language", self.language.to_owned()),
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ];
        let reply = self.world.call(method, path, &headers, body).await;
        for line in reply.headers.get_all(header::SET_COOKIE) {
            let (name, value) = line.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        reply
    }

    async fn follow(&mut self, path: &str, mut reply: Reply) -> &str {
        path.clone_into(&mut self.path);
        for _ in 0..8 {
            if !reply.status.is_redirection() {
                break;
            }
            self.path = reply.header(header::LOCATION).to_owned();
            reply = self.call("GET", &self.path.clone(), String::new()).await;
        }
        (self.status, self.html) = (reply.status.as_u16(), reply.body);
        &self.html
    }
}
