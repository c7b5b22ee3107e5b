"""One table of verbs: what is typed at the prompt, pressed as a key, listed in the palette, the help and the README.

It stands apart because the console and the scripting command line must be one language.

    ?d 1042 amy      a dry run: says what would happen
    … !! reason      overrides a guard; the reason stands in the log
    … @0912          back-dates; both times are kept
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib import import_module
from typing import Any

from fsconsole.desk import Desk, Done
from fsconsole.errors import Refused, UsageError
from fsconsole.flow import finding

#: Who may do what within a site; a check in the verbs, audited by who typed.
ROLES: dict[str, frozenset[str]] = {
    "viewer": frozenset(),
    "field": frozenset({"field"}),
    "dispatch": frozenset({"field", "dispatch"}),
    "billing": frozenset({"field", "dispatch", "billing"}),
    "owner": frozenset({"field", "dispatch", "billing", "owner"}),
}


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb. ``takes`` names what follows it, each read by the function of that name in ``TAKES``; ``?`` may be left out."""

    name: str
    keys: tuple[str, ...]
    takes: tuple[str, ...]
    help: str
    does: str  # module.function in flow
    role: str = "dispatch"
    group: str = "job"
    key: str = ""  # the key that does it on a screen where a thing of its group is chosen
    example: str = ""

    @property
    def usage(self) -> str:
        words = [WORDS[take.rstrip("?")] if not take.endswith("?") else f"[{WORDS[take.rstrip('?')]}]" for take in self.takes]
        return " ".join([self.keys[0], *words])

    @property
    def asks(self) -> bool:
        """Whether more than the thing chosen must be given."""
        return any(not take.endswith("?") for take in self.takes[1:])

    def run(self, desk: Desk, given: dict[str, Any]) -> Done:
        module, _, function = self.does.partition(".")
        act: Callable[..., Done] = getattr(import_module(f"fsconsole.flow.{module}"), function)
        return act(desk, **given)


