//! Alerts in one sentence each, as the screens head them.

use flotilla_domain::alert::AlertKind;
use flotilla_domain::user::Language;
use flotilla_store::alert_mails::MailedAlert;

/// Signs of a name that a mail repeats.
const MAX_NAME: usize = 100;

/// What happened, with the name of the account.
pub(super) fn sentence(alert: &MailedAlert, language: Language) -> String {
    let named = |name: &str| alert.detail.get(name).and_then(serde_json::Value::as_str);
    let is_partner = alert.detail.get("is_partner").and_then(serde_json::Value::as_bool) == Some(true);
    let (form, an_account, over) = match language {
        Language::English => (english(alert.kind, is_partner), "An account", " (over by itself)"),
        Language::Thai => (thai(alert.kind, is_partner), "บัญชีหนึ่ง", " (จบไปเองแล้ว)"),
    };
    let account = named("account").or(alert.account.as_deref()).unwrap_or(an_account);
    let name = if alert.kind == AlertKind::GuardTripped { named("name").unwrap_or("–") } else { account };
    // Names are put in last, so nothing in them is taken for a place of one.
    let mut sentence = form.replace("{name}", &plain(name));
    if alert.is_over {
        sentence.push_str(over);
    }
    sentence
}

/// How many are not named.
pub(super) fn more(count: i64, language: Language) -> String {
    match language {
        Language::English => format!("and {count} more"),
        Language::Thai => format!("และอีก {count} เรื่อง"),
    }
}

/// Of the link to where it is said which mails come.
pub(super) const fn settings(language: Language) -> &'static str {
    match language {
        Language::English => "Choose which alerts are mailed to you",
        Language::Thai => "เลือกเรื่องที่จะส่งถึงคุณทางอีเมล",
    }
}

/// A name fits into one line, and into a subject.
fn plain(name: &str) -> String {
    name.chars().filter(|sign| !sign.is_control()).take(MAX_NAME).collect()
}

const fn english(kind: AlertKind, is_partner: bool) -> &'static str {
    match kind {
        AlertKind::FollowerOffline => "{name} is not connected",
        AlertKind::MasterOffline => "{name} has gone silent",
        AlertKind::Attention => "A copy in {name} needs your decision",
        AlertKind::OpenRefused => "{name} refused a copy",
        AlertKind::StopOut if is_partner => "{name}: the other side of a pair was stopped out",
        AlertKind::StopOut => "{name}: the broker closed a position",
        AlertKind::KeyFlapping => "Two terminals use the key of {name}",
        AlertKind::NewDevice => "Sign-in from a new device",
        AlertKind::RefreshReuse => "A session was used in two places",
        AlertKind::MissedOpen => "A trade of {name} was not copied",
        AlertKind::MissedExit => "The master of {name} may have closed a trade unseen",
        AlertKind::ExitUnseen => "{name}: a trade was over without a signal",
        AlertKind::CloseOverdue => "{name} does not close a copy",
        AlertKind::LineLost => "What {name} reported could not be stored",
        AlertKind::UnusualVolume => "{name} traded far more than usual",
        AlertKind::TicketReopened => "{name}: what was closed was reported open again",
        AlertKind::NettingSuspected => "{name} looks like a netting account",
        AlertKind::Unconfirmed => "It is not known whether a copy was opened in {name}",
        AlertKind::OrphanPosition => "{name} has a position that belongs to no copy",
        AlertKind::TradeUnhedged => "{name} has a trade that stands alone",
        AlertKind::KeyAddressChanged => "The key of {name} is used from a new address",
        AlertKind::LinesRefused => "Lines from {name} are refused",
        AlertKind::RiskCaution => "{name} is in caution",
        AlertKind::RiskStale => "The figures of {name} are too old",
        AlertKind::RiskCritical => "{name} is close to a limit",
        AlertKind::RiskViolated => "{name} crossed a limit",
        AlertKind::GuardTripped => "The guard of {name} acted",
        AlertKind::GuardBlind => "The guard knows too little of {name}",
        AlertKind::ExchangeKeyFailed => "The exchange key of {name} does not work",
        AlertKind::ProtectionFailing => "Closes in {name} do not get through",
        AlertKind::ExchangeClockOff => "The clocks of this server and of the exchange differ",
        AlertKind::KeysRestored => "The server was restored from a backup: check the keys of your terminals",
    }
}

