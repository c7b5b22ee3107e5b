"""What each answer of a price file holds, as ``--json`` prints it and [expect] may name it.

It stands apart so that scripts have one list to rely on, and a test holds it against what the rules answer.

Always: amounts are whole minor units; an answer that could not be given has ``problem`` in place of its figures.
"""

from __future__ import annotations

#: What every answer has.
EVERY = {
    "name": "as the row says",
    "line": "of the file, where it is asked",
    "says": "the sentence that explains it",
    "problem": "why it could not be answered; then there is nothing else",
}
#: By section: the fields of an answer, and in braces those of each thing in a list.
ANSWERS: dict[str, dict[str, str]] = {
    "split": {"amount": "what was cut", "amounts": "the parts", "parts": "{ name, amount }"},
    "tax": {
        "lines": "{ what, name, net, says; with share also tax, gross }", "lines_net": "", "allowances": "", "charges": "",
        "net": "", "tax": "", "gross": "net + tax", "withheld": "", "prepaid": "", "rounding": "beside the total (BT-114)",
        "payable": "gross + rounding − withheld − prepaid", "rates": "{ name, percent, category, reason, base, amount }",
        "tax_by": "what tax would be rounded by total, line, unit, document", "cash_discount": "", "paid_early": "",
    },
    "credit": {
        "net": "", "tax": "", "gross": "credited", "credits": "{ net, tax, gross, says }", "left_net": "", "left_tax": "",
        "left": "of the invoice",
    },
    "due": {
        "issued": "", "due": "the last day to pay; of instalments the last", "amount": "",
        "discounts": "{ percent, until, amount, to_pay, says }", "instalments": "{ due, amount, says }",
        "days_late": "with paid_on",
    },
    "deadline": {
        "what": "respond, restore, opening, latest start, measured, or nothing", "at": "local time with its offset; none while a "
        "pause lasts", "kept": "whether it was stopped in time", "minutes": "worked until it stopped, or measured",
        "seconds": "measured", "late_minutes": "",
    },
    "allocate": {
        "allocations": "{ payment, document, amount, says; discount, written_off }", "open": "{ document, amount, due }",
        "unapplied": "{ payment, amount } of payments and credit notes",
        "paid": "", "applied": "", "credited": "", "discount": "", "written_off": "",
        "kept": "", "refunded": "", "open_total": "", "unapplied_total": "", "notes": "what was left out and why",
    },
    "interest": {
        "days": "", "interest": "", "compensation": "", "fee": "", "total": "of the three", "open": "not paid by then",
        "document": "what it is billed with", "stretches": "{ start, days, percent, open, amount, says }",
    },
    "order": {
        "ceiling": "", "used": "", "left": "", "to_bill": "", "over": "", "may_bill": "", "blocked": "",
        "late": "lines after its end", "events": "{ name, what, amount, used, left, says }",
    },
    "periods": {"periods": "{ start, end (the first day no longer), last, days, full, says }"},
    "days": {"days": "", "years": "a decimal of twelve places", "amount": "where a year's is given"},
    "share": {"amount": "", "days": "", "seconds": "with prorate = “seconds”", "parts": "full periods it falls in"},
    "units": {"units": "that are priced", "amount": ""},
    "rounding": {"value": ""},
    "warranty": {"maker": "", "job": "", "amount": "", "lines": "how many", "by": "the last day to claim it"},
}  # fmt: skip
#: The name among the answers, where it is not that of the section.
CALLED = {"warranty": "claim"}
