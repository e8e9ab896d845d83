"""Writes vectors.json: generated trades and what published libraries make of them.

    pip install empyrical-reloaded pandas
    python3 vectors.py > vectors.json

Sharpe, Sortino, the largest fall and the total return come from empyrical, on the
returns that `stats` documents; counts, sums, streaks and breakdowns from pandas,
histograms and the time with an open trade from numpy.
"""
import json
import random
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import empyrical
import numpy
import pandas

ZONE = "Asia/Bangkok"


def trades(seed: int, count: int) -> list[dict]:
    dice = random.Random(seed)
    at = datetime(2025, 3, 28, 20, tzinfo=timezone.utc)
    rows = []
    for _ in range(count):
        at += timedelta(minutes=dice.randint(1, 2400))
        held = timedelta(seconds=dice.randint(5, 90_000))
        pnl = Decimal(dice.choice([0, *range(-9_000, 10_000)])) / 100
        stop = dice.choice([None, dice.randint(1, 900)])
        rows.append({
            "symbol": dice.choice(["XAUUSD", "EURUSD", "MNQZ6", "BTC-USDT"]),
            "entry_at": (at - held).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "exit_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "pnl": str(pnl),
            "r": None if stop is None else str(Decimal(dice.randint(-300, 500)) / 100),
        })
    return rows


def daily_returns(frame: pandas.DataFrame, start: float) -> pandas.Series:
    days = frame.groupby(frame.exit_at.dt.tz_convert(ZONE).dt.date).pnl.sum()
    days.index = pandas.to_datetime(days.index)
    every = pandas.date_range(days.index.min(), days.index.max())
    wanted = [day for day in every if day.weekday() < 5 or day in days.index]
    results = days.reindex(wanted, fill_value=0.0)
    before = start + results.cumsum().shift(fill_value=0.0)
    return results / before


def streak(signs: list[int], sign: int) -> int:
    longest = run = 0
    for one in signs:
        run = run + 1 if one == sign else 0
        longest = max(longest, run)
    return longest


def cents(values: pandas.Series) -> pandas.Series:
    """Whole numbers: what is added up and compared must be exact."""
    return (values * 100).round().astype(int)


def fall(frame: pandas.DataFrame, start: int) -> dict:
    """The largest fall in money: since when equity was below its peak, and until when."""
    equity = 100 * start + cents(frame.pnl).cumsum()
    peaks = equity.cummax().clip(lower=100 * start)
    trough = (peaks - equity).idxmax()
    at_peak = equity[:trough][equity[:trough] == peaks[trough]].index
    back = equity[trough:][equity[trough:] >= peaks[trough]].index
    peak_at = frame.exit_at[at_peak[-1]] if len(at_peak) else None
    recovered_at = frame.exit_at[back[0]] if len(back) else None
    begin = frame.entry_at.iloc[0] if peak_at is None else peak_at
    end = frame.exit_at.iloc[-1] if recovered_at is None else recovered_at
    shown = lambda at: None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "peak_at": shown(peak_at),
        "trough_at": shown(frame.exit_at[trough]),
        "recovered_at": shown(recovered_at),
        "lasted_s": int((end - begin).total_seconds()),
    }


def exposure(frame: pandas.DataFrame) -> float:
    """Of each stretch between two moments at which something was opened or closed: is a trade open in it?"""
    entries, exits = (frame[column].to_numpy("datetime64[s]").astype(int) for column in ("entry_at", "exit_at"))
    moments = numpy.unique(numpy.concatenate([entries, exits]))
    begins, lengths = moments[:-1], numpy.diff(moments)
    is_open = ((entries[:, None] <= begins) & (begins < exits[:, None])).any(axis=0)
    return lengths[is_open].sum() / lengths.sum()


