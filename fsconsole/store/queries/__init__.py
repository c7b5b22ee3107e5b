"""Everything a screen or a flow asks, by noun. Each query has an index that serves it.

    board       lanes and cards: the open jobs
    jobs        one job whole, jobs of a thing, what a caller says
    people      technicians: the day line, positions, trails
    contracts   terms, covers, what was billed and what is billable
    exceptions  the open cases, the figures of the top line
    money       drafts, invoices, payments
    things      clients, locations, assets by reference, name or number

Always: what a screen costs depends on what is visible, not on what is stored.
"""