V = Verb
VERBS: tuple[Verb, ...] = (
    # the telephone rings
    V("log", ("log",), ("call",), "Log a job: client, what is wrong, @where, !priority, #serial, po:order.", "intake.log_job", group="call", key="n", example="log acme boiler down @unit3 !1"),
    V("find", ("find", "f"), ("words",), "Find by number, name, postcode, serial, order or telephone number.", "caller.find", role="", group="call", example="find 020 7946 0121"),
    V("note", ("n", "note"), ("job", "words"), "Add a note.", "amend.note", role="field", example="n 1042 key with the porter"),
    V("order", ("order", "po"), ("jobs_or_contract", "said"), "Give the client's order number.", "amend.order", example="order 1042 4500118"),
    V("priority", ("pri",), ("job", "number"), "Set the priority, 1 is first.", "amend.priority", example="pri 1042 1"),
    V("promise", ("promise",), ("job", "when", "until?"), "Promise a window.", "amend.promise", example="promise 1042 14:00 16:00"),
    V("rename", ("title",), ("job", "words"), "Say better what is wrong.", "amend.rename", example="title 1042 boiler down, no hot water"),
    V("cancel", ("x", "cancel"), ("job", "words"), "Cancel a job, with the reason.", "amend.cancel", example="x 1042 client called back"),
    V("client", ("client",), ("pairs",), "Add a client.", "register.add_client", group="call", example="client Harrow Dental phone:02079460155"),
    V("location", ("location",), ("client", "pairs"), "Add a client's location.", "register.add_location", group="call", example="location harrow Surgery postcode:HA12AB"),
    V("asset", ("asset",), ("client", "pairs"), "Add equipment.", "register.add_asset", group="call", example="asset harrow boiler serial:21-0093 @surgery"),
    V("contact", ("contact",), ("client", "pairs"), "Add a contact, such as accounts payable.", "register.add_contact", group="call", example="contact harrow ap accounts@harrow.example"),
    # who goes
    V("book", ("book", "b"), ("job", "technician", "when"), "Book a technician's time; nobody is sent yet.", "dispatch.book", key="b", example="book 1042 amy fri 14:00"),
    V("dispatch", ("d", "dispatch"), ("job", "technician?", "when?"), "Send a technician.", "dispatch.release", key="d", example="d 1042 amy 14:00"),
    V("acknowledge", ("ack",), ("visit",), "The technician has acknowledged.", "dispatch.acknowledge", role="field", example="ack amy"),
    V("told", ("told",), ("visit",), "The technician was told by phone.", "dispatch.told", key="t", example="told amy"),
    V("en route", ("en",), ("visit",), "On the way.", "dispatch.depart", role="field", key="e", example="en amy"),
    V("on site", ("a", "arrive"), ("visit",), "Arrived.", "dispatch.arrive", role="field", key="a", example="a amy @0912"),
    V("waiting parts", ("wp",), ("visit", "parts?", "eta?"), "Waiting for parts, expected on a day.", "dispatch.wait_parts", role="field", key="w", example="wp 1042 compressor eta 3d"),
    V("parts in", ("in",), ("visit",), "The parts are in.", "dispatch.parts_in", example="in 1042"),
    V("complete", ("c", "complete"), ("visit", "words?"), "The work is done.", "dispatch.complete", role="field", key="c", example="c 1042"),
    V("sign off", ("sg",), ("visit", "sign"), "The client accepted: a name, or unattended, remote, refused with a reason.", "card.sign_off", role="field", key="s", example='sg 1042 "A Patel"'),
    V("no access", ("na",), ("visit", "wake?", "words?"), "Nobody let them in; parked until a day.", "dispatch.no_access", role="field", example="na 1042 fri"),
    V("return needed", ("rn",), ("visit", "wake?", "words?"), "Not finished; parked until a day.", "dispatch.return_needed", role="field", key="r", example="rn 1042 2d needs a second man"),
    V("abort", ("ab",), ("visit", "words?"), "Broken off on site.", "dispatch.abort", role="field", example="ab 1042 unsafe ladder"),
    V("take off", ("off",), ("visit", "words?"), "Take the technician back.", "dispatch.take_off", key="o", example="off 1042"),
    V("park", ("park",), ("job", "day", "words?"), "Set a job aside until a day.", "dispatch.park", key="p", example="park 1042 fri client on holiday"),
    V("wake", ("wake",), ("job",), "Take a parked job up again.", "dispatch.wake", example="wake 1042"),
    # what was done
    V("card", ("card",), ("visit", "said?"), "The job card is in: what was done (found:… done:…).", "card.receive", role="field", key="j", example="card 1042 replaced ignition lead"),
    V("labour", ("labour", "lab"), ("visit", "minutes", "kind?", "words?"), "Record time worked (or travel).", "card.labour", role="field", key="l", example="labour 1042 1h35"),
    V("part", ("part",), ("visit", "part", "quantity?"), "Record a part used.", "card.part_used", role="field", example="part 1042 PCB-77 x2"),
    V("attach", ("attach",), ("job", "files"), "Attach photos or PDFs by their paths.", "attachments.attach", role="field", example="attach 1042 ~/photo.jpg"),
    V("nil", ("nil",), ("visit",), "Nothing was used, and that is right.", "card.nil", example="nil 1042"),
    V("sick", ("sick", "absent"), ("technician", "day?", "words?"), "A technician is absent until a day.", "register.absent", group="technician", example="sick amy tomorrow"),
    # the money
    V("cover", ("cover",), ("contract", "asset"), "Put equipment on a contract.", "contract.cover", role="billing", group="contract", example="cover C204 21-0093"),
    V("drop", ("drop",), ("contract", "asset", "day?"), "Take equipment off a contract from a day.", "contract.drop", role="billing", group="contract", example="drop C204 21-0093 fri"),
    V("under", ("under",), ("job", "contract"), "Put a job under a contract.", "amend.under", role="billing", example="under 1042 C204"),
    V("rate", ("rate",), ("rate_kind", "amount", "client?"), "Set a price for work from today.", "contract.rate", role="billing", group="contract", example="rate labour 72.00"),
    V("goodwill", ("goodwill",), ("job", "words"), "Give the work away, with the reason.", "amend.goodwill", role="billing", example="goodwill 1042 our mistake last week"),
    V("uncover", ("uncover",), ("job", "words"), "Bill work that stands as covered, with the reason.", "amend.uncover", role="billing", example="uncover 1042 misuse, seen on the photo"),
    V("covered", ("covered",), ("job", "words"), "Confirm that work is covered, with the reason.", "amend.covered", role="billing", example="covered 1042 worn, not misused"),
    V("write off", ("close",), ("job", "words"), "Write off what is not to be billed and close.", "amend.write_off", role="billing", example="close 1042 below minimum"),
    V("bill", ("bill",), ("billed",), "Issue what is billable of a job, a contract or a draft.", "invoice.issue", role="billing", group="contract", key="i", example="bill C204"),
    V("credit", ("credit",), ("invoice", "words"), "Undo an invoice with a credit note.", "invoice.credit", role="billing", group="money", example="credit LDN-I0001 wrong client"),
    V("offer", ("offer",), ("jobs_or_contract", "site"), "Offer another site to bill it; nobody bills until it answers.", "hand_over.offer", role="billing", group="contract", example="offer C204 LDS"),
    V("accept", ("accept",), ("jobs_or_contract",), "Bill from now on what another site offered.", "hand_over.accept", role="billing", group="contract", example="accept C204"),
    V("decline", ("decline",), ("jobs_or_contract",), "Leave the billing with the site that offered it.", "hand_over.decline", role="billing", group="contract", example="decline C204"),
    V("withdraw", ("withdraw",), ("jobs_or_contract", "words"), "Take the billing from a site that is gone.", "hand_over.withdraw", role="owner", group="contract", example="withdraw C204 LDS has closed !! agreed with the board"),
    V("hold", ("hold",), ("jobs_or_contract", "words"), "Hold back what is billable, with the reason.", "draft.hold", role="billing", group="contract", example="hold 1042 waits for the survey"),
    V("free", ("free",), ("jobs_or_contract",), "Let go what was held back; what was waived is billed after all.", "draft.free", role="billing", group="contract", example="free 1042"),
    V("approve", ("approve",), ("draft",), "Approve the lines of a draft, job or contract as they stand.", "draft.approve", role="owner", group="money", example="approve K1"),
    V("grouping", ("grouping",), ("client", "by"), "What shares a client's invoice: payer, order, location, contract, job.", "draft.grouping", role="billing", group="client", example="grouping acme location"),
    V("lock", ("lock",), ("month",), "Close the books to the end of a month, once it is complete.", "draft.lock", role="owner", group="money", example="lock 2026-02"),
    V("unlock", ("unlock",), ("month",), "Open the books again from a month on, with the reason.", "draft.unlock", role="owner", group="money", example="unlock 2026-02 !! a card came late"),
    V("dispute", ("dispute",), ("invoice", "words"), "The client does not accept a document, or line:2 of it.", "exception.dispute", role="billing", group="money", example="dispute LDN-I0001 line:1 never ordered"),
    V("uphold", ("uphold",), ("invoice", "words?"), "What was disputed stands after all.", "exception.uphold", role="billing", group="money", example="uphold LDN-I0001"),
    V("apply", ("apply",), ("payment", "invoice"), "Put a payment on a document.", "payment.apply", role="billing", group="money", example="apply BACS-77 LDN-I0001"),
    V("reading", ("reading",), ("words",), "Record a meter: equipment, value (or wrong), meter, day, E for an estimate.", "measure.reading", role="field", group="contract", example="reading 21-0093 14200"),
    V("index", ("index",), ("name", "month", "value"), "Record a published index.", "measure.index", role="billing", group="any", example="index CPI 2026-01 134.8"),
    V("notice", ("notice",), ("contract", "day?"), "Notice of a contract's price rise was given.", "measure.notice", role="billing", group="contract", example="notice C204"),
    V("revise", ("revise",), ("contract", "amount", "day", "words?"), "Set a contract's price from a day; name the term where it has several.", "revise.price", role="billing", group="contract", example="revise C204 310.00 2026-04-01"),
    V("discount", ("discount",), ("contract", "words"), "Take something off a contract's prices from a day; off ends it.", "agree.discount", role="billing", group="contract", example="discount C204 10% 2026-04-01"),
    V("escalate", ("escalate",), ("contract", "words"), "A contract's prices rise from a day and each year after; off ends it.", "agree.escalate", role="billing", group="contract", example="escalate C204 3% 2027-01-01"),
    V("quote", ("quote",), ("job", "amount", "words?"), "What the client agreed to pay for a job, up to so much in all.", "agree.quote", role="billing", example="quote 1042 850.00 new pump, as by e-mail"),
    V("transfer", ("transfer",), ("contract", "client", "day", "words?"), "Another firm pays for a contract from a day.", "agree.transfer", role="billing", group="contract", example="transfer C204 harrow 2026-04-01 sold to them"),
    V("pause", ("pause",), ("contract", "day?", "words?"), "Bill nothing of a contract from a day, until it is resumed.", "revise.suspend", role="billing", group="contract", example="pause C204 2026-04-01 works closed"),
    V("resume", ("resume",), ("contract", "day?"), "Bill a suspended contract again from a day.", "revise.resume", role="billing", group="contract", example="resume C204 2026-06-01"),
    V("renew", ("renew",), ("contract",), "Renew a contract that is renewed by notice.", "revise.renew", role="billing", group="contract", example="renew C204"),
    V("end", ("end",), ("contract", "day?", "words?"), "End a contract from a day; without one give notice.", "revise.end", role="billing", group="contract", example="end C204 2026-07-01 moved away"),
    V("claimed", ("claimed",), ("job", "day?"), "The client claims the credit for a call that was late.", "revise.claim", role="billing", example="claimed 1042"),
    V("decide", ("decide",), ("contract", "words"), "Decide on a missed promise: credit, or waived with the reason.", "measure.decide", role="billing", group="contract", example="decide C204 credit"),
    # what holds it up
    V("chase", ("chase",), ("case", "words?"), "Record that someone was chased.", "exception.chase", group="exception", key="h", example="chase 1008 ben"),
    V("own", ("own",), ("case", "person?"), "Take a case, or give it to someone.", "exception.own", group="exception", key="a", example="own 1008 jo"),
    V("snooze", ("snooze", "z"), ("case", "day"), "Hide a case until a day.", "exception.snooze", group="exception", key="z", example="z 1008 3d"),
    V("waive", ("waive",), ("case", "words"), "Let it go, with the reason.", "exception.waive", role="billing", group="exception", key="w", example="waive 1008 agreed by phone"),
    V("keep", ("keep",), ("case", "choice"), "Keep one of two values that two sites wrote.", "exception.keep", group="exception", example="keep 1010 LDN"),
    # what needs an eye now
    V("claim", ("claim",), ("alert",), "Take an alert, so that others see who looks after it.", "alerts.claim", group="alert", key="a", example="claim 1042"),
    V("suspend", ("suspend",), ("alert", "day?"), "Set an alert aside for today, or until a day; grown worse it stands there again.", "alerts.suspend", group="alert", key="z", example="suspend 1042"),
    # take back
    V("undo", ("u", "undo"), ("act?",), "Take back your own last act, or the latest one with these words.", "undo.undo", role="field", group="any", key="u", example="u"),
    V("redo", ("redo",), (), "Do again what was taken back.", "undo.redo", role="field", group="any", example="redo"),
    V("merge", ("merge",), ("merge_kind", "two"), "Join two spellings of one client, location or asset.", "register.join", role="owner", group="client", example="merge client K12 K31"),
    V("pin", ("pin",), ("location", "words"), "Set where a location is: latitude, longitude.", "register.pin", group="client", example="pin L12 51.5074,-0.1278"),
    V("policy", ("policy",), ("words",), "Set a company policy from today.", "policies.policy", role="owner", group="any", example="policy repeat_days 14"),
)  # fmt: skip
BY_KEY: dict[str, Verb] = {key: verb for verb in VERBS for key in verb.keys}

