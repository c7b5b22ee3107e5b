"""Who goes where. Pure: how long a drive takes; the search for a day's plan comes here.

    travel   minutes between two places
"""
