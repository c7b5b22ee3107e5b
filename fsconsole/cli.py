"""The command line: one sub-command per line of the README's table; parse, call, print.

It stands apart so that a script, cron and a terminal without a screen can do what the console does.

Exit status: 0 done, 1 refused (the reason on stderr), 2 not understood. ``--json`` prints data with the field names
that ``--help`` lists; nothing else goes to stdout.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fsconsole import __version__
from fsconsole.clock import clock_from, ids_from
from fsconsole.errors import FsError, Refused, UsageError
from fsconsole.opening import join_home, local_timezone, login_name, open_desk, open_home, whole_code
from fsconsole.places import Home, home_at
from fsconsole.printing import (
    LIST_FIELDS,
    eyes_of,
    in_words,
    print_drafts,
    print_json,
    print_table,
    print_thing,
    progress_line,
    tell,
)

if TYPE_CHECKING:
    from fsconsole.store.opening import Store

IMPORTS = (
    "clients", "locations", "contacts", "assets", "technicians", "vehicles", "parts", "contracts", "rates", "jobs", "readings", "stock",
    "invoices", "payments", "policies", "agreements", "indexes", "holidays", "taxes", "postcodes", "tracks",
)  # fmt: skip


def run(argv: Sequence[str]) -> int:
    """Runs one command; returns the exit status. An error is one sentence on stderr, never a traceback."""
    parser = make_parser()
    args = parser.parse_args(argv)
    home = home_at(args.home)
    try:
        command: Callable[[argparse.Namespace, Home], int] = args.command
        return command(args, home)
    except UsageError as error:
        print(f"fsconsole: {error}", file=sys.stderr)
        return 2
    except FsError as error:
        print(f"fsconsole: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f"{error.filename} cannot be used" if error.filename else "The disk or the network refused"
        may = f" Give this user the right to it; it belongs to {_owner(error.filename)}." if isinstance(error, PermissionError) else ""
        print(f"fsconsole: {where} ({error.strerror or type(error).__name__}).{may}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _owner(path: object) -> str:
    """Who a file, or the nearest folder above it that can be seen, belongs to."""
    for one in (Path(str(path)), *Path(str(path)).parents):
        try:
            return one.owner()
        except (OSError, KeyError):
            continue
    return "somebody else"


def _common() -> argparse.ArgumentParser:
    """What every command takes, before or after its name."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--home", default=argparse.SUPPRESS, metavar="DIR", help="settings, store and keys in one folder (or FSCONSOLE_HOME)")
    common.add_argument("--as", dest="user", default=argparse.SUPPRESS, metavar="USER", help="who acts; default your login name")
    common.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print data as JSON")
    return common


