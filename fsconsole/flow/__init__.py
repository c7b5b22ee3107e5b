"""The work, step by step: ask the store, ask the rules, record the change. What a person does, in order.

    intake      the telephone rings: log a job; amend: notes, orders, promises, cancelled; register: clients, places, equipment
    dispatch    book, release, acknowledge, on the way, arrived, waiting, done, no access
    card        the job card, labour, parts, sign-off
    attachments photos and papers on a job; expiring what is not kept for good
    tracks      track files and drop folders; trails what is kept of them and what follows
    draft       settle: what is billable and not billed, and why it cannot go out
    again       what a new day or a new version of the program wants derived anew, a chunk at a time
    exception   own, chase, snooze, waive
    invoice     issue and credit
    right       who may bill a job or contract, and what was billed without it; hand_over passes that on
    contract    terms, covers, rates, policies
    price       what a contract would bill, from a file and without a store

    acting      one act: say what it would do, or record it and settle what it touched
    finding     what a person means by 1042, amy, acme, fri 14:00
    alerts      what needs an eye now, claimed or set aside
    undo        take back one's own last act, or one by name, and redo it
    imports     their files, by subject in import_*; matching, links, rejects, pins, numbers; merge joins two spellings
    caller      everything a caller may name, and what we know at once; day a line per technician; agreement a contract in words
    telling     answers for scripts; story a job's whole story in words; price what a contract would bill, without a store

The way is down and out again: nothing here calls back up. Every function takes the desk first, returns a Done
or raises Refused, and records through ``acting.record``.
"""
