"""What the three queues cost as the programme grows: queries and median time of a page, at each size.

    python benchmarks/queues.py [size …]        (100, 10,000 and 100,000 applications unless told)

In a fresh database of the PostgreSQL that DATABASE_URL names (or of one started for it), adds applications with `manage.py seed scale` and
fetches each queue through Django's test client: the service and its database without network or server. Prints a table and writes it
into docs/performance.md.
"""

import sys
from statistics import median
from time import perf_counter

import _bench as bench

SIZES = [100, 10_000, 100_000]
QUEUES = (
    ("Applications, officer", "officer", "/manage/applications/"),
    ("Reviews, assessor", "assessor-1", "/assess/"),
    ("Claims, finance", "finance", "/finance/claims/"),
    ("Payments, finance", "finance", "/finance/payments/"),
    ("Payment runs, finance", "finance", "/finance/runs/"),
    ("Awards, officer", "officer", "/manage/awards/"),
    ("Bank details, finance", "finance", "/finance/bank/"),
    ("Rounds in assessment, officer", "officer", "/manage/assessment/"),
    ("Ranking of one round, lead", "lead", "/manage/assessment/{round}/ranking/"),
    ("Decisions of one round, lead", "lead", "/manage/assessment/{round}/decisions/"),
    ("Streams of the trail, auditor", "auditor", "/audit/"),
    ("One case's trail, auditor", "auditor", "/audit/streams/{stream}/"),
    ("Figures, funder", "funder", "/funder/diagcomm/"),
)
FETCHES = 15
MOST_QUERIES, MOST_GROWTH = 12, 1.5


def main(sizes: list[int]) -> None:
    with bench.service("queues"):
        measured, there = {}, 0
        for size in sizes:
            bench.seed(size - there)
            there = size
            measured[size] = []
            for name, who, path in QUEUES:
                measured[size].append(fetch(who, path))
                queries, milliseconds, rows = measured[size][-1]
                print(f"{size:>8,} {name:<32} {queries:>3} queries {milliseconds:8.0f} ms {rows:>4} rows", flush=True)
        text = table(sizes, measured) + "\n\n" + "\n".join(verdicts(sizes, measured))
        bench.publish("queues", text + "\n\n" + bench.machine())


def fetch(who: str, path: str) -> tuple[int, float, int]:
    """Queries of one page, the median of its time in milliseconds after one fetch that warms up, and the rows that it shows."""
    client, path = bench.signed_in(who), path.format(**examples())
    page = client.get(path)
    if page.status_code != 200:
        raise SystemExit(f"{who} asked for {path} and was answered {page.status_code}")
    with bench.counted() as queries:
        client.get(path)
    times = []
    for _ in range(FETCHES):
        started = perf_counter()
        client.get(path)
        times.append((perf_counter() - started) * 1000)
    return len(queries), median(times), page.content.count(b"<tr")


def examples() -> dict[str, str]:
    """A round and a case, the same ones whatever the size: the first round, and the case whose story is the longest in it."""
    from applications.models import Application
    from grants.models import Round

    round = Round.objects.earliest("opens_at")
    paid = Application.objects.filter(round=round, award__claims__state="paid").earliest("pk")
    return {"round": round.reference, "stream": paid.stream}


def table(sizes: list[int], measured: dict[int, list[tuple[int, float, int]]]) -> str:
    lines = ["| List | Applications | Rows shown | Queries | Median of 15 |", "|---|---:|---:|---:|---:|"]
    for place, (name, _, path) in enumerate(QUEUES):
        for size in sizes:
            queries, milliseconds, rows = measured[size][place]
            lines.append(f"| {name} (`{path}`) | {size:,} | {rows} | {queries} | {milliseconds:.0f} ms |")
    return "\n".join(lines)


def verdicts(sizes: list[int], measured: dict[int, list[tuple[int, float, int]]]) -> list[str]:
    """What the table says, a sentence for each queue."""
    said = []
    for place, (name, _, _) in enumerate(QUEUES):
        counts = [measured[size][place][0] for size in sizes]
        ratio = measured[sizes[-1]][place][1] / measured[sizes[0]][place][1]
        if len(sizes) == 1:
            few = "within" if counts[0] <= MOST_QUERIES else "MORE THAN"
            said.append(f"- {name}: {counts[0]} queries, {few} the {MOST_QUERIES} allowed; measured at one size only.")
            continue
        same = "the same number of queries at every size" if len(set(counts)) == 1 else f"queries that change with the size ({counts})"
        few = "within" if max(counts) <= MOST_QUERIES else "MORE THAN"
        slow = "within" if ratio <= MOST_GROWTH else "MORE THAN"
        said.append(
            f"- {name}: {same}, {few} the {MOST_QUERIES} allowed; from {sizes[0]:,} to {sizes[-1]:,} applications the page takes "
            f"{ratio:.2f} times as long, {slow} the {MOST_GROWTH} allowed."
        )
    return said


if __name__ == "__main__":
    main([int(text.replace(",", "")) for text in sys.argv[1:]] or SIZES)
