"""Screens: each is a View over the store's queries; none computes and none writes.

base        View: top line, names line, the screen's own body, the command line; letters are verbs of what is chosen
board       columns of jobs, with the chosen one told beside or below
job         one job's whole story
log_form    taking a call: resolved as it is typed, parked when the next one rings
help        keys and verbs, filterable, run from there
said        messages read again
"""