def make_parser() -> argparse.ArgumentParser:
    """The parser of every command, with its help."""
    common = _common()
    parser = argparse.ArgumentParser(
        prog="fsconsole",
        parents=[_common()],  # not the sub-commands' own: set_defaults below would make their defaults hide what stands before the command
        description="Closes the gap between work done and money billed. Without a command it opens the console.",
        epilog="FSCONSOLE_NOW=2026-03-03T09:00:00Z[@RATE] sets the business clock. Exit status: 0 done, 1 refused, 2 not understood.",
    )
    parser.set_defaults(
        home=None, user="", json=False, command=console, fresh=False, read_only=False, ascii=False, theme="", view=""
    )
    parser.add_argument("--version", action="version", version=f"fsconsole {__version__}")
    parser.add_argument("--read-only", action="store_true", help="watch only")
    parser.add_argument("--fresh", action="store_true", help="do not take up the last session")
    parser.add_argument("--ascii", action="store_true", help="plain ASCII instead of glyphs")
    parser.add_argument("--theme", default="", help="a theme's name")
    parser.add_argument("--view", default="", help="a named view, or board day map clients contracts exceptions money sites")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def command(name: str, does: Callable[[argparse.Namespace, Home], int], help: str, **more: Any) -> argparse.ArgumentParser:
        made = commands.add_parser(name, parents=[common], help=help, description=help, **more)
        made.set_defaults(command=does)
        return made

    one = command("demo", demo, "A made-up company at work: two sites that sync live, technicians on the move. JSON: seed, hours, from, until, equal, differences, sites (code, jobs, columns, unbilled, at_risk, exceptions, digest, refused …).")
    one.add_argument("--headless", action="store_true", help="run the same day without a screen and print the outcome")
    one.add_argument("--hours", type=float, default=10.5, help="business hours to run (headless)")
    one.add_argument("--seed", type=int, default=7, help="the same seed gives the same day")
    one.add_argument("--keep", metavar="DIR", default="", help="leave both homes and the shared folder here")
    one.add_argument("--rate", type=float, default=60.0, help="business minutes per wall minute")

    one = command("init", init, "Start a workspace; this site is its owner.")
    one.add_argument("--site", required=True, metavar="CODE", help="short code of this office, such as LDN")
    one.add_argument("--name", default="", help="the company's name")
    one.add_argument("--shared", default="", metavar="DIR", help="the folder through which sites exchange")
    one.add_argument("--currency", default="GBP")
    one.add_argument("--timezone", default="", help="such as Europe/London; default this machine's")

    one = command("invite", invite, "Invite another site: prints the code to type there. JSON: code, site, role, expires.")
    one.add_argument("site", metavar="CODE")
    one.add_argument("--role", default="billing", choices=["viewer", "field", "dispatch", "billing", "owner"])
    one.add_argument("--days", type=int, default=7, help="days until it expires")

    one = command("share", share, "Exchange through another folder from now on; the first office may name an empty one, or one whose marker is gone. JSON: folder, words.")
    one.add_argument("folder", metavar="DIR")

    one = command("join", join, "Join a workspace with an invitation's code.")
    one.add_argument("--shared", required=True, metavar="DIR")
    one.add_argument("code", metavar="CODE", nargs="*", help="asked for when it is left out")

    one = command("site", site, "Remove a site for good: what it writes after the last that was read here counts nowhere. JSON: site, words.")
    one.add_argument("act", choices=["remove"], metavar="remove")
    one.add_argument("code", metavar="CODE")

    one = command("do", do, "One console command. JSON: words, ref, dry.")
    one.add_argument("line", metavar="VERB …", nargs="+")
    one.add_argument("--dry-run", action="store_true", help="say what would happen")

    one = command("attach", attach, "Attach photos or PDFs to a job; --out saves those it has into a folder. JSON: words, ref.")
    one.add_argument("job", metavar="JOB")
    one.add_argument("files", nargs="*", metavar="FILE")
    one.add_argument("--out", default="", metavar="DIR", help="save the job's files here; nothing is overwritten")

    one = command(
        "list",
        list_,
        "Rows of a kind. JSON: a list of objects with the fields below.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="kinds and their fields:\n" + "\n".join(f"  {kind}: {names}" for kind, names in LIST_FIELDS.items()),
    )
    one.add_argument("kind", metavar="KIND")
    one.add_argument("--where", action="append", default=[], metavar="k=v", help="may be given more than once")
    one.add_argument("--limit", type=int, default=0)

    one = command("show", show, "One thing by its reference.")
    one.add_argument("ref")
    one = command("history", history, "A thing's audit trail. JSON: at, site, by, verb, wrote.")
    one.add_argument("ref")

    one = command("import", import_, "Bring in a file. JSON: added, updated, unchanged, rejected, rejects, match, notes.")
    one.add_argument("kind", choices=IMPORTS, metavar="KIND", help=" ".join(IMPORTS))
    one.add_argument("files", nargs="+", metavar="FILE")
    one.add_argument(
        "--map", default="", metavar="ours=theirs,…", help="which column is what; without it headers are matched by name"
    )
    one.add_argument("--source", default="", help="what the source is called; default the file's name")
    one.add_argument("--dry-run", action="store_true")
    one.add_argument(
        "--dates", default="", choices=["", "dmy", "mdy", "ymd"], help="the order of dates where a column does not tell"
    )
    one.add_argument(
        "--billed-elsewhere-until", default="", metavar="DAY", help="work before this day was billed in the old system"
    )
    one.add_argument("--technician", default="", help="whose tracks these are")

    one = command("price", price, "What a contract would bill, line by line with reasons, from a file and without a store.")
    one.add_argument("--contract", default="", metavar="REF", help="write a contract of this site as such a file")
    one.add_argument("file", metavar="TERMS.toml", nargs="*", help="the file; - reads it from what is piped in")
    one.add_argument("--through", default="", metavar="DATE", help="all that is to be billed by this day; else what the file says, to its end, or of its first year")
    one.add_argument("--example", metavar="KIND", nargs="?", const="", help="print the example of a kind; without one list them")
    one.add_argument("--fields", metavar="NAME", nargs="?", const="", help="print the fields of a section or kind; without one list them")

    one = command("bill", bill, "Drafts for everything billable and not billed; --issue issues them.")
    one.add_argument("--through", default="", metavar="DATE")
    one.add_argument("--issue", action="store_true")

    one = command("report", report, "Where money leaks, or whether a month is complete (else exit 1). JSON: by, total, rows; or month, complete, billed, open, held …, rows.")
    one.add_argument("name", choices=["leakage", "month"], metavar="NAME", help="leakage or month")
    one.add_argument("month", nargs="?", default="", metavar="MONTH", help="for month: 2026-02; the last one unless given")
    one.add_argument("--by", default="cause", choices=["cause", "client", "contract", "type", "age"], help="what the leak is shown by")
    one.add_argument("--csv", action="store_true", help="as a table for other programs; amounts in minor units")

    one = command("sync", sync, "Exchange with the other sites now.")
    one.add_argument("--once", action="store_true", help="one exchange, then stop (the default without a screen)")
    one.add_argument("--watch", action="store_true", help="go on until interrupted")

    command("verify", verify, "Replay the log on an empty store and compare; check every frame.")
    one = command("backup", backup, "A safe copy of the store, also while consoles are open.")
    one.add_argument("file")
    one = command("restore", restore, "Put a backup back as this home's store.")
    one.add_argument("file")
    command("doctor", doctor, "What is wrong here, and what to do about it.")
    command("rebuild", rebuild, "Throw away what is derived and derive it again.")
    one = command("setup", setup, "Once, when going live: the cut-over date and the next invoice number.")
    one.add_argument("--cut-over", default="", metavar="DAY")
    one.add_argument("--next-invoice", type=int, default=0, metavar="N")
    return parser


