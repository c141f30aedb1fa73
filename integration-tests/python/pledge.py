#!/usr/bin/env python3
"""What a loan against winter gourds came to in the spring of 2014, from the market's file alone.

    pledge.py PRICES.csv BOOK.json

Recomputes every market day of the loan that tests/prices_pledge.rs has the book carry: price, value of
the goods, exposure, ratio, status, interest posted, margin calls, payments. Integers only, standard
library only, nothing of Granary's code. Says each day on which the book differs, and exits 1 if any does.
"""

import csv
import json
import sys
from datetime import date
from decimal import Decimal

COMMODITY, SPEC = "冬瓜", "普通"
FIRST_DAY, LAST_DAY = date(2014, 3, 10), date(2014, 6, 30)
RECEIPTS_G = [40_000_333, 59_999_871]
PPM = 1_000_000
HAIRCUT, INITIAL = 100_000, 500_000
WARNING, CALL, LIQUIDATION = 650_000, 750_000, 900_000
RATE, YEAR = 65_000, 360


def market_days(path):
    """(day, fen, grams) of the average price, in the order of the days; the first row of a day counts."""
    prices = {}
    with open(path, encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            day = date.fromisoformat(row["发布日期"])
            if (row["品名"], row["规格"]) != (COMMODITY, SPEC) or not FIRST_DAY <= day <= LAST_DAY:
                continue
            assert row["单位"] == "斤", row
            prices.setdefault(day, Decimal(row["平均价"]))
    for day in sorted(prices):
        fen, grams = prices[day] * 100, 500
        while fen != int(fen):
            fen, grams = fen * 10, grams * 10
        yield day, int(fen), grams


def half_even(numerator, denominator):
    whole, rest = divmod(numerator, denominator)
    return whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1))


def worth(fen, grams):
    """Each receipt is rounded down once."""
    return sum(g * fen * (PPM - HAIRCUT) // (grams * PPM) for g in RECEIPTS_G)


def lendable(value, line):
    return value * line // PPM


def status_of(exposure, value):
    for line, name in ((LIQUIDATION, "LIQUIDATION"), (CALL, "CALL"), (WARNING, "WARNING")):
        if exposure > lendable(value, line):
            return name
    return "OK"


def carry(days):
    """The loan day by day: drawn to the full on the first, called and cured, repaid on the last."""
    days = list(days)
    principal = unpaid = posted = numerator = 0
    before = None
    for day, fen, grams in days:
        value = worth(fen, grams)
        interest = 0
        if before is None:
            principal = lendable(value, INITIAL)
        else:
            numerator += principal * RATE * (day - before).days
            interest = half_even(numerator, YEAR * PPM) - posted
            posted += interest
            unpaid += interest
        exposure = principal + unpaid
        status = status_of(exposure, value)
        call = None
        if status in ("CALL", "LIQUIDATION"):
            call = exposure - lendable(value, WARNING)
        paid = exposure if day == days[-1][0] else call
        if paid is not None:
            to_interest = min(paid, unpaid)
            unpaid -= to_interest
            principal -= paid - to_interest
        yield {
            "date": day.isoformat(),
            "price_fen": fen,
            "price_per_g": grams,
            "value": value,
            "exposure": exposure,
            "ltv_ppm": -(-exposure * PPM // value),
            "status": status,
            "interest_posted": interest,
            "call_amount": call,
            "paid": paid,
            "principal_after": principal,
        }
        before = day
    assert principal == unpaid == 0, "repaid"


def main():
    prices, book = sys.argv[1:]
    computed = list(carry(market_days(prices)))
    with open(book, encoding="utf-8") as file:
        booked = json.load(file)
    differences = [(mine, other) for mine, other in zip(computed, booked) if mine != other]
    for mine, other in differences:
        for name in mine:
            if mine[name] != other.get(name):
                print(f"{mine['date']} {name}: {mine[name]} here, {other.get(name)} in the book")
    if len(computed) != len(booked):
        print(f"{len(computed)} market days here, {len(booked)} in the book")
    calls = sum(day["call_amount"] is not None for day in computed)
    interest = sum(day["interest_posted"] for day in computed)
    print(f"{len(computed)} market days, {calls} margin calls, {interest} fen of interest")
    if not computed or not calls:
        print("a loan without days or calls shows nothing")
        return 1
    return 1 if differences or len(computed) != len(booked) else 0


if __name__ == "__main__":
    sys.exit(main())
