#!/usr/bin/env python3
"""What the day of 20_northwind.sh is about, as plain files.

    plan.py northwind SOURCE OUT    from the customers of a trading company
    plan.py sample FILE OUT         from satchelctl sample accounts, where the
                                    company's files are absent

writes into OUT:
    customers.csv   to import: as found, and a column with the territory
    import.args     further arguments of the import, one a line
    units.tsv       branch, its territories (comma)
    reps.tsv        login, name, branch, territories (comma)
    accounts.tsv    number, name, login of the rep, branch, territory
    refused.tsv     line, beginning of each row that must be refused
    purchases.csv   what they bought: number, customer, date, amount, products
    purchases.args  further arguments of its import, one a line
    purchases.sum   rows that must come in, rows that must not (their customer
                    is not here), total of what comes in
    secret.txt      names of customers and their contacts

A customer goes to the employee of its last order, there to that employee's
first territory, else to region 1's first. Region 1 is one branch, all others
are the second.
"""
import csv
import decimal
import pathlib
import sys

EAST, WEST = "east", "west"
NORTHWIND_MAP = {
    "customerID": "number", "companyName": "name",
    "contactName": "contact.name", "contactTitle": "contact.role_title",
    "address": "address.street", "city": "address.city",
    "region": "address.province", "postalCode": "address.post_code",
    "country": "address.country", "phone": "phone_main",
}


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def table(path):
    rows = read(path)
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def tsv(path, rows):
    path.write_text("".join("\t".join(map(str, r)) + "\n" for r in rows),
                    encoding="utf-8")


class Plan:
    def __init__(self):
        self.lines = []         # of customers.csv, the header first
        self.args = []
        self.units = {EAST: [], WEST: []}
        self.reps = []          # (login, name, branch, [territories])
        self.accounts = []      # (number, name, login, branch, territory)
        self.refused = []       # (line, beginning)
        self.purchases = []     # (number, customer, date, amount, products)
        self.secret = []

    def write(self, out):
        out.mkdir(parents=True, exist_ok=True)
        (out / "customers.csv").write_text(
            "".join(line + "\n" for line in self.lines), encoding="utf-8")
        tsv(out / "import.args", [(a,) for a in self.args])
        tsv(out / "units.tsv",
            [(u, ",".join(t)) for u, t in self.units.items()])
        tsv(out / "reps.tsv",
            [(a, b, c, ",".join(t)) for a, b, c, t in self.reps])
        tsv(out / "accounts.tsv", self.accounts)
        tsv(out / "refused.tsv", self.refused)
        tsv(out / "secret.txt", [(s,) for s in self.secret])
        self.write_purchases(out)

    def write_purchases(self, out):
        here = {a[0] for a in self.accounts}
        good = [p for p in self.purchases if p[1] in here]
        with open(out / "purchases.csv", "w", encoding="utf-8",
                  newline="") as file:
            w = csv.writer(file)
            w.writerow(["orderID", "customerID", "orderDate", "amount",
                        "products", "source"])
            w.writerows(list(p) + ["orders"] for p in self.purchases)
        tsv(out / "purchases.args", [(a,) for a in (
            "--key", "number", "--null", "NULL", "--currency", "USD", "--map",
            "orderID=number,customerID=account,orderDate=date")])
        tsv(out / "purchases.sum", [(len(good),
                                     len(self.purchases) - len(good),
                                     sum(p[3] for p in good))])


def last_employee(orders):
    """The employee of each customer's last order."""
    last = {}
    for o in sorted(orders, key=lambda o: (o["orderDate"], int(o["orderID"]))):
        last[o["customerID"]] = o["employeeID"]
    return last


