"""Everything a screen or a flow asks, by noun. Each query has an index that serves it.

    board       lanes and cards: the open jobs
    jobs        jobs of a thing, repeat calls, notes
    people      technicians, stays, duties, job pins, the visits of a day
    contracts   contracts as a list: next period, billable and not billed
    exceptions  the open cases, the figures of the top line
    money       drafts, invoices, payments, what a client owes
    ageing      what is not billed, by how long it could have been
    things      clients, locations, assets, contacts; full-text search; completions

Always: what a screen costs depends on what is visible, not on what is stored. What needs a rule to tell it
(a job's story, a contract in words, a technician's day) is composed in flow: story, agreement, day, caller.
"""
