//! A browser without scripts: it keeps cookies, follows the redirects of forms, and sends the forms it was shown.

use crate::ask::{Answer, Ask};
use crate::house::{House, PASSWORD};

/// A browser of one person.
pub struct Browser<'a> {
    house: &'a House,
    cookies: Vec<(String, String)>,
    language: &'static str,
}

/// A page as it came.
pub struct Shown {
    pub status: u16,
    pub path: String,
    pub html: String,
    pub answer: Answer,
}

impl<'a> Browser<'a> {
    pub fn new(house: &'a House) -> Browser<'a> {
        Browser { house, cookies: Vec::new(), language: "ko" }
    }

    pub fn speaking(house: &'a House, language: &'static str) -> Browser<'a> {
        Browser { language, ..Browser::new(house) }
    }

    /// A browser of a new member.
    pub async fn of_member(house: &'a House, username: &str) -> Browser<'a> {
        let mut browser = Browser::new(house);
        let fields = [("username", username), ("password", PASSWORD), ("nickname", username)];
        let shown = browser.send("/sign-up", &fields).await;
        assert_eq!((shown.status, shown.path.as_str()), (200, "/"), "{}", shown.html);
        browser
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Opens a page, wherever that leads.
    pub async fn open(&mut self, path: &str) -> Shown {
        let mut path = path.to_owned();
        for _ in 0..5 {
            let answer = self.once("GET", &path, "").await;
            if !matches!(answer.status, 302 | 303) {
                return Shown { status: answer.status, path, html: answer.text.clone(), answer };
            }
            answer.header("location").clone_into(&mut path);
        }
        panic!("{path} leads nowhere");
    }

    /// Sends a form, and opens where it leads.
    pub async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let answer = self.post(path, fields).await;
        if answer.status == 303 {
            let next = answer.header("location").to_owned();
            return self.open(next.split('#').next().unwrap()).await;
        }
        Shown { status: answer.status, path: path.to_owned(), html: answer.text.clone(), answer }
    }

    /// Sends a form and nothing more.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        self.once("POST", path, &pairs.join("&")).await
    }

    /// One request and nothing more.
    pub async fn once(&mut self, method: &'static str, path: &str, body: &str) -> Answer {
        let mut ask: Ask = self.house.ask(method, path);
        ask = ask.header("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        ask = ask.header("accept-language", self.language);
        if !self.cookies.is_empty() {
            let pairs: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            ask = ask.header("cookie", &pairs.join("; "));
        }
        if method == "POST" {
            let origin = format!("http://{}", self.house.address);
            ask = ask.header("content-type", "application/x-www-form-urlencoded").header("origin", &origin);
        }
        let answer = ask.bytes(body).send().await;
        for line in answer.headers.get_all("set-cookie") {
            self.keep(line.to_str().unwrap());
        }
        answer
    }

    fn keep(&mut self, line: &str) {
        let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
        self.cookies.retain(|(own, _)| own != name);
        if !line.contains("Max-Age=0") {
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }
}

impl Shown {
    /// The value of a field of the page's form with that action.
    pub fn field(&self, action: &str, name: &str) -> String {
        let form = self.form(action);
        let tag =
            form.split(&format!("name=\"{name}\"")).nth(1).unwrap_or_else(|| panic!("no {name} in {form}"));
        let tag = tag.split('>').next().unwrap();
        tag.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    /// The form of the page with that action.
    pub fn form(&self, action: &str) -> &str {
        let from = self.html.split(&format!("action=\"{action}\"")).nth(1);
        let from = from.unwrap_or_else(|| panic!("no form {action} in {}", self.html));
        from.split("</form>").next().unwrap()
    }

    /// Whether the page says this.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Shown {
        let main =
            self.html.split("<main").nth(1).and_then(|rest| rest.split("</main>").next()).unwrap_or_default();
        assert!(self.html.contains(text), "{} does not say {text}: {main}", self.path);
        self
    }

    /// The state that the bid box says.
    pub fn box_state(&self) -> &str {
        self.html.split("data-bidbox data-state=\"").nth(1).unwrap().split('"').next().unwrap()
    }
}

/// As a form encodes it.
pub fn encoded(value: &str) -> String {
    value
        .bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}
