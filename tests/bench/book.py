"""What happened with the customers of a large book: files for imports.

    book.py DIR ACCOUNTS.csv TODAY LOGIN     TODAY as 2026-03-04

Writes visit.csv, purchase.csv and task.csv into DIR: a visit for every tenth
customer, two purchases for every fourth, an open task for every hundredth;
planned_visit.csv: twenty for today; target.csv: two goals. The same in every
run.
"""
import csv
import datetime
import os
import sys


def write(folder, name, head, rows):
    with open(os.path.join(folder, name + ".csv"), "w", newline="",
              encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(head)
        out.writerows(rows)


def main():
    folder, accounts, today, login = sys.argv[1:5]
    today = datetime.date.fromisoformat(today)
    with open(accounts, newline="", encoding="utf-8") as file:
        number = [row["number"] for row in csv.DictReader(file)]

    def ago(days):
        return today - datetime.timedelta(days=days)

    write(folder, "visit", ["account", "rep", "type", "checkin", "checkout",
                            "outcome"],
          ((n, login, "sales", f"{ago(1 + i % 90)}T02:{i % 60:02}:00Z",
            f"{ago(1 + i % 90)}T02:{i % 60:02}:59Z", "no_decision")
           for i, n in enumerate(number[::10])))
    write(folder, "purchase", ["account", "date", "amount", "products"],
          ((n, ago(1 + (i + 40 * k) % 400), f"{100 + i % 900}.00", "green tea")
           for i, n in enumerate(number[::4]) for k in range(2)))
    write(folder, "task", ["account", "owner", "title", "due"],
          ((n, login, "samples", ago(i % 20 - 10))
           for i, n in enumerate(number[::100])))
    write(folder, "planned_visit", ["account", "rep", "date"],
          ((n, login, today) for n in number[:2000:100]))
    write(folder, "target", ["rep", "metric", "from", "until", "value",
                             "amount"],
          [(login, "visits", ago(20), ago(-20), 60, ""),
           (login, "revenue", ago(20), ago(-20), "", "90000")])


if __name__ == "__main__":
    main()
