"""Ingest: sustained rate beside a bare consumer, the tutorial's script and Node-RED; publish to commit; what it costs.

2,000 devices on 2,000 connections publish about 150 bytes at QoS 1. Ours is `ioc intake` with `ioc serve`: keys
checked, journal written, latest kept, rules judged, acknowledged after the commit. The rounds of all four go in
turn; each turn gives one ratio to each, the medians count. Everything shares this machine's cores; PostgreSQL and
the brokers have the shipped settings.
"""

import statistics

from bench.centre import state_dir
from bench.ingest_consumers import Kind, bare, install_node_red, node_red, tutorial
from bench.ingest_devices import Order
from bench.ingest_long import long_figures
from bench.ingest_ours import ours
from bench.ingest_round import BACKLOG, MOST, Round, load, play, settle, warm
from bench.ingest_site import Site, connected, site

ROUNDS = 3
SECONDS = {"ours": 6.0, "bare": 4.0, "tutorial": 4.0, "node_red": 4.0}
KINDS: dict[str, Kind] = {"ours": ours, "bare": bare, "tutorial": tutorial, "node_red": node_red}
STEADY_PER_S = 5000.0
STEADY_S = 5.0

GOALS = {
    "vs_bare_consumer": ("at least", 0.2),
    "vs_single_insert": ("at least", 10.0),
    "vs_node_red": ("at least", 5.0),
    "publish_to_commit_p99_ms": ("at most", 150.0),
    "cpu_s_per_million": ("at most", 30.0),
    "lost": ("at most", 0.0),
    "twice": ("at most", 0.0),
}

"""Which way and how far a figure is to go."""

_COUNT = """
select run, count(*) as rows, count(distinct (stream, seq)) as messages
from readings where run = any ($1::text[]) group by run
"""

_SIZES = """
select (select sum(pg_total_relation_size(relid)) from pg_partition_tree('readings'))::bigint as readings,
       pg_total_relation_size('latest') as latest, pg_total_relation_size('journal') as journal,
       (select count(*) from readings) as rows, (select count(*) from dead_letters) as refused
"""


async def run(*, long: bool) -> dict[str, float]:
    """Figures: ratios, messages a second, milliseconds, CPU seconds, bytes; `--long` adds memory, backlog, history."""
    missing = await install_node_red()
    if missing:
        print(f"ingest vs_node_red not measured: {missing}", flush=True)
    async with state_dir() as state, site(state) as place:
        rounds = await _rounds(place, [name for name in KINDS if not (missing and name == "node_red")])
        figures = rates(rounds)
        delays, steady = await _delays(place, figures["sustained_per_s"])
        figures |= delays | await _kept(place, rounds["ours"] + steady)
        if long:
            figures |= await long_figures(place)
    return figures


async def _rounds(place: Site, names: list[str]) -> dict[str, list[Round]]:
    """Each in turn, several times."""
    rounds: dict[str, list[Round]] = {name: [] for name in names}
    for number in range(ROUNDS):
        for name in names:
            order = Order(run=f"{name}-{number}", seconds=SECONDS[name], most=MOST, backlog=BACKLOG)
            rounds[name].append(await play(place, KINDS[name], order))
            print(f"ingest round {rounds[name][-1]}", flush=True)
    return rounds


def rates(rounds: dict[str, list[Round]]) -> dict[str, float]:
    """The median of each ratio over the turns, the median rates, and what a million messages cost."""
    per_s = {name: statistics.median(one.per_s for one in several) for name, several in rounds.items()}
    figures = {
        f"vs_{key}": round(statistics.median(map(_ratio, rounds["ours"], rounds[name])), 3)
        for key, name in (("bare_consumer", "bare"), ("single_insert", "tutorial"), ("node_red", "node_red"))
        if name in per_s
    }
    figures["sustained_per_s"] = round(per_s["ours"])
    figures |= {f"{name}_per_s": round(rate) for name, rate in per_s.items() if name != "ours"}
    for key, name in (("", "client"), ("desk_", "desk"), ("broker_", "broker"), ("postgres_", "postgres")):
        spent = statistics.median(one.cpu_s[name] / one.sent * 1e6 for one in rounds["ours"])
        figures[f"{key}cpu_s_per_million"] = round(spent, 1)
    figures["payload_bytes"] = rounds["ours"][0].payload_bytes
    figures["others_cores"] = round(statistics.median(one.others for several in rounds.values() for one in several), 2)
    figures["desk_lag_messages"] = max(one.lag for one in rounds["ours"])
    figures["desk_behind_s"] = round(max(one.behind_s for one in rounds["ours"]), 2)
    return figures


def _ratio(mine: Round, other: Round) -> float:
    return mine.per_s / other.per_s


async def _delays(place: Site, sustained: float) -> tuple[dict[str, float], list[Round]]:
    """Publish to commit at the goal's rate, and at half of what is sustained: medians of the rounds."""
    figures: dict[str, float] = {}
    results: list[Round] = []
    async with ours(place) as running:
        await warm(place.ours, "ours-delays")
        await settle(place, running)
        for key, rate in (("", STEADY_PER_S), ("half_rate_", sustained / 2)):
            halves: list[float] = []
            tails: list[float] = []
            for number in range(ROUNDS):
                running.watch.keep = True
                order = Order(
                    run=f"ours-{key}delay-{number}", seconds=2 * STEADY_S, most=int(rate * STEADY_S), rate=rate
                )
                results.append(await load(place, place.ours, running, order))
                running.watch.keep = False
                delays = running.watch.delays_ms()
                halves.append(statistics.median(delays))
                tails.append(statistics.quantiles(delays, n=100)[98])
                print(f"ingest round {results[-1]}; p50 {halves[-1]:.1f} ms, p99 {tails[-1]:.1f} ms", flush=True)
            figures[f"{key}publish_to_commit_p50_ms"] = round(statistics.median(halves), 1)
            figures[f"{key}publish_to_commit_p99_ms"] = round(statistics.median(tails), 1)
    return figures, results


async def _kept(place: Site, rounds: list[Round]) -> dict[str, float]:
    """What the database says of what was sent: lost, there twice or told twice, refused; and bytes on disk."""
    async with connected(place.stack.database_url("postgres")) as connection:
        rows = await connection.fetch(_COUNT, [one.run for one in rounds])
        sizes = await connection.fetchrow(_SIZES)
    kept = {row["run"]: (row["rows"], row["messages"]) for row in rows}
    found = [(one, *kept.get(one.run, (0, 0))) for one in rounds]
    return {
        "lost": sum(one.sent - messages for one, _, messages in found),
        "twice": sum(rows - messages + max(0, one.done - one.sent) for one, rows, messages in found),
        "refused": sizes["refused"],
        "bytes_per_reading": round((sizes["readings"] + sizes["latest"]) / sizes["rows"], 1),
        "journal_bytes_per_reading": round(sizes["journal"] / sizes["rows"], 1),
    }