def distribution(values: pandas.Series, width: int, most: int = 64) -> dict:
    """How many are in each bin of `width` hundredths, or of the smallest double of that which needs no more bins."""
    whole = cents(values.dropna()).to_numpy()
    span = lambda: whole.max() // width - whole.min() // width
    while span() > most:
        width *= 2
    edges = numpy.arange(whole.min() // width, whole.max() // width + 2) * width
    counts, _ = numpy.histogram(whole, bins=numpy.append(edges, edges[-1] + width))
    return {"width": str(Decimal(width) / 100), "bins": {str(int(edge)): int(count) for edge, count in zip(edges, counts) if count}}


def best_and_worst(days: pandas.Series) -> dict:
    found = {"best_day": days.idxmax(), "worst_day": days.idxmin()}
    return {name: {"date": str(day), "pnl": f"{days[day]:.2f}"} for name, day in found.items()}


def case(seed: int, count: int, start: int) -> dict:
    rows = trades(seed, count)
    frame = pandas.DataFrame(rows)
    frame["pnl"] = frame.pnl.astype(float)
    frame["r"] = frame.r.astype(float)
    for column in ("entry_at", "exit_at"):
        frame[column] = pandas.to_datetime(frame[column], utc=True)
    returns = daily_returns(frame, start)
    equity = start + frame.pnl.cumsum()
    # One return for each trade: what empyrical calls a return series needs no calendar for the largest fall.
    by_trade = pandas.concat([pandas.Series([float(start)]), equity], ignore_index=True).pct_change().fillna(0.0)
    wins, losses = frame.pnl[frame.pnl > 0], frame.pnl[frame.pnl < 0]
    signs = [(pnl > 0) - (pnl < 0) for pnl in frame.pnl]
    local = frame.entry_at.dt.tz_convert(ZONE)
    peak = pandas.concat([pandas.Series([float(start)]), equity], ignore_index=True).cummax()[1:].reset_index(drop=True)
    sums = lambda keys: {str(key): round(value, 2) for key, value in frame.pnl.groupby(keys).sum().items()}
    left_on = frame.exit_at.dt.tz_convert(ZONE).dt.date
    today = frame.pnl[left_on == left_on.iloc[-1]]
    return {
        "starting_balance": str(start),
        "zone": ZONE,
        "trades": rows,
        "expected": {
            "trades": len(rows),
            "wins": len(wins),
            "losses": len(losses),
            "win_rate": (frame.pnl > 0).mean(),
            "total_pnl_percent": empyrical.cum_returns_final(by_trade),
            "today_trades": len(today),
            "today_pnl": today.sum(),
            "today_pnl_percent": returns.iloc[-1],
            "best_trade": frame.pnl.max(),
            "worst_trade": frame.pnl.min(),
            "total_pnl": frame.pnl.sum(),
            "gross_profit": wins.sum(),
            "gross_loss": losses.sum(),
            "profit_factor": wins.sum() / -losses.sum(),
            "expectancy": frame.pnl.mean(),
            "average_win": wins.mean(),
            "average_loss": losses.mean(),
            "payoff": wins.mean() / -losses.mean(),
            "average_r": frame.r.mean(),
            "longest_win_streak": streak(signs, 1),
            "longest_loss_streak": streak(signs, -1),
            "average_holding_s": (frame.exit_at - frame.entry_at).dt.total_seconds().mean(),
            "max_drawdown_money": (peak - equity).max(),
            "max_drawdown_percent": -empyrical.max_drawdown(by_trade),
            "fall": fall(frame, start),
            "exposure": exposure(frame),
            "r_distribution": distribution(frame.r, 50),
            "pnl_distribution": distribution(frame.pnl, 100),
            **best_and_worst(frame.pnl.groupby(left_on).sum()),
            "sharpe": empyrical.sharpe_ratio(returns, period="daily"),
            "sortino": empyrical.sortino_ratio(returns, period="daily"),
            "by_symbol": sums(frame.symbol),
            "by_weekday": sums(local.dt.day_of_week),
            "by_hour": sums(local.dt.hour),
            "days": sums(left_on),
        },
    }


if __name__ == "__main__":
    cases = [case(1, 40, 10_000), case(2, 150, 25_000), case(3, 12, 500), case(4, 90, 100_000), case(20, 30, 2_000)]
    print(json.dumps(cases, separators=(",", ":")))
