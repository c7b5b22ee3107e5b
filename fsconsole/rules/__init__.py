"""What follows: pure rules over plain values, in the order of a job's life.

Always: no clock, no ids, no store; the same values in give the same values out.

    words        how references, times and names are said
    policy       every policy of the company, its default, and what is in force on a day
    job          a visit's state from its events, a job's column from its visits, what may happen next
    coverage     which contract or warranty covers this work on this day
    sla          respond and restore by, on working calendars with pauses; the next promise
    alerts       what needs a person's eye now
    trail        fixes to stays; trail_codec keeps a day of them in few bytes
    periods      the billing periods of a term
    prorate      part of a period, part of a price
    counted      which term of a contract counts a line of a job
    rates        whose price, from when, rounded how
    bill_day     on which day it is billed
    billable     what a job's work is worth, line by line
    job_rows     work on jobs as the rows that such terms count
    life         when a term runs: renewed, ended early, suspended, handed over
    revised      which recorded changes are in force: a later act puts an earlier one right
    prices       what it costs from which day on: revisions, rises by percentage or index
    discount     what comes off
    recurring    what a contract's terms are worth, period by period
    tiers        what a quantity costs: by the unit, in tiers, in packages
    pools        what is included, carried over, drawn and shared out
    readings     what a meter counted: estimates, roll-over, swaps, readings that are missing
    worked       work as minutes by the clock, on holidays, in steps
    overtime     what counts more by what was worked before it that day or week
    usage        what all terms that bill by use need: their rows, periods, prices over time
    blocks       prepaid blocks of hours or units, in the order in which they are drawn
    prepaid      a meter's units bought ahead
    meters       readings and amounts, priced
    hours        included hours and prepaid blocks
    visits       visits included, further ones, promised ones
    labour       time and materials: labour, call-out, travel, parts, a cap
    commitment   what is missing to an agreed minimum
    project      milestones, progress, deposits, a ceiling, retention
    termination  what an early end costs
    penalty      promises missed, as credits; availability the same by time down
    totals       net, tax and gross of what is billed together; when it is due
    term_words   a term as a person would say it
    priced       every kind of term, and all that a price file asks for
    parked       what a contract that cannot be priced was worth before
    expected     whether a result is what was expected
    draft        what is billable and not billed
    corrected    a difference as a credit and a new charge
    right        who may bill a thing: offered, accepted, withdrawn
    facts        what the checks are given
    checks       why a charge cannot go out: one function per reason
    alike        which names may be two spellings of one
"""
