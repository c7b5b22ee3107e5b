"""Screens: each is a View over the store's queries; none computes and none writes.

base        View: top line, names line, the screen's own body, the command line; letters are verbs of what is chosen
board       columns of jobs, with the chosen one told beside or below
day map     who is free, who will be, who is not coming; where everyone is
clients contracts exceptions money sites    the lists (lists: what they share; phrases: words for figures and days)
job client contract technician location asset invoice    one thing whole (sheets: what they share)
find        what a caller may mean
log_form    taking a call: resolved as it is typed, parked when the next one rings
help        keys and verbs, filterable, run from there
said        messages read again
"""
