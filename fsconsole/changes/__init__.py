"""What changed: clocks, batches, merging.

Pure: bytes and integers in, bytes and integers out; it knows no job and no table.

    stamp    readings of a hybrid logical clock: always rising, never throwing
    batch    the changes of one act under one stamp, and its bytes
    merge    which of two writes stands; which losing writes a person should see
    verdict  what was found wrong with bytes from outside, as a value with a sentence
"""