WORDS = {
    "call": "CLIENT WHAT [@PLACE] [!PRIORITY]", "words": "WORDS", "job": "JOB", "jobs_or_contract": "JOB|CONTRACT", "billed": "JOB|CONTRACT|DRAFT", "number": "N",
    "when": "WHEN", "until": "UNTIL", "client": "CLIENT", "technician": "TECHNICIAN", "visit": "JOB|TECHNICIAN", "eta": "eta DAY", "parts": "WORDS",
    "sign": "NAME", "wake": "DAY", "day": "DAY", "minutes": "TIME", "kind": "travel", "part": "PART", "quantity": "xN",
    "contract": "CONTRACT", "asset": "ASSET", "rate_kind": "KIND", "amount": "AMOUNT", "invoice": "INVOICE", "case": "CASE",
    "pairs": "NAME [KEY:VALUE]", "said": "WORDS", "person": "PERSON", "choice": "SITE", "merge_kind": "KIND", "two": "KEEP DROP", "location": "LOCATION",
    "site": "SITE", "alert": "ALERT", "act": "ITS WORDS", "files": "FILE…",
    "draft": "DRAFT", "by": "HOW", "month": "MONTH", "payment": "PAYMENT", "name": "NAME", "value": "VALUE",
}  # fmt: skip


