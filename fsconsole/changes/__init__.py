"""What changed: written, signed, sealed, read back and merged.

Pure: bytes and integers in, bytes and integers out; it knows no job and no table. In the order of a change's way:

    stamp       readings of a hybrid logical clock: always rising, never throwing
    batch       the changes of one act under one stamp, and its bytes
    merge       which of two writes stands; which losing writes a person should see
    keys        a site's key pairs, the workspace key, signatures; the file that keeps them
    frame       batches of one site, sealed and signed together: the unit of trust
    segment     a file of frames, taken as far as it is whole
    signed      the small signed file that the next three are
    head        how far a site has come and what it has applied of the others
    workspace   the marker without which a folder is offline
    member      the membership log's entries, and who they make a member
    membership  how those entries are judged
    invite      sixteen characters that bring a new site to work
    snapshot    everything up to a point, in one file, piece by piece
    names       what files and folders are called; nothing else is opened
    verdict     what was found wrong with bytes from outside, as a value with a sentence
"""
