"""What you see: the only package that imports textual.

Widgets take plain rows from small providers, so that what is drawn and what is asked stay apart.

    text       cell widths that are safe, words for time, nothing that could steer a terminal
    glyphs     glyph + word + colour role for every state and mark, with an ASCII set
    themes     TOML themes -> Look: a style for every role
    keys       one table: key, action, words, priority
    messages   what widgets tell screens, in the past tense
    palette    Ctrl+P: every action and every thing by name
    widgets/   board rows day detail form command_line top_line hints, all drawn line by line
    dialogs/   one question each
"""