@dataclass(slots=True)
class Line:
    """A line as understood: the verb, its words, and what was said around them."""

    verb: Verb
    words: list[str]
    dry: bool = False
    override: str = ""
    text: str = ""
    given: dict[str, Any] = field(default_factory=dict)


def parse(text: str) -> Line:
    """The verb and words of a line. Raises UsageError; looks at no store."""
    # Control characters are nobody's words: pasted ones count as spaces.
    line = "".join(letter if letter.isprintable() else " " for letter in text).strip()
    dry = line.startswith("?")
    line, marks, reason = line.lstrip("?").strip().partition("!!")
    if marks and not reason.strip():
        raise UsageError("!! needs a reason.", "Write it after the marks: … !! client insists")
    words = finding.typed_words(line)
    if not words:
        raise UsageError("Nothing was typed.", "Start with a verb, such as: d 1042 amy")
    verb = BY_KEY.get(words[0].lower())
    if verb is None:
        from difflib import get_close_matches

        near = get_close_matches(words[0].lower(), BY_KEY, 1)
        raise UsageError(f"“{words[0]}” is not a verb.", f"Did you mean “{near[0]}”?" if near else "Press ? for the verbs.")
    return Line(verb, words[1:], dry, reason.strip(), text.strip())


def run(desk: Desk, text: str) -> Done:
    """Does what a line says. Raises UsageError, or Refused with the reason and what would make it possible."""
    line = parse(text)
    verb = line.verb
    if verb.role and verb.role not in ROLES.get(desk.role, frozenset()):
        who = ", ".join(role for role, may in ROLES.items() if verb.role in may)
        raise Refused(f"{desk.by} may not {verb.name}: that needs the role {verb.role}.", f"Ask someone with the role {who}.")
    site = desk.store.one("SELECT role FROM site WHERE number = ?", (desk.store.site,))
    if verb.role and site and site[0] in ROLES and verb.role not in ROLES[site[0]]:
        raise Refused(
            f"{desk.store.code} is a site in the role {site[0]}: what it would write by “{verb.name}” counts at no other site.",
            f"Ask a site in the role {verb.role} to do it.",
        )
    words, at = _back_dated(desk, verb, line.words)
    here = replace(desk, dry=desk.dry or line.dry, override=line.override, back_dated=at, words=line.text.lstrip("?").strip())
    given = arguments(here, verb, words)
    return verb.run(here, given)


