//! Stops and targets of copies, against those that stand at the exchange.
//!
//! They are orders there, most of them without a name of ours. One that a copy is known to have is told by the
//! exchange's name, one that was placed anew by ours, one that shows the name of the order with which it came by that,
//! any other by its trigger and its size: two that are alike in these do the same, so it matters not which of them is
//! whose.

use flotilla_domain::copy::venue_order::ExitKind;
use flotilla_domain::id::CopyId;
use rust_decimal::Decimal;

/// What an exit is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Its copy holds something: it has to stand.
    Guards,
    /// Its copy is to be closed, and nothing of it is on its way: what stands stays, what does not is not placed.
    Fades,
    /// An order of its copy is on its way: nobody can say what it has to be.
    Leaves,
    /// Its copy holds nothing any more: it must not stand.
    Over,
}

/// An exit of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// What it is there for.
    pub purpose: Purpose,
    /// Stop or target.
    pub kind: ExitKind,
    /// Price that is to pull it; `None`: none is wanted.
    pub trigger: Option<Decimal>,
    /// Price at which it came with what opened its copy, if it did.
    pub came_at: Option<Decimal>,
    /// Price and coins with which it would be placed now: the contract may take fewer decimals than when its copy opened.
    pub fits: Option<(Decimal, Decimal)>,
    /// Coins that the copy holds.
    pub held: Decimal,
    /// Coins that it has opened.
    pub opened: Decimal,
    /// Coins that it was to open: what came with it may close as many.
    pub ordered: Decimal,
    /// The exchange's name, where it stood before.
    pub known: Option<String>,
    /// How our names of such orders of this copy begin.
    pub ours: String,
}

/// An exit that stands at the exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The exchange's name.
    pub id: String,
    /// Our name, where it has one.
    pub name: Option<String>,
    /// Stop or target.
    pub kind: ExitKind,
    /// Price that pulls it.
    pub trigger: Decimal,
    /// Coins that it closes; `None`: the exchange does not say.
    pub quantity: Option<Decimal>,
}

/// What is to be done about an exit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: this is it.
    Stands(String),
    /// This is cancelled: it is not wanted, or it would close what is not its copy's, or at another price.
    Cancel(String),
    /// One of this name stood and does not any more: what became of it is asked for.
    Gone(String),
    /// It is not there, and nothing is known of it: it is looked for among what is over, and placed where its copy is
    /// wanted.
    Missing,
    /// Nothing: there is none, and there need not be.
    Nothing,
}

/// An exit of our name that stands and is of none that were judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// The exchange's name.
    pub id: String,
    /// Stop or target.
    pub kind: ExitKind,
    /// The copy that its name tells.
    pub copy: CopyId,
}

/// What is to be done about the exits of a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// One for each exit, in their order.
    pub verdicts: Vec<Verdict>,
    /// Exits of our names that stand and are nobody's of these: where their copies are known, they are cancelled.
    pub strays: Vec<Stray>,
    /// Whether a stop stands that is of none of these and not of our names: the owner has placed it, as far as is known.
    pub has_foreign_stop: bool,
}

/// Judges exits of one position against all that stand for it.
#[must_use]
pub fn judged(exits: &[Exit], standing: &[Standing]) -> Judgement {
    let mut free: Vec<&Standing> = standing.iter().collect();
    let mut found: Vec<Option<&Standing>> = vec![None; exits.len()];
    // Known ones first, then those that have to stand: what is over gets what nobody else wants.
    let passes: [fn(&Exit, &Standing) -> bool; 6] =
        [is_known, is_named, came_with, is_needed, is_left, is_over];
    for pass in passes {
        for (exit, found) in exits.iter().zip(&mut found) {
            if found.is_none()
                && let Some(at) = free.iter().position(|one| pass(exit, one))
            {
                *found = Some(free.remove(at));
            }
        }
    }
    let (mut strays, mut has_foreign_stop) = (Vec::new(), false);
    for one in free {
        match one.name.as_deref().and_then(copy_of_exit) {
            Some(copy) => strays.push(Stray { id: one.id.clone(), kind: one.kind, copy }),
            None => has_foreign_stop |= one.kind == ExitKind::Stop,
        }
    }
    let verdicts = exits.iter().zip(found).map(|(exit, found)| verdict(exit, found)).collect();
    Judgement { verdicts, strays, has_foreign_stop }
}

