"""Invented customers with what they bought, for the tests of the book.

    book.py DIR TODAY      accounts.csv and purchases.csv; TODAY as 2026-03-04

1,924 customers bought in the last 90 days, 1,256 of them at least twice, and
437 of those for 1,000 and more: the three numbers of cap 68. Beside them there
is one for each edge of the life cycle (caps 62, 65, 66 and 67).
"""
import csv
import datetime
import os
import sys

BOUGHT, TWICE, MUCH = 1924, 1256, 437
# Name -> days ago of each purchase, amount of each.
EDGES = {
    "never bought": ([], 0),
    "day 90": ([90], 5), "day 91": ([91], 5),
    "day 180": ([180], 5), "day 181": ([181], 5),
    "weekly and 10 days away": ([31, 24, 17, 10], 5),
    "weekly and 11 days away": ([32, 25, 18, 11], 5),
    "gold by a hair": ([300], 40000), "gold missed": ([300], 39999.99),
}


def amounts(i):
    """Amounts of the purchases of the i-th of the 1,924."""
    if i >= TWICE:
        return ["2500.00"]  # much, but once
    return ["500.00", "500.00"] if i < MUCH else ["499.99", "500.00"]


def rows(today):
    for i in range(BOUGHT):
        days = [1 + i % 89, 90][:len(amounts(i))]
        yield f"C{i:05d}", f"Customer {i}", list(zip(days, amounts(i)))
    for n, (name, (days, amount)) in enumerate(EDGES.items()):
        yield f"E{n:05d}", name, [(d, f"{amount:.2f}") for d in days]


def main():
    folder, today = sys.argv[1], datetime.date.fromisoformat(sys.argv[2])
    with open(os.path.join(folder, "accounts.csv"), "w", newline="",
              encoding="utf-8") as a, open(
                  os.path.join(folder, "purchases.csv"), "w", newline="",
                  encoding="utf-8") as p:
        accounts, purchases = csv.writer(a), csv.writer(p)
        accounts.writerow(["number", "name", "territory_id"])
        purchases.writerow(["account", "date", "amount", "source"])
        for number, name, bought in rows(today):
            accounts.writerow([number, name,
                               "north" if number[0] == "C" else "south"])
            for ago, amount in bought:
                day = today - datetime.timedelta(days=ago)
                purchases.writerow([number, day, amount, "till"])


if __name__ == "__main__":
    main()