def _back_dated(desk: Desk, verb: Verb, words: list[str]) -> tuple[list[str], Any]:
    for index, word in enumerate(words):
        if re.fullmatch(r"@\d{3,4}|@\d{1,2}:\d{2}", word):
            typed = word[1:] if ":" in word else word[1:].zfill(4)
            at = finding.clock_time(typed)
            if at is None:
                raise UsageError(f"“{word}” is not a time of day.", "Write it like @0912.")
            moment = finding.local(desk, desk.today, at)
            if moment > desk.now:
                moment -= timedelta(days=1)  # a time still to come today was yesterday's
            return [*words[:index], *words[index + 1 :]], moment
    return words, None


# --- what follows a verb ----------------------------------------------------------------------------------------------

Take = Callable[[Desk, list[str]], tuple[Any, int]]


def arguments(desk: Desk, verb: Verb, words: list[str]) -> dict[str, Any]:
    """Reads what the verb takes from the words. Raises UsageError with the usage, or Refused."""
    given: dict[str, Any] = {}
    rest = list(words)
    for take in verb.takes:
        name, optional = take.rstrip("?"), take.endswith("?")
        if not rest and not optional:
            raise UsageError(f"“{verb.keys[0]}” needs more: {verb.usage}", f"For example: {verb.example}")
        value, used = TAKES[name](desk, rest) if rest else (None, 0)
        if used == 0 and not optional:
            raise UsageError(f"“{rest[0]}” is not {_A[name]}.", f"{verb.usage}, for example: {verb.example}")
        if used:
            given[ARGUMENT.get(name, name)] = value
            rest = rest[used:]
    if rest:
        raise UsageError(f"“{' '.join(rest)}” is left over.", f"{verb.usage}, for example: {verb.example}")
    return given


