//! One mail: plain, and as simple HTML.

use std::fmt::Write as _;

use flotilla_domain::mail::MailKind;
use flotilla_store::alert_mails::Unread;
use flotilla_store::outbox::Reader;
use secrecy::{ExposeSecret as _, SecretString};

use super::alert_words;
use super::words::{self, Words};

/// A mail as its reader gets it.
pub(super) struct Letter {
    pub kind: MailKind,
    pub address: String,
    pub subject: String,
    language: &'static str,
    greeting: String,
    before: String,
    items: Vec<String>,
    link: Option<(SecretString, &'static str)>,
    after: &'static str,
    /// Where it is said which mails come.
    settings: Option<(String, &'static str)>,
    footer: String,
}

impl Letter {
    /// Writes a mail in the reader's language. `token` stands behind the `#` of
    /// the link, so that no server, proxy or page elsewhere gets to see it.
    pub(super) fn write(
        kind: MailKind,
        reader: &Reader,
        address: String,
        public_url: &str,
        token: &SecretString,
    ) -> Self {
        let words = words::of(kind, reader.language, reader.is_verified);
        let Words { subject, before, button, after, .. } = words;
        let link = page(kind).map(|page| {
            let link = format!("{public_url}/{page}#{}", token.expose_secret());
            (SecretString::from(link), button)
        });
        Self {
            kind,
            subject: subject.to_owned(),
            language: reader.language.as_str(),
            greeting: words.greeting.replace("{name}", &reader.name),
            before: before.replace("{email}", &reader.email),
            items: Vec::new(),
            link,
            after,
            settings: None,
            footer: words.footer.replace("{site}", public_url),
            address,
        }
    }

    /// Writes a mail that names alerts. Its links hold nothing that is secret: whoever follows them signs in.
    pub(super) fn of_alerts(reader: &Reader, unread: &Unread, public_url: &str) -> Self {
        let language = reader.language;
        let words = words::of(MailKind::Alerts, language, reader.is_verified);
        let mut items: Vec<String> =
            unread.alerts.iter().map(|alert| alert_words::sentence(alert, language)).collect();
        let subject = match items.as_slice() {
            [only] if unread.total == 1 => only.clone(),
            _ => words.subject.to_owned(),
        };
        let more = unread.total.saturating_sub(i64::try_from(items.len()).unwrap_or(i64::MAX));
        if more > 0 {
            items.push(alert_words::more(more, language));
        }
        Self {
            kind: MailKind::Alerts,
            address: reader.email.clone(),
            subject,
            language: language.as_str(),
            greeting: words.greeting.replace("{name}", &reader.name),
            before: words.before.to_owned(),
            items,
            link: Some((format!("{public_url}/alerts").into(), words.button)),
            after: words.after,
            settings: Some((format!("{public_url}/settings"), alert_words::settings(language))),
            footer: words.footer.replace("{site}", public_url),
        }
    }

    /// For programs that show text alone.
    pub(super) fn plain(&self) -> String {
        let mut text = format!("{}\n\n{}\n\n", self.greeting, self.before);
        for item in &self.items {
            let _ = writeln!(text, "* {item}");
        }
        if !self.items.is_empty() {
            text.push('\n');
        }
        if let Some((link, button)) = &self.link {
            // Writing to a text does not fail.
            let _ = write!(text, "{button}:\n{}\n\n", link.expose_secret());
        }
        let _ = write!(text, "{}\n\n", self.after);
        if let Some((link, words)) = &self.settings {
            let _ = write!(text, "{words}:\n{link}\n\n");
        }
        let _ = writeln!(text, "-- \n{}", self.footer);
        text
    }

    /// For the others: no pictures, nothing that is fetched.
    pub(super) fn html(&self) -> String {
        let [greeting, before, after, footer] =
            [&self.greeting, &self.before, self.after, &self.footer].map(escaped);
        let link = self.link.as_ref().map_or_else(String::new, |(link, button)| {
            let link = escaped(link.expose_secret());
            format!(
                "<p><a href=\"{link}\" style=\"display:inline-block;padding:10px 16px;border-radius:6px;\
                 background:#1d4ed8;color:#ffffff;text-decoration:none\">{}</a></p>\
                 <p style=\"color:#52525b;font-size:13px;word-break:break-all\">{link}</p>",
                escaped(button)
            )
        });
        let items = listed(&self.items);
        let settings = self.settings.as_ref().map_or_else(String::new, |(link, words)| {
            format!("<p><a href=\"{}\">{}</a></p>", escaped(link), escaped(words))
        });
        format!(
            "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
             <body style=\"margin:0;padding:24px;font-family:sans-serif;font-size:15px;line-height:1.6;color:#18181b\">\
             <div style=\"max-width:520px\"><p>{greeting}</p><p>{before}</p>{items}{link}<p>{after}</p>{settings}\
             <p style=\"color:#52525b;font-size:13px\">{footer}</p></div></body></html>",
            self.language,
            escaped(&self.subject),
        )
    }
}

fn listed(items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let mut list = "<ul>".to_owned();
    for item in items {
        let _ = write!(list, "<li>{}</li>", escaped(item));
    }
    list.push_str("</ul>");
    list
}

const fn page(kind: MailKind) -> Option<&'static str> {
    match kind {
        MailKind::VerifyEmail | MailKind::ConfirmEmail => Some("verify"),
        MailKind::ResetPassword => Some("reset"),
        MailKind::EmailChangeAsked
        | MailKind::EmailChanged
        | MailKind::PasswordChanged
        | MailKind::Alerts => None,
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use flotilla_domain::alert::AlertKind;
    use flotilla_domain::id::UserId;
    use flotilla_domain::user::Language;
    use flotilla_store::alert_mails::MailedAlert;
    use uuid::Uuid;

    use super::*;

    fn reader(name: &str, language: Language) -> Reader {
        let user = UserId::from_uuid(Uuid::nil());
        Reader {
            user,
            name: name.to_owned(),
            email: "ada@example.test".to_owned(),
            is_verified: true,
            language,
        }
    }

    #[test]
    fn every_mail_is_written_in_both_languages_and_links_only_where_there_is_something_to_do() {
        for kind in MailKind::ALL {
            let mut texts = Vec::new();
            for language in Language::ALL {
                let reader = reader("Ada", *language);
                let letter = Letter::write(
                    *kind,
                    &reader,
                    "x@example.test".to_owned(),
                    "https://fleet.test",
                    &"tok".into(),
                );
                let (plain, html) = (letter.plain(), letter.html());
                for text in [&plain, &html] {
                    let is_to_anybody = matches!(
                        kind,
                        MailKind::VerifyEmail | MailKind::ConfirmEmail | MailKind::EmailChanged
                    );
                    assert_eq!(text.contains("Ada"), !is_to_anybody, "{kind}: {text}");
                    assert!(!(is_to_anybody && text.contains("ada@example.test")), "{kind}: {text}");
                    assert!(text.contains("https://fleet.test"), "{text}");
                    assert!(!text.contains('{') && !text.contains('}'), "{text}");
                    assert_eq!(text.contains("#tok"), kind.link_lives_s().is_some(), "{kind}: {text}");
                }
                texts.push((letter.subject, plain));
            }
            assert_ne!(texts[0], texts[1], "{kind} speaks one language only");
        }
    }

    #[test]
    fn alerts_are_named_in_both_languages_and_the_others_are_counted() {
        let alert = |kind: &AlertKind| MailedAlert {
            kind: *kind,
            detail: serde_json::json!({ "is_partner": true }),
            account: Some("Gold <b>{email}\r\n".to_owned()),
            is_over: true,
        };
        let alerts: Vec<_> = AlertKind::ALL.iter().map(alert).collect();
        let total = i64::try_from(alerts.len()).expect("a few") + 3;
        let unread = Unread { alerts, total };
        for (language, more) in [(Language::English, "and 3 more"), (Language::Thai, "และอีก 3 เรื่อง")]
        {
            let letter = Letter::of_alerts(&reader("Ada", language), &unread, "https://fleet.test");
            let (plain, html) = (letter.plain(), letter.html());
            assert!(plain.contains("\nhttps://fleet.test/alerts\n"), "{plain}");
            assert!(plain.contains("\nhttps://fleet.test/settings\n") && plain.contains(more), "{plain}");
            assert!(plain.contains("Gold <b>{email}") && !plain.contains("{name}") && !plain.contains('\r'));
            assert!(!html.contains("<b>") && html.contains("Gold &lt;b&gt;"), "{html}");
        }
    }

    #[test]
    fn n66_to_an_address_that_was_never_proven_goes_no_word_of_its_user() {
        for kind in MailKind::ALL {
            for language in Language::ALL {
                let reader = Reader { is_verified: false, ..reader("Win at evil.test", *language) };
                let letter = Letter::write(
                    *kind,
                    &reader,
                    "x@example.test".to_owned(),
                    "https://fleet.test",
                    &"tok".into(),
                );
                assert!(!letter.plain().contains("evil") && !letter.html().contains("evil"), "{kind}");
            }
        }
    }

    #[test]
    fn n66_a_name_is_text_in_a_mail() {
        let name = "<img src=x onerror=alert(1)>\"'&";
        let reader = reader(name, Language::English);

        let letter = Letter::write(
            MailKind::ResetPassword,
            &reader,
            "ada@example.test".to_owned(),
            "https://fleet.test",
            &"tok".into(),
        );

        assert!(letter.plain().contains(name));
        assert!(!letter.html().contains("<img") && letter.html().contains("&lt;img"));
    }
}
