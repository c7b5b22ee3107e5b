"""Nouns: the plain values everything else speaks in.

Frozen, with arithmetic only; the standard library and nothing else. Start here: the shapes of this
package are the vocabulary of the rules, the tables, the commands and the screens.

    money    integer minor units, one rounding rule, splits that lose nothing
    period   half-open ranges of local days, month steps from a stored anchor day, intervals of instants
    work     client location contact asset technician job visit event labour part card fix stay
    terms    contract term revision escalator discount cover rate working calendar policy
    bill     charge draft exception case issued line invoice payment
    agreement  all the facts of one contract
    holidays     days on which nobody works, of one year or of every year
    conventions  the words by which a contract names how days, changes and notice count
    twin     how frozen values are made by the hundred thousand
    geo      places on the ground and the distances between them
"""
