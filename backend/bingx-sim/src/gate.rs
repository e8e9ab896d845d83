//! The gate: what every request must pass before anything acts on it, in this order.

use crate::fault::Mishap;
use crate::json::{Json, number, object, text};
use crate::limits::{Allowance, Verdict};
use crate::profile::{Era, Fault, Refusal, refusal};
use crate::request::{HostName, Incoming, Params};
use crate::routes::{Answer, Route, is_known, route};
use crate::venue::{Entry, Reply, Venue};

/// A request that has passed, or reads public data.
pub struct Passed<'a> {
    /// Which host.
    pub host: HostName,
    /// Whose; 0 for public data.
    pub uid: u64,
    /// Its parameters.
    pub params: &'a Params,
    /// Manners, decided once for this answer; never the messy ones.
    pub era: Era,
    /// A fault that changes how it is carried out.
    pub mishap: Option<&'a Mishap>,
}

impl Venue {
    /// Answers a request as if nothing went wrong on the way.
    pub(crate) fn answer(&mut self, request: &Incoming, mishap: Option<&Mishap>, entry: &mut Entry) -> Reply {
        let limits = self.profile.limits;
        match self.limits.address(request, limits, self.now_ms) {
            Verdict::Banned(until) => return limited(entry, 418, until),
            Verdict::Address(until) => return limited(entry, 429, until),
            Verdict::Free | Verdict::Account => {}
        }
        let allowance = self.limits.allowance(request, limits);
        Reply { allowance, ..self.answer_counted(request, mishap, entry) }
    }

    fn answer_counted(&mut self, request: &Incoming, mishap: Option<&Mishap>, entry: &mut Entry) -> Reply {
        let limits = self.profile.limits;
        let Some(wanted) = route(&request.method, &request.path) else {
            let (status, body) = if is_known(&request.path) {
                (405, "405 method not allowed")
            } else {
                (404, "404 page not found")
            };
            entry.status = status;
            return Reply { status, body: body.to_owned(), allowance: None };
        };
        let params = Params::of(request);
        entry.client_id = params
            .get("clientOrderId")
            .or_else(|| params.get("clientOrderID"))
            .map(str::to_ascii_lowercase)
            .unwrap_or_default();
        let era = self.profile.era.of_one_answer(&mut self.chance);
        let result = self.identify(request, &params, wanted).and_then(|uid| {
            if uid != 0 && self.limits.account(uid, request, limits, self.now_ms) == Verdict::Account {
                return Err(Shape::Business(refusal(
                    100_410,
                    "The current system is busy, please try again later",
                )));
            }
            let passed = Passed { host: request.host, uid, params: &params, era, mishap };
            self.perform(wanted, &passed).map_err(|fault| Shape::Business(fault.at(era)))
        });
        entry.status = 200;
        match result {
            Ok(answer) => self.wrap(answer, entry),
            Err(Shape::Gateway(refusal)) => {
                entry.code = refusal.code;
                let body = object([
                    ("code", number(refusal.code)),
                    ("msg", text(refusal.text)),
                    ("success", Json::Bool(false)),
                    ("timestamp", number(self.now_ms)),
                ]);
                Reply::ok(body.to_string())
            }
            Err(Shape::Business(refusal)) => self.refuse(refusal, entry),
        }
    }

    /// Key, address, signature, time, permission. 0 where nobody needs to be anybody.
    fn identify(&self, request: &Incoming, params: &Params, wanted: Route) -> Result<u64, Shape> {
        let gateway = |code, words: &str| Err(Shape::Gateway(refusal(code, words)));
        let Some(permission) = wanted.permission() else { return Ok(0) };
        let account =
            request.key.as_ref().and_then(|key| self.uid_of(key)).and_then(|uid| self.accounts.get(&uid));
        let Some(account) = account.filter(|account| !account.is_disabled) else {
            return gateway(100_413, "Incorrect apiKey");
        };
        if !account.ips.is_empty() && !account.ips.contains(&request.ip) {
            return gateway(100_419, "IP does not match IP whitelist");
        }
        if wanted == Route::ListenKey && params.signature().is_none() {
            // The header was enough for this one.
            return Ok(account.uid);
        }
        if params.signature().is_none() {
            return gateway(100_412, "Null signature");
        }
        let stamp: Option<i64> = params.get("timestamp").and_then(|text| text.parse().ok());
        let window = params.get("recvWindow").and_then(|text| text.parse().ok()).filter(|window| *window > 0);
        let longest = self.profile.window_ms;
        let window = window.unwrap_or(longest).min(longest);
        // Ahead of the server is refused as well; nothing is documented.
        if stamp.is_none_or(|stamp| (self.now_ms - stamp).abs() > window) {
            if self.profile.clock_as_109400 {
                return Err(Shape::Business(refusal(109_400, "timestamp is invalid")));
            }
            return gateway(100_421, "Null timestamp or timestamp mismatch");
        }
        if !params.is_signed_with(&account.secret) {
            return gateway(100_001, "Signature verification failed due to signature mismatch");
        }
        if permission != 0 && !account.permissions.contains(&permission) {
            return gateway(100_004, "Permission denied as the API key was created without the permission");
        }
        Ok(account.uid)
    }

    fn wrap(&mut self, answer: Answer, entry: &mut Entry) -> Reply {
        let is_messy = self.profile.era == Era::Messy;
        match answer {
            Answer::Bare(body) => Reply::ok(body.to_string()),
            Answer::Empty => Reply::ok(String::new()),
            Answer::Status(status) => {
                entry.status = status;
                Reply { status, body: String::new(), allowance: None }
            }
            Answer::Data(data) => {
                let code = if is_messy && self.chance.permille(500) { text("0") } else { number(0) };
                let mut body = object([("code", code), ("msg", text(""))]);
                if is_messy {
                    body.push("debugMsg", text(""));
                    body.push("timestamp", number(self.now_ms));
                    body.push("somethingNew", object([("deep", Json::List(vec![number("1e3")]))]));
                }
                body.push("data", data);
                Reply::ok(body.to_string())
            }
        }
    }

    fn refuse(&mut self, refusal: Refusal, entry: &mut Entry) -> Reply {
        entry.code = refusal.code;
        let is_messy = self.profile.era == Era::Messy;
        let code =
            if is_messy && self.chance.permille(300) { text(refusal.code) } else { number(refusal.code) };
        let mut body = object([("code", code), ("msg", text(refusal.text))]);
        if !(is_messy && self.chance.permille(500)) {
            body.push("data", object([]));
        }
        Reply::ok(body.to_string())
    }
}

/// Who refuses: the gateway and the business behind it write differently.
enum Shape {
    Gateway(Refusal),
    Business(Refusal),
}

fn limited(entry: &mut Entry, status: u16, until: i64) -> Reply {
    entry.status = status;
    entry.code = 100_410;
    let body = object([
        ("code", number(100_410)),
        ("msg", text("code:100410:The endpoint trigger frequency limit rule")),
    ]);
    Reply { status, body: body.to_string(), allowance: Some(Allowance { remaining: 0, until_ms: until }) }
}

/// A refusal as an error of a route.
pub fn fault(code: i64, words: &str) -> Fault {
    refusal(code, words).into()
}