ARGUMENT = {"jobs_or_contract": "thing", "billed": "thing", "files": "names", "sign": "words", "call": "words", "pairs": "words", "said": "words", "parts": "words"}
_A = {
    "when": "a time; write 14:00, fri 9:00 or tomorrow", "until": "a time; write 16:00", "number": "a number",
    "day": "a day; write fri, 3d, 5/3 or 2026-03-05", "minutes": "a length of time; write 1h35 or 95",
    "amount": "an amount; write 72.00", "two": "two references", "merge_kind": "client, location or asset",
    "rate_kind": "labour, travel, call-out, no-access or abort",
}  # fmt: skip
for _name in WORDS:
    _A.setdefault(_name, WORDS[_name].lower())


def _all_words(desk: Desk, words: list[str]) -> tuple[Any, int]:
    return " ".join(words), len(words)


def _job(desk: Desk, words: list[str]) -> tuple[Any, int]:
    return finding.job(desk, words[0]), 1


def _job_or_contract(desk: Desk, words: list[str]) -> tuple[Any, int]:
    word = words[0]
    if re.search(r"(^|-)C\d+$", word.upper()):
        return finding.contract(desk, word), 1
    try:
        return finding.job(desk, word), 1
    except Refused:
        return finding.contract(desk, word), 1


def _billed(desk: Desk, words: list[str]) -> tuple[Any, int]:
    from fsconsole.flow.draft import draft_meant

    try:
        return _job_or_contract(desk, words)
    except Refused:
        # Who names a client, or one of its drafts, is told of drafts; who does not, of jobs and contracts.
        head = " ".join(words).partition("/")[0]
        if "/" not in words[0] and not (finding.ids_of(desk, "client", head) or finding.clients_like(desk, head.split())):
            raise
        return draft_meant(desk, " ".join(words)), len(words)


def _technician(desk: Desk, words: list[str]) -> tuple[Any, int]:
    # Tom is a technician before he is short for tomorrow.
    named = desk.store.one("SELECT 1 FROM technician WHERE lower(code) = ? AND gone = 0", (words[0].lower(),))
    if named is None and (finding.clock_time(words[0]) or finding.is_day(desk, words[0])):
        return None, 0
    return finding.technician(desk, words[0]), 1


def _visit(desk: Desk, words: list[str]) -> tuple[Any, int]:
    from fsconsole.flow.dispatch import visit_meant

    return visit_meant(desk, words[0]), 1


def _when(desk: Desk, words: list[str]) -> tuple[Any, int]:
    return finding.when(desk, words)


def _day(desk: Desk, words: list[str]) -> tuple[Any, int]:
    return (finding.day(desk, words[0]), 1) if finding.is_day(desk, words[0]) else (None, 0)


def _words_before_eta(desk: Desk, words: list[str]) -> tuple[Any, int]:
    cut = next((index for index, word in enumerate(words) if word.lower() == "eta"), len(words))
    return " ".join(words[:cut]), cut


def _eta(desk: Desk, words: list[str]) -> tuple[Any, int]:
    if words[0].lower() == "eta" and len(words) > 1:
        return finding.day(desk, " ".join(words[1:])), len(words)
    return None, 0


def _minutes(desk: Desk, words: list[str]) -> tuple[Any, int]:
    found = finding.minutes(words[0])
    return found, 0 if found is None else 1


def _act(desk: Desk, words: list[str]) -> tuple[Any, int]:
    from fsconsole.flow.undo import act_named

    return act_named(desk, " ".join(words)), len(words)


def _number(desk: Desk, words: list[str]) -> tuple[Any, int]:
    return (int(words[0]), 1) if words[0].isdigit() else (None, 0)


def _quantity(desk: Desk, words: list[str]) -> tuple[Any, int]:
    match = re.fullmatch(r"[x×]?(\d{1,5})(?:\.(\d{1,3}))?", words[0].lower())
    return (int(match[1]) * 1000 + int((match[2] or "0").ljust(3, "0")), 1) if match else (None, 0)


def _part(desk: Desk, words: list[str]) -> tuple[Any, int]:
    """Everything up to ``x2``; a bare number at the end counts only behind the code of a part we list."""
    last = len(words) - 1
    counts = re.match(r"[x×]\d", words[last].lower()) or (words[last].replace(".", "", 1).isdigit() and finding.part(desk, words[0]))
    cut = last if last and counts else len(words)
    return " ".join(words[:cut]), cut


