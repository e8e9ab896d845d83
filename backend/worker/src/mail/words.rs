//! What mails say, in both languages.

use flotilla_domain::mail::MailKind;
use flotilla_domain::user::Language;

/// The texts of one mail. `{name}`, `{email}` and `{site}` are filled in.
pub(super) struct Words {
    pub subject: &'static str,
    pub greeting: &'static str,
    pub before: &'static str,
    /// Of the link, where there is one.
    pub button: &'static str,
    pub after: &'static str,
    pub footer: &'static str,
}

/// `is_proven`: whether it was proven that the address is the user's.
pub(super) fn of(kind: MailKind, language: Language, is_proven: bool) -> Words {
    let (words, to_anybody) = match language {
        Language::English => (english(kind), "Hello,"),
        Language::Thai => (thai(kind), "สวัสดี"),
    };
    // These go to whomever the user names, and so does everything that goes to an address he never proved: with
    // anything in them that he wrote, they would say what he likes in the name of whoever runs the server. Whether
    // the address that was given up had been proven is not known any more.
    let is_to_anybody = match kind {
        MailKind::VerifyEmail | MailKind::ConfirmEmail | MailKind::EmailChanged => true,
        MailKind::EmailChangeAsked
        | MailKind::ResetPassword
        | MailKind::PasswordChanged
        | MailKind::Alerts => !is_proven,
    };
    if is_to_anybody {
        return Words { greeting: to_anybody, ..words };
    }
    words
}

fn english(kind: MailKind) -> Words {
    let greeting = "Hello {name},";
    let footer = "Sent by Flotilla at {site}. Nobody reads answers to this address.";
    let words = |subject, before, button, after| Words { subject, greeting, before, button, after, footer };
    match kind {
        MailKind::VerifyEmail => words(
            "Confirm your e-mail address",
            "welcome to Flotilla. Please confirm that mail to this address reaches you: it is the way back in if you forget your password.",
            "Confirm this address",
            "The link works once, for 24 hours. If you did not sign up, ignore this mail.",
        ),
        MailKind::ConfirmEmail => words(
            "Confirm your new e-mail address",
            "you asked to sign in with this address from now on. Nothing changes until you confirm it.",
            "Confirm the new address",
            "The link works once, for one hour. If you did not ask for this, ignore this mail.",
        ),
        MailKind::EmailChangeAsked => words(
            "A new e-mail address was asked for",
            "you asked to sign in with another address instead of {email}. Nothing changes until the link that was sent to that address is used.",
            "",
            "If you did not do this, somebody knows your password: set a new one at once. That link leads nowhere then.",
        ),
        MailKind::ResetPassword => words(
            "Set a new password",
            "somebody, probably you, asked for a new password for {email}.",
            "Set a new password",
            "The link works once, for 30 minutes. A new password signs out all devices and ends your keys for programs and share links. If you did not ask for this, ignore this mail: your password stays as it is.",
        ),
        MailKind::EmailChanged => words(
            "Your e-mail address was changed",
            "from now on you sign in with another address; this one is not used any more.",
            "",
            "If you did not do this, tell whoever runs this server at once: somebody else may be signed in as you.",
        ),
        MailKind::PasswordChanged => words(
            "Your password was changed",
            "the password of {email} was changed just now. Other devices were signed out, and keys for programs and share links were ended.",
            "",
            "If you did not do this, set a new password at once with \u{201c}Forgot your password?\u{201d} on the sign-in page.",
        ),
        MailKind::Alerts => words(
            "Alerts from your accounts",
            "this happened, and you have not read it yet:",
            "Open the alerts",
            "What each means and what to do about it is said there. For a while after this mail, new alerts wait for the next one.",
        ),
    }
}