const fn thai(kind: AlertKind, is_partner: bool) -> &'static str {
    match kind {
        AlertKind::FollowerOffline => "{name} ไม่ได้เชื่อมต่อ",
        AlertKind::MasterOffline => "{name} เงียบหายไป",
        AlertKind::Attention => "มีรายการคัดลอกใน {name} ที่ต้องให้คุณตัดสินใจ",
        AlertKind::OpenRefused => "{name} ปฏิเสธคำสั่งคัดลอก",
        AlertKind::StopOut if is_partner => "{name}: อีกฝั่งของคู่ถูก Stop Out",
        AlertKind::StopOut => "{name}: โบรกเกอร์ปิดสถานะ",
        AlertKind::KeyFlapping => "มีเทอร์มินัลสองเครื่องใช้คีย์ของ {name}",
        AlertKind::NewDevice => "มีการเข้าสู่ระบบจากอุปกรณ์ใหม่",
        AlertKind::RefreshReuse => "เซสชันหนึ่งถูกใช้จากสองที่",
        AlertKind::MissedOpen => "ออเดอร์หนึ่งของ {name} ไม่ได้ถูกคัดลอก",
        AlertKind::MissedExit => "มาสเตอร์ของ {name} อาจปิดออเดอร์ไปแล้วโดยระบบไม่เห็น",
        AlertKind::ExitUnseen => "{name}: ออเดอร์จบไปโดยไม่มีสัญญาณปิด",
        AlertKind::CloseOverdue => "{name} ยังไม่ปิดรายการคัดลอก",
        AlertKind::LineLost => "บันทึกสิ่งที่ {name} รายงานไม่ได้",
        AlertKind::UnusualVolume => "{name} เทรดขนาดใหญ่กว่าปกติมาก",
        AlertKind::TicketReopened => "{name}: สิ่งที่ปิดไปแล้วถูกรายงานว่าเปิดอยู่อีก",
        AlertKind::NettingSuspected => "{name} น่าจะเป็นบัญชีแบบ netting",
        AlertKind::Unconfirmed => "ยังไม่ทราบว่ารายการคัดลอกใน {name} เปิดแล้วหรือไม่",
        AlertKind::OrphanPosition => "{name} มีสถานะที่ไม่ตรงกับรายการคัดลอกใด",
        AlertKind::TradeUnhedged => "{name} มีออเดอร์ที่ไม่มีอีกฝั่งถือคู่",
        AlertKind::KeyAddressChanged => "คีย์ของ {name} ถูกใช้จากที่อยู่ใหม่",
        AlertKind::LinesRefused => "ระบบไม่รับข้อความบางส่วนจาก {name}",
        AlertKind::RiskCaution => "{name} อยู่ในระดับควรระวัง",
        AlertKind::RiskStale => "ตัวเลขของ {name} เก่าเกินไป",
        AlertKind::RiskCritical => "{name} ใกล้ถึงเส้นที่ห้ามข้ามแล้ว",
        AlertKind::RiskViolated => "{name} ข้ามเส้นที่กำหนดแล้ว",
        AlertKind::GuardTripped => "ระบบป้องกันความเสี่ยงของ {name} ทำงานแล้ว",
        AlertKind::GuardBlind => "ระบบป้องกันความเสี่ยงประเมิน {name} ไม่ได้",
        AlertKind::ExchangeKeyFailed => "คีย์ของกระดานเทรดในบัญชี {name} ใช้งานไม่ได้",
        AlertKind::ProtectionFailing => "คำสั่งปิดในบัญชี {name} ไม่สำเร็จ",
        AlertKind::ExchangeClockOff => "นาฬิกาของเซิร์ฟเวอร์นี้กับของกระดานเทรดไม่ตรงกัน",
        AlertKind::KeysRestored => "เซิร์ฟเวอร์ถูกกู้คืนจากข้อมูลสำรอง โปรดตรวจคีย์ของเทอร์มินัล",
    }
}