/// Whether this order, which stands or stood, can be an exit of which nothing is known.
#[must_use]
pub fn may_be(exit: &Exit, one: &Standing) -> bool {
    let is_alike = |quantity| is_alike(exit, one, quantity);
    is_named(exit, one)
        || came_with(exit, one)
        || [exit.held, exit.opened, exit.ordered].map(is_alike).contains(&true)
        || exit.fits.is_some_and(|(_, coins)| is_alike(coins))
}

/// Whether this is our name of a stop or target that was placed by an order of its own.
#[must_use]
pub fn is_name_of_exit(name: &str) -> bool {
    copy_of_exit(name).is_some()
}

/// The copy whose stop or target this is our name of.
fn copy_of_exit(name: &str) -> Option<CopyId> {
    let (copy, leg) = name.strip_prefix('f')?.split_at_checked(32)?;
    let is_exit = copy.bytes().all(|byte| byte.is_ascii_hexdigit()) && leg.starts_with(['s', 't']);
    if is_exit { copy.parse().ok() } else { None }
}

fn is_known(exit: &Exit, one: &Standing) -> bool {
    exit.known.as_ref() == Some(&one.id)
}

fn is_named(exit: &Exit, one: &Standing) -> bool {
    one.name.as_deref().is_some_and(|name| name.starts_with(&exit.ours))
}

/// Whether it shows the name of the order that opened its copy.
fn came_with(exit: &Exit, one: &Standing) -> bool {
    let copy = exit.ours.strip_suffix(['s', 't']);
    let leg = one.name.as_deref().zip(copy).and_then(|(name, copy)| name.strip_prefix(copy));
    exit.known.is_none() && exit.kind == one.kind && leg.is_some_and(|leg| leg.starts_with('o'))
}

fn is_needed(exit: &Exit, one: &Standing) -> bool {
    let is_alike = |coins| is_alike(exit, one, coins);
    matches!(exit.purpose, Purpose::Guards | Purpose::Fades)
        && (is_alike(exit.held) || exit.fits.is_some_and(|(_, coins)| is_alike(coins)))
}

/// A part of its copy is gone, and it stands as it came.
fn is_left(exit: &Exit, one: &Standing) -> bool {
    matches!(exit.purpose, Purpose::Guards | Purpose::Fades) && is_as_it_came(exit, one)
}

fn is_over(exit: &Exit, one: &Standing) -> bool {
    exit.purpose == Purpose::Over && is_as_it_came(exit, one)
}

fn is_as_it_came(exit: &Exit, one: &Standing) -> bool {
    is_alike(exit, one, exit.opened) || is_alike(exit, one, exit.ordered)
}

/// Whether one without a name can be an exit of which nothing is known.
fn is_alike(exit: &Exit, one: &Standing, quantity: Decimal) -> bool {
    exit.known.is_none()
        && one.name.is_none()
        && exit.kind == one.kind
        && [exit.trigger, exit.came_at, exit.fits.map(|(price, _)| price)].contains(&Some(one.trigger))
        && one.quantity.is_none_or(|closes| closes == quantity)
}

fn verdict(exit: &Exit, found: Option<&Standing>) -> Verdict {
    match (exit.purpose, found) {
        (Purpose::Over, Some(one)) => Verdict::Cancel(one.id.clone()),
        (Purpose::Guards, Some(one)) if !does(exit, one) => Verdict::Cancel(one.id.clone()),
        (Purpose::Guards | Purpose::Fades | Purpose::Leaves, Some(one)) => Verdict::Stands(one.id.clone()),
        (Purpose::Leaves, None) => Verdict::Nothing,
        (Purpose::Guards | Purpose::Fades | Purpose::Over, None) => match (&exit.known, exit.purpose) {
            (Some(known), _) => Verdict::Gone(known.clone()),
            (None, Purpose::Guards | Purpose::Fades) if exit.trigger.is_some() => Verdict::Missing,
            (None, _) => Verdict::Nothing,
        },
    }
}