fn thai(kind: MailKind) -> Words {
    let greeting = "สวัสดีคุณ {name}";
    let footer = "อีเมลนี้ส่งจาก Flotilla ที่ {site} โปรดอย่าตอบกลับ";
    let words = |subject, before, button, after| Words { subject, greeting, before, button, after, footer };
    match kind {
        MailKind::VerifyEmail => words(
            "ยืนยันอีเมลของคุณ",
            "ยินดีต้อนรับสู่ Flotilla โปรดยืนยันว่าคุณได้รับอีเมลที่ที่อยู่นี้ เพราะหากลืมรหัสผ่าน คุณจะกลับเข้าใช้งานได้ทางอีเมลนี้",
            "ยืนยันอีเมลนี้",
            "ลิงก์ใช้ได้ครั้งเดียวภายใน 24 ชั่วโมง หากคุณไม่ได้สมัครใช้งาน ไม่ต้องทำอะไรกับอีเมลนี้",
        ),
        MailKind::ConfirmEmail => words(
            "ยืนยันอีเมลใหม่ของคุณ",
            "คุณขอใช้อีเมลนี้เข้าสู่ระบบนับจากนี้ไป จะยังไม่มีอะไรเปลี่ยนจนกว่าคุณจะยืนยัน",
            "ยืนยันอีเมลใหม่",
            "ลิงก์ใช้ได้ครั้งเดียวภายในหนึ่งชั่วโมง หากคุณไม่ได้เป็นผู้ขอ ไม่ต้องทำอะไรกับอีเมลนี้",
        ),
        MailKind::EmailChangeAsked => words(
            "มีการขอเปลี่ยนอีเมลของคุณ",
            "คุณขอใช้อีเมลอื่นเข้าสู่ระบบแทน {email} จะยังไม่มีอะไรเปลี่ยนจนกว่าจะมีการเปิดลิงก์ที่ส่งไปยังอีเมลนั้น",
            "",
            "หากคุณไม่ได้เป็นผู้ขอ แสดงว่ามีคนรู้รหัสผ่านของคุณ โปรดตั้งรหัสผ่านใหม่ทันที แล้วลิงก์นั้นจะใช้ไม่ได้อีก",
        ),
        MailKind::ResetPassword => words(
            "ตั้งรหัสผ่านใหม่",
            "มีผู้ขอตั้งรหัสผ่านใหม่สำหรับ {email} ซึ่งน่าจะเป็นคุณ",
            "ตั้งรหัสผ่านใหม่",
            "ลิงก์ใช้ได้ครั้งเดียวภายใน 30 นาที เมื่อตั้งรหัสผ่านใหม่ ทุกอุปกรณ์จะออกจากระบบ และคีย์สำหรับโปรแกรมกับลิงก์แชร์จะถูกยกเลิก หากคุณไม่ได้เป็นผู้ขอ ไม่ต้องทำอะไร รหัสผ่านจะยังเหมือนเดิม",
        ),
        MailKind::EmailChanged => words(
            "อีเมลของคุณถูกเปลี่ยนแล้ว",
            "จากนี้ไปให้เข้าสู่ระบบด้วยที่อยู่ใหม่ ที่อยู่นี้จะไม่ถูกใช้อีก",
            "",
            "หากคุณไม่ได้เป็นผู้เปลี่ยน โปรดแจ้งผู้ดูแลเซิร์ฟเวอร์ทันที เพราะอาจมีคนอื่นเข้าใช้งานแทนคุณ",
        ),
        MailKind::PasswordChanged => words(
            "รหัสผ่านของคุณถูกเปลี่ยนแล้ว",
            "รหัสผ่านของ {email} เพิ่งถูกเปลี่ยน อุปกรณ์อื่นออกจากระบบแล้ว และคีย์สำหรับโปรแกรมกับลิงก์แชร์ถูกยกเลิกแล้ว",
            "",
            "หากคุณไม่ได้เป็นผู้เปลี่ยน ให้ตั้งรหัสผ่านใหม่ทันทีที่ \u{201c}ลืมรหัสผ่าน?\u{201d} ในหน้าเข้าสู่ระบบ",
        ),
        MailKind::Alerts => words(
            "การแจ้งเตือนจากบัญชีของคุณ",
            "เกิดเรื่องต่อไปนี้ และคุณยังไม่ได้อ่าน",
            "เปิดการแจ้งเตือน",
            "ความหมายของแต่ละเรื่องและสิ่งที่ควรทำอยู่ในหน้านั้น หลังอีเมลนี้สักพัก เรื่องใหม่จะรอไปกับอีเมลฉบับถัดไป",
        ),
    }
}