# --- commands ---------------------------------------------------------------------------------------------------------


def console(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.console.start import open_console

    return open_console(args, home)


def demo(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.demo import run_demo

    return run_demo(args)


def init(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.settings import read_settings, write_settings
    from fsconsole.sync.founding import found

    clock = clock_from()
    shared = Path(args.shared).expanduser().absolute() if args.shared else None
    store = found(
        home,
        code=args.site,
        name=args.name or args.site,
        shared=shared,
        currency=args.currency,
        timezone=args.timezone or local_timezone(),
        now=clock.now(),
        ids=ids_from(clock),
        by=args.user or login_name(),
    )
    store.close()
    settings, _ = read_settings(home.settings)
    settings.shared = str(shared) if shared else settings.shared
    write_settings(home.settings, settings)
    where = f" and exchanges through {shared}" if shared else ""
    tell(
        args,
        {"site": args.site.upper(), "home": str(home.data), "shared": str(shared or "")},
        f"{args.site.upper()} is ready in {home.data}{where}.",
    )
    return 0


def invite(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.sync.founding import invite as make

    store = open_home(home)
    made = make(store, home, code=args.site, role=args.role, now=clock_from().now(), days=args.days)
    tell(
        args,
        {"code": made.code, "site": made.site, "role": made.role, "expires": made.expires},
        f"Type this at {made.site}, once, before {made.expires:%d %b %Y}:\n\n    fsconsole join --shared DIR {made.code}\n",
    )
    return 0


def share(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.sync.founding import attach as share_through

    store = open_home(home)
    folder = Path(args.folder).expanduser().absolute()
    words = share_through(store, home, folder, clock_from().now())
    store.close()
    tell(args, {"folder": str(folder), "words": words}, words)
    return 0


def join(args: argparse.Namespace, home: Home) -> int:
    code = " ".join(args.code)
    if sys.stdin.isatty():
        try:
            code = whole_code(code, input)
        except (EOFError, KeyboardInterrupt):
            print(file=sys.stderr)
            raise Refused("Nothing was joined.") from None
    shared = Path(args.shared).expanduser().absolute()
    store, to_come = join_home(home, shared, code, args.user, quiet=args.json)
    _settle(store, args)
    words = f"{store.code} has joined and is ready in {home.data}."
    tell(args, {"site": store.code, "home": str(home.data), "to_come": to_come}, f"{words} {to_come}".strip())
    store.close()
    return 0


def site(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.sync.members import remove

    store = open_home(home)
    try:
        words = remove(store, home, args.code, clock_from().now())
    finally:
        store.close()
    tell(args, {"site": args.code.upper(), "words": words}, words)
    return 0


def do(args: argparse.Namespace, home: Home) -> int:
    from fsconsole import verbs

    desk = open_desk(args.user, home)
    desk.dry = args.dry_run
    done = verbs.run(desk, args.line[0] if len(args.line) == 1 else " ".join(_quoted(word) for word in args.line))
    tell(args, {"words": done.words, "ref": done.ref, "dry": done.dry}, done.words)
    return 0


def attach(args: argparse.Namespace, home: Home) -> int:
    from fsconsole import verbs
    from fsconsole.flow import finding
    from fsconsole.flow.attachments import save_out

    if not args.files and not args.out:
        raise UsageError("Which file?", "Give FILE… to attach, or --out DIR to save what is attached.")
    desk = open_desk(args.user, home)
    said = []
    if args.files:
        said.append(verbs.run(desk, finding.quoted(["attach", args.job, *args.files])))
    if args.out:
        said.append(save_out(desk, finding.job(desk, args.job), Path(args.out).expanduser()))
    words = "\n".join(done.words for done in said)
    tell(args, {"words": words, "ref": said[0].ref}, words)
    return 0


def _quoted(word: str) -> str:
    return f'"{word}"' if " " in word else word


def list_(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.flow.telling import list_rows

    where = {}
    for one in args.where:
        key, equals, value = one.partition("=")
        if not equals:
            raise UsageError(f"--where wants k=v, not “{one}”.", "For example: --where column=complete")
        where[key.strip()] = value.strip()
    store = open_home(home, readonly=True)
    rows = list_rows(store, args.kind, where, args.limit, clock_from().now())
    if args.json:
        print_json(rows)
    else:
        print_table(rows, eyes_of(store, args.kind))
    return 0


def show(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.flow.telling import show_thing

    desk = open_desk(args.user, home, open_home(home, readonly=True))
    found = show_thing(desk, args.ref)
    if args.json:
        print_json(found)
    else:
        print_thing(found, eyes_of(desk.store, found["kind"]))
    return 0


def history(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.flow.telling import history_of

    desk = open_desk(args.user, home, open_home(home, readonly=True))
    rows = history_of(desk, args.ref)
    if args.json:
        print_json(rows)
        return 0
    eyes = eyes_of(desk.store, "history")
    for row in rows:
        print(f"{row['at'][:16].replace('T', ' ')}  {row['site']:4} {row['by']:10} {row['verb']}")
        for name, value in row["wrote"].items():
            print(f"{'':34}{name}: {in_words(name, value, eyes)}")
    return 0


def import_(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.flow.imports import import_file
    from fsconsole.inbox.kinds import parse_map

    desk = open_desk(args.user, home)
    site = desk.store.one("SELECT role FROM site WHERE number = ?", (desk.store.site,))
    if site and site[0] in ("viewer", "field"):
        raise Refused(
            f"{desk.store.code} is a site in the role {site[0]}: what it imports counts at no other site.", "Import at the office."
        )
    given = parse_map(args.map)
    until = _day(args.billed_elsewhere_until)
    reports = []
    if args.kind == "tracks":
        from fsconsole.flow.tracks import import_tracks

        reports.append(import_tracks(desk, [Path(file) for file in args.files], given=given, technician=args.technician or None))
    else:
        for file in args.files:
            reports.append(
                import_file(
                    desk, args.kind, Path(file), given=given, source=args.source, dry_run=args.dry_run, progress=progress_line(args),
                    order=args.dates or None, elsewhere_until=until, rejects_folder=home.rejects,
                )
            )  # fmt: skip
    _settle(desk.store, args)
    tell(args, reports if len(reports) > 1 else reports[0], "\n\n".join(report.in_words() for report in reports))
    return 0


def price(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.flow import price as pricing

    if args.example is not None:
        print(pricing.example(args.example) if args.example else pricing.examples_in_words(), end="" if args.example else "\n")
        return 0
    if args.fields is not None:
        print(pricing.fields(args.fields))
        return 0
    if args.contract:
        from fsconsole.flow import finding
        from fsconsole.flow.agreement_file import price_file_of

        desk = open_desk(args.user, home)
        print(price_file_of(desk.store, finding.contract(desk, args.contract).id), end="")
        return 0
    if not args.file:
        raise UsageError("Which file?", "Give TERMS.toml, or --example KIND to see how one is written and --fields NAME what it may say.")
    if len(args.file) > 1:
        raise UsageError(f"One file at a time is priced, and {len(args.file)} were given.", f"Begin with: fsconsole price {args.file[0]}")
    priced = pricing.price_file(Path(args.file[0]).expanduser(), _day(args.through))
    said = {"notes": [str(one) for one in priced.file.notes], "unexpected": list(priced.unexpected)}
    tell(args, {**pricing.as_data(priced.result), **said}, pricing.in_words(priced))
    return 0 if priced.good else 1


def bill(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.flow.invoice import bill_all

    desk = open_desk(args.user, home)
    through = _day(args.through) or desk.today
    done, bar = [0], progress_line(args, "billing")

    def told(number: int, total: int | None) -> None:
        done[0] = number
        if bar:
            bar(number, total)

    try:
        billed = bill_all(desk, through, issue=args.issue, progress=told)
    except KeyboardInterrupt:
        if not args.issue:
            raise
        print(f"\nStopped after {done[0]:,} payers. What is issued stands; the same command goes on with the rest.", file=sys.stderr)
        return 130
    if args.json:
        print_json(billed)
    else:
        print_drafts(billed)
    return 0


def report(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.flow import report as reports

    desk = open_desk(args.user, home, open_home(home, readonly=True))
    if args.name == "leakage":
        told = reports.leakage(desk, args.by)
    else:
        told = reports.month(desk, args.month)
    if args.json:
        print_json(told.data)
    elif args.csv:
        print(told.as_csv(), end="")
    else:
        print(told.words)
    return 0 if told.good else 1


def sync(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.sync.exchange import exchange, watch

    store = open_home(home)
    clock = clock_from()
    if args.watch and not args.once:
        watch(store, home, clock, say=lambda report: print(report.in_words(), flush=True))
        return 0
    report = exchange(store, home, clock.now())
    _settle(store, args)
    tell(args, report, report.in_words())
    return 0


def verify(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.sync.proof import prove

    proof = prove(open_home(home, readonly=True), home)
    tell(args, proof, proof.in_words())
    return 0 if proof.good else 1


def backup(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.sync.backup import back_up

    words = back_up(open_home(home, readonly=True), home, Path(args.file).expanduser())
    tell(args, {"file": args.file}, words)
    return 0


def restore(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.sync.backup import put_back

    words = put_back(home, Path(args.file).expanduser(), clock_from().now())
    tell(args, {"file": args.file}, words)
    return 0


def doctor(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.console.start import complaints
    from fsconsole.doctor import examine

    findings = examine(home, clock_from().now(), complaints(home))
    if args.json:
        print_json(findings)
    else:
        for finding in findings:
            print(
                f"{'ok ' if finding.good else '!! '} {finding.what}: {finding.says}"
                + (f"\n       {finding.instead}" if finding.instead and not finding.good else "")
            )
    return 0 if all(finding.good for finding in findings) else 1


def rebuild(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.flow.settle import rebuild as again

    count = again(open_home(home), clock_from().now(), _settling(args))
    tell(args, {"derived": count}, f"{count:,} things derived again.")
    return 0


def setup(args: argparse.Namespace, home: Home) -> int:
    from fsconsole.flow import policies
    from fsconsole.flow.numbers import set_next_number

    desk = open_desk(args.user, home)
    said = []
    day = _day(args.cut_over)
    if day:
        desk.words = f"policy cut_over {day.isoformat()}"
        said.append(policies.policy(desk, f"cut_over {day.isoformat()}").words)
    if args.next_invoice:
        said.append(set_next_number(desk, args.next_invoice).words)
    if not said:
        raise UsageError("Nothing to set up.", "Give --cut-over DAY or --next-invoice N.")
    tell(args, {"said": said}, "\n".join(said))
    return 0


# --- printing ---------------------------------------------------------------------------------------------------------


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"“{text}” is not a day.", "Write it like 2026-01-01.") from None


def _settle(store: Store, args: argparse.Namespace) -> None:
    from fsconsole.flow.settle import settle

    settle(store, clock_from().now(), _settling(args))


def _settling(args: argparse.Namespace) -> Callable[[int, int], None] | None:
    bar = progress_line(args, "settling")
    return (lambda done, total: bar(done, total)) if bar else None
