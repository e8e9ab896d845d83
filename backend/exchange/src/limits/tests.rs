//! Turns in paused time.

use super::*;

fn limit(name: &str, requests: usize) -> Limit {
    Limit::of_venue(name.to_owned(), Rate { requests, per: Duration::from_secs(1) })
}

#[test]
fn a_rate_may_have_decimals_and_a_half() {
    let rate = Rate::of(Decimal::new(25, 1)).unwrap();
    assert_eq!(rate, Rate { requests: 3, per: Duration::from_millis(1_200) });
    assert_eq!(rate.half(), Rate { requests: 3, per: Duration::from_millis(2_400) });
    assert_eq!(Rate::per_ten_seconds(300).half().requests, 150);
    assert_eq!((Rate::of(Decimal::ZERO), Rate::of(Decimal::NEGATIVE_ONE)), (None, None));
}

fn in_seconds(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn no_second_sees_more_than_its_share() {
    let limiter = Arc::new(Limiter::new());
    let limits = [limit("a", 5)];
    let mut at = Vec::new();

    for _ in 0..23 {
        limiter.turn("e", &limits, Priority::Open, in_seconds(60)).await.unwrap().answered();
        at.push(Instant::now());
    }

    for window in at.windows(6) {
        assert!(window[5] - window[0] >= Duration::from_secs(1));
    }
}

#[tokio::test(start_paused = true)]
async fn what_closes_goes_before_what_opens_and_that_before_what_looks() {
    let limiter = Arc::new(Limiter::new());
    let limits = [limit("a", 1)];
    limiter.turn("e", &limits, Priority::Open, in_seconds(60)).await.unwrap().answered();
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    let arriving = [Priority::History, Priority::Account, Priority::Open, Priority::Guard, Priority::Protect];
    for priority in arriving {
        let (limiter, limits, order) = (Arc::clone(&limiter), limits.clone(), Arc::clone(&order));
        tasks.push(tokio::spawn(async move {
            limiter.turn("e", &limits, priority, in_seconds(60)).await.unwrap().answered();
            order.lock().unwrap().push(priority);
        }));
        tokio::task::yield_now().await;
    }
    for task in tasks {
        task.await.unwrap();
    }

    let expected = [Priority::Protect, Priority::Guard, Priority::Open, Priority::Account, Priority::History];
    assert_eq!(*order.lock().unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_would_come_too_late_is_refused_at_once() {
    let limiter = Limiter::new();
    let limits = [limit("a", 1)];
    let began = Instant::now();
    limiter.turn("e", &limits, Priority::Open, began).await.unwrap().answered();

    let late = limiter.turn("e", &limits, Priority::Open, began + Duration::from_millis(900)).await;

    assert_eq!((late.map(drop), began.elapsed()), (Err(NotSent::NoTurn), Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn an_account_that_waits_for_its_own_limit_holds_nobody_else_up() {
    let limiter = Arc::new(Limiter::new());
    let shared = limit("egress", 100);
    let busy = [limit("busy", 1), shared.clone()];
    limiter.turn("e", &busy, Priority::Protect, in_seconds(60)).await.unwrap().answered();
    let waiting = {
        let (limiter, busy) = (Arc::clone(&limiter), busy.clone());
        tokio::spawn(
            async move { limiter.turn("e", &busy, Priority::Protect, in_seconds(60)).await.map(drop) },
        )
    };
    tokio::task::yield_now().await;
    let began = Instant::now();

    limiter
        .turn("e", &[limit("idle", 1), shared], Priority::History, in_seconds(60))
        .await
        .unwrap()
        .answered();

    assert_eq!(began.elapsed(), Duration::ZERO);
    waiting.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_lets_the_next_go() {
    let limiter = Arc::new(Limiter::new());
    let limits = [limit("a", 1)];
    limiter.turn("e", &limits, Priority::Open, in_seconds(60)).await.unwrap().answered();
    let given_up = {
        let (limiter, limits) = (Arc::clone(&limiter), limits.clone());
        tokio::spawn(
            async move { limiter.turn("e", &limits, Priority::Protect, in_seconds(60)).await.map(drop) },
        )
    };
    tokio::task::yield_now().await;
    let next = {
        let (limiter, limits) = (Arc::clone(&limiter), limits.clone());
        tokio::spawn(async move { limiter.turn("e", &limits, Priority::Open, in_seconds(2)).await.map(drop) })
    };
    tokio::task::yield_now().await;

    given_up.abort();

    assert_eq!(next.await.unwrap(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn what_is_spared_is_for_what_protects() {
    let limiter = Arc::new(Limiter::new());
    let limits = [limit("a", 5)];
    limiter.spare("a", in_seconds(10));
    let began = Instant::now();
    let waiting = {
        let (limiter, limits) = (Arc::clone(&limiter), limits.clone());
        tokio::spawn(
            async move { limiter.turn("e", &limits, Priority::Open, in_seconds(60)).await.map(drop) },
        )
    };
    tokio::task::yield_now().await;

    for priority in [Priority::Protect, Priority::Guard] {
        assert_eq!(limiter.turn("e", &limits, priority, in_seconds(60)).await.map(drop), Ok(()));
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    let late = limiter.turn("e", &limits, Priority::Account, in_seconds(9)).await;
    assert_eq!((late.map(drop), began.elapsed()), (Err(NotSent::NoTurn), Duration::ZERO));
    assert_eq!(waiting.await.unwrap(), Ok(()));
    assert!(began.elapsed() >= Duration::from_secs(10));
    // What the venue itself closes is closed for all.
    limiter.pause("a", in_seconds(5));
    assert_eq!(
        limiter.turn("e", &limits, Priority::Protect, in_seconds(4)).await.map(drop),
        Err(NotSent::NoTurn)
    );
}

#[tokio::test(start_paused = true)]
async fn a_banned_address_sends_nothing_until_the_ban_ends() {
    let limiter = Limiter::new();
    limiter.stop("e", in_seconds(300));

    assert_eq!(
        limiter.turn("e", &[], Priority::Protect, in_seconds(600)).await.map(drop),
        Err(NotSent::Stopped)
    );
    assert_eq!(limiter.turn("other", &[], Priority::Protect, in_seconds(600)).await.map(drop), Ok(()));
    tokio::time::advance(Duration::from_secs(301)).await;
    assert_eq!(limiter.turn("e", &[], Priority::Protect, in_seconds(600)).await.map(drop), Ok(()));
}

async fn take(limiter: &Limiter, limits: &[Limit], priority: Priority) -> Passage {
    limiter.turn("e", limits, priority, in_seconds(60)).await.unwrap()
}

/// Timers round up.
fn tenths(time: Duration) -> u128 {
    time.as_millis() / 100
}

#[tokio::test(start_paused = true)]
async fn a_request_counts_from_its_answer_and_one_that_hangs_for_two_seconds_more() {
    let limiter = Limiter::new();
    let limits = [limit("a", 2)];
    let began = Instant::now();
    let first = take(&limiter, &limits, Priority::Open).await;
    let hanging = take(&limiter, &limits, Priority::Open).await;
    tokio::time::advance(Duration::from_millis(800)).await;
    first.answered();

    take(&limiter, &limits, Priority::Protect).await.answered();
    assert_eq!(tenths(began.elapsed()), 18);
    take(&limiter, &limits, Priority::Protect).await.answered();
    assert_eq!(tenths(began.elapsed()), 28);
    take(&limiter, &limits, Priority::Protect).await.answered();
    assert_eq!(tenths(began.elapsed()), 30, "the one that hangs counts no more");
    drop(hanging);

    // A pace of our own counts what was let through.
    let ours = [Limit::ours("b".to_owned(), Rate { requests: 1, per: Duration::from_secs(1) })];
    let began = Instant::now();
    let held = take(&limiter, &ours, Priority::Open).await;
    take(&limiter, &ours, Priority::Open).await.answered();
    assert_eq!(tenths(began.elapsed()), 10);
    drop(held);
}

#[tokio::test(start_paused = true)]
async fn who_waits_long_for_a_wider_limit_is_counted_in_the_narrower_from_when_it_leaves() {
    let limiter = Limiter::new();
    let wide = Limit::of_venue("wide".to_owned(), Rate { requests: 1, per: Duration::from_secs(5) });
    take(&limiter, std::slice::from_ref(&wide), Priority::Open).await.answered();
    let began = Instant::now();
    let limits = [limit("narrow", 1), wide];

    take(&limiter, &limits, Priority::Open).await.answered();
    assert_eq!(tenths(began.elapsed()), 50);
    take(&limiter, &[limit("narrow", 1)], Priority::Open).await.answered();
    assert_eq!(tenths(began.elapsed()), 60);
}

#[tokio::test(start_paused = true)]
async fn what_closes_does_not_wait_for_places_of_opens_that_wait_elsewhere() {
    let limiter = Arc::new(Limiter::new());
    let pace = Limit::ours("pace".to_owned(), Rate { requests: 1, per: Duration::from_secs(20) });
    take(&limiter, std::slice::from_ref(&pace), Priority::Open).await.answered();
    let began = Instant::now();
    let opening = {
        let (limiter, limits) = (Arc::clone(&limiter), [limit("account", 1), pace]);
        tokio::spawn(async move { take(&limiter, &limits, Priority::Open).await.answered() })
    };
    tokio::task::yield_now().await;

    let account = [limit("account", 1)];
    let second = limiter.turn("e", &account, Priority::Open, began + Duration::from_millis(900)).await;
    assert_eq!(second.map(drop), Err(NotSent::NoTurn));
    take(&limiter, &account, Priority::Protect).await.answered();
    assert_eq!(began.elapsed(), Duration::ZERO);
    // It counts: the other has to wait for it, and the open has its turn all the same.
    take(&limiter, &account, Priority::Protect).await.answered();
    assert_eq!(tenths(began.elapsed()), 10);
    opening.await.unwrap();
    assert_eq!(tenths(began.elapsed()), 200);
}

#[tokio::test(start_paused = true)]
async fn one_that_may_not_go_yet_does_not_try_whether_a_ban_is_over() {
    let limiter = Arc::new(Limiter::new());
    limiter.stop("e", in_seconds(1));
    limiter.close("closed", in_seconds(30));
    tokio::time::advance(Duration::from_secs(2)).await;
    let began = Instant::now();
    let looking = {
        let limiter = Arc::clone(&limiter);
        tokio::spawn(async move { take(&limiter, &[limit("closed", 5)], Priority::Account).await.answered() })
    };
    tokio::task::yield_now().await;

    take(&limiter, &[limit("open", 5)], Priority::Protect).await.answered();
    assert_eq!(began.elapsed(), Duration::ZERO);
    let late = limiter.turn("e", &[limit("closed", 5)], Priority::Protect, in_seconds(20)).await;
    assert_eq!((late.map(drop), began.elapsed()), (Err(NotSent::NoTurn), Duration::ZERO));
    looking.await.unwrap();
    assert_eq!(tenths(began.elapsed()), 280);
}

#[tokio::test(start_paused = true)]
async fn what_only_looks_leaves_a_third_of_a_window() {
    let limiter = Limiter::new();
    let limits = [limit("a", 6).sparing()];
    let began = Instant::now();
    for _ in 0..4 {
        take(&limiter, &limits, Priority::History).await.answered();
    }

    let fifth = limiter.turn("e", &limits, Priority::Account, began + Duration::from_millis(900)).await;
    assert_eq!(fifth.map(drop), Err(NotSent::NoTurn));
    for priority in [Priority::Open, Priority::Protect] {
        take(&limiter, &limits, priority).await.answered();
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    take(&limiter, &limits, Priority::History).await.answered();
    assert_eq!(tenths(began.elapsed()), 10);
}

#[tokio::test(start_paused = true)]
async fn few_that_only_look_are_under_way_at_once() {
    let limiter = Limiter::new();
    let limits = [limit("a", 100).looking_at_once(2)];
    let began = Instant::now();
    let first = take(&limiter, &limits, Priority::Account).await;
    let hanging = take(&limiter, &limits, Priority::Account).await;
    let opens = take(&limiter, &limits, Priority::Open).await;
    assert_eq!(began.elapsed(), Duration::ZERO);
    let answer = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        first.answered();
        opens.answered();
    };

    let (third, ()) = tokio::join!(take(&limiter, &limits, Priority::History), answer);
    assert_eq!(tenths(began.elapsed()), 5);
    let fourth = take(&limiter, &limits, Priority::History).await;
    assert_eq!(tenths(began.elapsed()), 20, "one that hangs is waited for no longer");
    drop((hanging, third, fourth));
}

#[tokio::test(start_paused = true)]
async fn once_it_opens_again_one_goes_alone_and_the_others_once_it_was_answered() {
    let limiter = Arc::new(Limiter::new());
    let began = Instant::now();
    limiter.close("a", in_seconds(10));
    let left = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    for index in 0..4 {
        let (limiter, left) = (Arc::clone(&limiter), Arc::clone(&left));
        tasks.push(tokio::spawn(async move {
            let passage = take(&limiter, &[limit("a", 100)], Priority::Account).await;
            left.lock().unwrap().push((index, tenths(began.elapsed())));
            match index {
                // Refused again.
                0 => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    limiter.close("a", Instant::now() + Duration::from_secs(5));
                }
                // Never answered.
                1 => tokio::time::sleep(Duration::from_secs(9)).await,
                _ => tokio::time::sleep(Duration::from_millis(100)).await,
            }
            if index == 1 { drop(passage) } else { passage.answered() }
        }));
        tokio::task::yield_now().await;
    }
    for task in tasks {
        task.await.unwrap();
    }

    let expected = [(0, 100), (1, 151), (2, 171), (3, 172)];
    assert_eq!(*left.lock().unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_later_than_others_wait_for_it_opens_for_all() {
    let limiter = Limiter::new();
    let limits = [limit("a", 100)];
    limiter.close("a", in_seconds(1));
    limiter.stop("e", in_seconds(1));
    tokio::time::advance(Duration::from_secs(2)).await;
    let began = Instant::now();

    let first = take(&limiter, &limits, Priority::Account).await;
    let second = take(&limiter, &limits, Priority::Protect).await;
    assert_eq!(tenths(began.elapsed()), 20);
    first.answered();
    for _ in 0..3 {
        drop(take(&limiter, &limits, Priority::Protect).await);
    }
    assert_eq!(tenths(began.elapsed()), 20);
    drop(second);
}

#[tokio::test(start_paused = true)]
async fn after_a_ban_one_goes_alone_and_none_leaves_what_is_closed_meanwhile() {
    let limiter = Limiter::new();
    limiter.stop("e", in_seconds(10));
    tokio::time::advance(Duration::from_secs(11)).await;
    let began = Instant::now();
    let soon = || Instant::now() + Duration::from_millis(500);
    let first = limiter.turn("e", &[], Priority::History, soon()).await.unwrap();

    let other = limiter.turn("e", &[], Priority::Protect, soon()).await;
    assert_eq!(other.map(drop), Err(NotSent::NoTurn));
    first.answered();
    let began_again = Instant::now();
    for _ in 0..3 {
        limiter.turn("e", &[], Priority::History, soon()).await.unwrap().answered();
    }
    assert_eq!(began_again.elapsed(), Duration::ZERO);
    assert!(began.elapsed() < Duration::from_secs(1));

    let mut passage = take(&limiter, &[limit("a", 5)], Priority::Open).await;
    assert!(passage.leave());
    limiter.close("a", in_seconds(5));
    assert!(!passage.leave());
}
