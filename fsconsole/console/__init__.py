"""What you see: the only package that imports textual.

Widgets take plain rows from small providers, so that what is drawn and what is asked stay apart.

    start      opens the store, the settings and the look, runs the app, returns its exit status
    first      the few questions of a first run
    app        one desk and its screens: every act, what others did, the way in, back and out
    prompt     the command line's words: completion, dry run, what a line does
    palette    Ctrl+P: every action and every thing by name
    telling    what is said of a job beside a list
    top        the top line's figures
    watching   what others wrote, the clock, the figures on top: looked at some times a second
    renewing   what a new day or a new version wants derived, in a thread
    sharing    the exchange with the other sites, in a thread
    session    what is remembered from one session to the next
    tidy       what closed screens leave, collected while nobody types
    report     a crash in one file, without clients' data
    screens/   base board day map clients contracts exceptions money sites, and what opens from them
    widgets/   board rows day detail form command_line top_line hints, all drawn line by line
    dialogs/   one question each
    keys       one table: key, action, words, priority
    messages   what widgets tell screens, in the past tense
    themes     TOML themes -> Look: a style for every role
    glyphs     glyph + word + colour role for every state and mark, with an ASCII set
    text       cell widths that are safe, words for time, nothing that could steer a terminal
    thrifty    the way out to the terminal: when a frame is written, and on a slow line which one is left out
    listening  the way in from the keyboard: nothing is asked until a key is pressed
    shadow     what the terminal shows cell by cell, and the shortest way to what it should show
"""