def _kind_of_time(desk: Desk, words: list[str]) -> tuple[Any, int]:
    return ("travel", 1) if words[0].lower() == "travel" else (None, 0)


def _amount(desk: Desk, words: list[str]) -> tuple[Any, int]:
    from fsconsole.values.money import typed

    try:
        # A price is never rounded behind the back of whoever typed it.
        return typed(words[0], desk.store.currency), 1
    except ValueError:
        return None, 0


def _rate_kind(desk: Desk, words: list[str]) -> tuple[Any, int]:
    kind = words[0].lower()
    return (
        (kind.replace("no-access", "no access"), 1)
        if kind in ("labour", "travel", "call-out", "no-access", "abort")
        else (None, 0)
    )


def _files(desk: Desk, words: list[str]) -> tuple[Any, int]:
    return words, len(words)


def _two(desk: Desk, words: list[str]) -> tuple[Any, int]:
    return ((words[0], words[1]), 2) if len(words) > 1 else (None, 0)


def _merge_kind(desk: Desk, words: list[str]) -> tuple[Any, int]:
    return (words[0].lower(), 1) if words[0].lower() in ("client", "location", "asset") else (None, 0)


def _location(desk: Desk, words: list[str]) -> tuple[Any, int]:
    return finding.place(desk, words[0]), 1


def _pairs(desk: Desk, words: list[str]) -> tuple[Any, int]:
    return finding.quoted(words), len(words)


def _word(desk: Desk, words: list[str]) -> tuple[Any, int]:
    return words[0], 1


TAKES: dict[str, Take] = {
    "call": _pairs, "pairs": _pairs, "said": _pairs, "words": _all_words, "sign": _all_words, "job": _job, "jobs_or_contract": _job_or_contract, "billed": _billed,
    "technician": _technician, "visit": _visit, "when": _when, "until": _when, "day": _day, "wake": _day, "parts": _words_before_eta, "eta": _eta,
    "act": _act, "minutes": _minutes, "number": _number, "quantity": _quantity, "kind": _kind_of_time, "amount": _amount, "rate_kind": _rate_kind,
    "client": lambda desk, words: (finding.client(desk, words[0]), 1),
    "contract": lambda desk, words: (finding.contract(desk, words[0]), 1),
    "asset": lambda desk, words: (finding.asset(desk, words[0]), 1),
    "part": _part, "alert": _word, "case": _word, "person": _word, "choice": _word, "invoice": _word, "site": _word, "files": _files, "two": _two, "merge_kind": _merge_kind,
    "location": _location, "draft": _all_words, "by": _word, "month": _word, "payment": _word, "name": _word, "value": _word,
}  # fmt: skip


def completions(desk: Desk, text: str, limit: int = 8) -> Iterator[tuple[str, str]]:
    """(the whole line completed, what it is) for the word being typed."""
    bare = text.lstrip("?")
    lead = text[: len(text) - len(bare)]
    words = bare.split(" ")
    if len(words) <= 1:
        typed = words[0].lower() if words else ""
        seen = [verb for verb in VERBS if any(key.startswith(typed) for key in verb.keys) or verb.name.startswith(typed)]
        for verb in seen[:limit]:
            yield f"{lead}{verb.keys[0]} ", f"{verb.usage}   {verb.help}"
        return
    chosen = BY_KEY.get(words[0].lower())
    if chosen is None:
        return
    from fsconsole.store.queries.things import completions_for

    place = min(len(words) - 2, len(chosen.takes) - 1)
    if place < 0:
        return
    take = chosen.takes[place].rstrip("?")
    if take == "call" and len(words) > 2 and words[-1][:1] not in ("@", "#"):
        return  # the client stands; what is wrong is anybody's words
    start = " ".join(words[:-1])
    for value, says in completions_for(desk.store, take, words[-1], limit):
        yield f"{lead}{start} {value} ", says


def unfinished(line: str) -> bool:
    """Whether the line of a suggested step still wants words: it is put at the prompt instead of done."""
    return line.endswith((" ", ":"))


def take_step(desk: Desk, key: str) -> Done | str:
    """Takes a case's suggested step; where the step still wants words, the line to put at the prompt instead.

    Raises what the verb raises, and Refused when the case is not open any more or suggests nothing.
    """
    from fsconsole.flow.exception import step_of

    line = step_of(desk, key)
    return line if unfinished(line) else run(desk, line)
