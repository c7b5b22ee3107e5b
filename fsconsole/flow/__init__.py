"""The work, step by step: ask the store, ask the rules, record the change. What a person does, in order.

    intake      the telephone rings: log a job, add what is new, notes, orders, promises
    dispatch    book, release, acknowledge, on the way, arrived, waiting, done, no access
    card        the job card, labour, parts, sign-off
    trail       fixes and stays (tracks)
    draft       settle: what is billable and not billed, and why it cannot go out
    exception   own, chase, snooze, waive
    invoice     issue and credit
    contract    terms, covers, rates, policies

    acting      one act: say what it would do, or record it and settle what it touched
    finding     what a person means by 1042, amy, acme, fri 14:00
    undo        take back one's own last act, and redo it
    imports     their files: matching links merge tracks
    caller      everything a caller may name, and what we know at once

The way is down and out again: nothing here calls back up. Every function takes the desk first, returns a Done
or raises Refused, and records through ``acting.record``.
"""
