"""Comes in: bytes and files to values and rejects; it never raises on what a file holds.

    sheets     any CSV as a stream of rows with their true line numbers
    fields     one cell's text to a day, an instant, an amount, a quantity, a pin ...
    words      the vocabulary of other systems: states, priorities, how often, how long
    known      for each kind of import the fields it knows and the headers people give them
    rows       what several cells of one row say together
    kinds      a file's headers matched to our fields, and its rows read as records
    gathered   fixes by device while a trail file is read; whose file it is by its name
    tracks     any trail file, told apart by content: gpx owntracks gpslogger nmea tracker
    tiles      a basemap from one .pmtiles file
    terms_file     a price file: fields, known sections, values, lines of errors
"""