def bought(source):
    """Orders with what they cost, to the cent, and which products."""
    cent = decimal.Decimal("0.01")
    name = {p["productID"]: p["productName"]
            for p in table(source / "products.csv")}
    amount, products = {}, {}
    for d in table(source / "order-details.csv"):
        one = (decimal.Decimal(d["unitPrice"]) *
               decimal.Decimal(d["quantity"]) *
               (1 - decimal.Decimal(d["discount"])))
        amount[d["orderID"]] = amount.get(d["orderID"], 0) + one
        products.setdefault(d["orderID"], []).append(name[d["productID"]])
    for o in table(source / "orders.csv"):
        yield (o["orderID"], o["customerID"], o["orderDate"],
               amount[o["orderID"]].quantize(cent, decimal.ROUND_HALF_UP),
               "|".join(products[o["orderID"]]))


def northwind(source):
    plan = Plan()
    plan.purchases = list(bought(source))
    region = {}
    for t in table(source / "territories.csv"):
        branch = EAST if t["regionID"] == "1" else WEST
        region[t["territoryID"]] = branch
        plan.units[branch].append(t["territoryID"])
    territories = {}
    for t in table(source / "employee-territories.csv"):
        territories.setdefault(t["employeeID"], []).append(t["territoryID"])
    login = {}
    for e in table(source / "employees.csv"):
        own = territories[e["employeeID"]]
        login[e["employeeID"]] = e["lastName"].lower()
        plan.reps.append((e["lastName"].lower(),
                          e["firstName"] + " " + e["lastName"],
                          region[own[0]], own))
    employee_of = last_employee(table(source / "orders.csv"))
    owner_of = {t: e for e, own in territories.items() for t in own}
    # Line by line, so that what is wrong with a row stays wrong.
    text = (source / "customers.csv").read_text(encoding="utf-8")
    lines = text.splitlines()
    width = len(next(csv.reader([lines[0]])))
    plan.lines.append(lines[0] + ",territory")
    for number, line in enumerate(lines[1:], 2):
        row = next(csv.reader([line]))
        place = plan.units[EAST][0]
        if row[0] in employee_of:
            place = territories[employee_of[row[0]]][0]
        plan.lines.append(line + "," + place)
        if len(row) != width:
            plan.refused.append((number, row[0]))
            continue
        plan.accounts.append((row[0], row[1], login[owner_of[place]],
                              region[place], place))
        plan.secret += [row[1], row[2]]
    plan.args = ["--null", "NULL", "--ignore", "fax", "--map", ",".join(
        f"{a}={b}" for a, b in NORTHWIND_MAP.items())]
    return plan


SAMPLE_REPS = 9


def sample(path):
    """Nine reps with two territories each, five of them in the east; every
    fourth row gets a comma too many."""
    plan = Plan()
    for i in range(SAMPLE_REPS):
        branch = EAST if i < 5 else WEST
        own = [f"t{i + 1}", f"t{i + 1}-b"]
        plan.units[branch] += own
        plan.reps.append((f"rep{i + 1}", f"Rep {i + 1}", branch, own))
    rows = read(path)
    names = rows[0]
    at = names.index("territory")
    plan.lines.append(",".join(names))
    for i, row in enumerate(rows[1:]):
        login, _, branch, own = plan.reps[i % SAMPLE_REPS]
        row[at] = own[0]
        cells = ['"' + c.replace('"', '""') + '"' for c in row]
        number = row[names.index("number")]
        if i % 4 == 3:
            cells.append("")
            plan.refused.append((i + 2, number))
        else:
            name = row[names.index("name")]
            plan.accounts.append((number, name, login, branch, own[0]))
        for k in range(2):
            plan.purchases.append((f"{number}-{k}", number,
                                   f"2026-0{k + 1}-15",
                                   decimal.Decimal(100 * i + k), "Tea|Rice"))
            plan.secret += [name, row[names.index("contact_name")]]
        plan.lines.append(",".join(cells))
    return plan


def main():
    kind, source, out = sys.argv[1:4]
    source, out = pathlib.Path(source), pathlib.Path(out)
    plan = northwind(source) if kind == "northwind" else sample(source)
    plan.secret = sorted({s for s in plan.secret if len(s) > 1})
    plan.write(out)


if __name__ == "__main__":
    main()