/// Whether what stands does what is wanted.
fn does(exit: &Exit, one: &Standing) -> bool {
    let is_so = |(price, coins): (Decimal, Decimal)| {
        price == one.trigger && one.quantity.is_none_or(|closes| closes == coins)
    };
    exit.trigger.is_some_and(|price| is_so((price, exit.held))) || exit.fits.is_some_and(is_so)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COPY: &str = "f00000000000000000000000000000000";

    fn exit(purpose: Purpose, held: i64, known: Option<&str>) -> Exit {
        Exit {
            purpose,
            kind: ExitKind::Stop,
            trigger: Some(Decimal::from(90)),
            came_at: Some(Decimal::from(90)),
            fits: None,
            held: Decimal::from(held),
            opened: Decimal::from(2),
            ordered: Decimal::from(3),
            known: known.map(str::to_owned),
            ours: format!("{COPY}s"),
        }
    }

    fn standing(id: &str, quantity: i64) -> Standing {
        Standing {
            id: id.to_owned(),
            name: None,
            kind: ExitKind::Stop,
            trigger: Decimal::from(90),
            quantity: Some(Decimal::from(quantity)),
        }
    }

    fn one(exit: Exit, standing: &[Standing]) -> Verdict {
        judged(&[exit], standing).verdicts.remove(0)
    }

    fn name(id: &str) -> String {
        id.to_owned()
    }

    #[test]
    fn an_exit_has_to_stand_as_long_as_its_copy_holds_something_and_no_longer() {
        let all = [standing("a", 2)];
        for known in [None, Some("a")] {
            assert_eq!(one(exit(Purpose::Guards, 2, known), &all), Verdict::Stands(name("a")));
            assert_eq!(one(exit(Purpose::Fades, 2, known), &all), Verdict::Stands(name("a")));
            assert_eq!(one(exit(Purpose::Over, 0, known), &all), Verdict::Cancel(name("a")));
        }
        for purpose in [Purpose::Guards, Purpose::Fades] {
            assert_eq!(one(exit(purpose, 2, None), &[]), Verdict::Missing);
        }
        for purpose in [Purpose::Leaves, Purpose::Over] {
            assert_eq!(one(exit(purpose, 0, None), &[]), Verdict::Nothing);
        }
        for purpose in [Purpose::Guards, Purpose::Fades, Purpose::Over] {
            assert_eq!(one(exit(purpose, 2, Some("b")), &[]), Verdict::Gone(name("b")));
        }
        assert_eq!(one(exit(Purpose::Leaves, 2, Some("b")), &[]), Verdict::Nothing);
    }

    #[test]
    fn one_that_closes_another_size_or_at_another_price_goes() {
        let all = [standing("a", 2)];
        assert_eq!(one(exit(Purpose::Guards, 1, Some("a")), &all), Verdict::Cancel(name("a")));
        assert_eq!(one(exit(Purpose::Guards, 1, None), &all), Verdict::Cancel(name("a")));
        let moved = Exit { trigger: Some(Decimal::from(91)), ..exit(Purpose::Guards, 2, Some("a")) };
        assert_eq!(one(moved.clone(), &all), Verdict::Cancel(name("a")));
        assert_eq!(one(Exit { known: None, ..moved.clone() }, &all), Verdict::Cancel(name("a")));
        let foreign = Exit { known: None, came_at: None, ..moved };
        assert_eq!(one(foreign, &all), Verdict::Missing);
        let unwanted = Exit { trigger: None, ..exit(Purpose::Guards, 2, Some("a")) };
        assert_eq!(one(unwanted.clone(), &all), Verdict::Cancel(name("a")));
        assert_eq!(one(Exit { known: None, ..unwanted.clone() }, &all), Verdict::Cancel(name("a")));
        assert_eq!(one(Exit { known: None, ..unwanted }, &[]), Verdict::Nothing);
        // Where the exchange does not say a size, nothing is concluded from it.
        let unsaid = [Standing { quantity: None, ..standing("a", 0) }];
        assert_eq!(one(exit(Purpose::Guards, 1, None), &unsaid), Verdict::Stands(name("a")));
    }

    #[test]
    fn one_that_stands_as_its_contract_takes_it_now_stays_as_does_one_of_before() {
        let fits = Some((Decimal::from(89), Decimal::ONE));
        let guards = Exit { fits, ..exit(Purpose::Guards, 2, Some("a")) };
        let rounded = [Standing { trigger: Decimal::from(89), ..standing("a", 1) }];
        assert_eq!(one(guards.clone(), &rounded), Verdict::Stands(name("a")));
        assert_eq!(one(guards.clone(), &[standing("a", 2)]), Verdict::Stands(name("a")));
        assert_eq!(one(Exit { known: None, ..guards }, &rounded), Verdict::Stands(name("a")));
        assert_eq!(one(exit(Purpose::Guards, 2, Some("a")), &rounded), Verdict::Cancel(name("a")));
    }

    #[test]
    fn what_is_over_takes_nothing_that_another_needs_and_nothing_of_the_owners() {
        let exits = [exit(Purpose::Over, 0, None), exit(Purpose::Guards, 2, None)];
        let judgement = judged(&exits, &[standing("a", 2)]);
        assert_eq!(judgement.verdicts, [Verdict::Nothing, Verdict::Stands(name("a"))]);
        assert!(!judgement.has_foreign_stop);

        let foreign = Standing { trigger: Decimal::from(80), ..standing("b", 2) };
        let judgement = judged(&exits, &[standing("a", 2), foreign]);
        assert_eq!((judgement.verdicts.len(), judgement.strays.len()), (2, 0));
        assert!(judgement.has_foreign_stop);
    }

    #[test]
    fn one_that_came_with_an_order_is_told_by_its_size_or_its_name() {
        let ordered = [standing("a", 3)];
        assert_eq!(one(exit(Purpose::Guards, 2, None), &ordered), Verdict::Cancel(name("a")));
        assert_eq!(one(exit(Purpose::Fades, 2, None), &ordered), Verdict::Stands(name("a")));
        assert_eq!(one(exit(Purpose::Over, 0, None), &ordered), Verdict::Cancel(name("a")));
        assert!(may_be(&exit(Purpose::Over, 0, None), &ordered[0]));

        let named = [Standing { name: Some(format!("{COPY}o1")), ..standing("a", 2) }];
        assert_eq!(one(exit(Purpose::Guards, 2, None), &named), Verdict::Stands(name("a")));
        assert_eq!(one(exit(Purpose::Over, 0, None), &named), Verdict::Cancel(name("a")));
        let others = Exit { ours: format!("f{}s", "1".repeat(32)), ..exit(Purpose::Guards, 2, None) };
        assert_eq!(one(others, &named), Verdict::Missing);
        let target =
            Exit { kind: ExitKind::Target, ours: format!("{COPY}t"), ..exit(Purpose::Guards, 2, None) };
        assert_eq!(one(target, &named), Verdict::Missing);
    }

    #[test]
    fn of_two_of_our_names_one_goes() {
        let named =
            |id: &str, number: u32| Standing { name: Some(format!("{COPY}s{number}")), ..standing(id, 2) };
        let both = [named("a", 1), named("b", 2)];
        let judgement = judged(&[exit(Purpose::Guards, 2, Some("b"))], &both);
        assert_eq!(judgement.verdicts, [Verdict::Stands(name("b"))]);
        let copy = CopyId::from_uuid(uuid::Uuid::nil());
        let stray = |id: &str| Stray { id: name(id), kind: ExitKind::Stop, copy };
        assert_eq!(judgement.strays, [stray("a")]);
        let judgement = judged(&[], &both);
        assert_eq!(judgement.strays, [stray("a"), stray("b")]);
        assert!(!judgement.has_foreign_stop);
    }
}
