"""What is drawn: every widget here is a Canvas, which repaints the lines that changed and no others.

canvas        the line-drawing base all others share
edit_line     a line of text being typed, without a screen
board         lanes of cards (board_lanes: which stand open; board_card: what a card says)
rows          a long list or table
day           a line per technician
detail        labelled lines and sections
form          fields resolved as you type
top_line      money, time, sync
hints         which keys do what
command_line  the prompt, its verdict, its completions
map           where everyone is (map_scene, map_things, braille)
"""
