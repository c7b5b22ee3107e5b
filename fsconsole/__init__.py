"""fsconsole: closes the gap between work done and money billed, for companies that service equipment.

The map, in the order of reading:

    values/    NOUNS. frozen; arithmetic only
    rules/     WHAT FOLLOWS. pure, in life-of-a-job order
    planner/   WHO GOES WHERE. pure: who could go, how long it takes, why
    changes/   WHAT CHANGED. pure: stamps, batches, frames; knows no job and no table
    store/     KEPT HERE. the only package that imports peewee
    sync/      SHARED. store <-> shared folder
    inbox/     COMES IN. bytes -> (values, rejects)
    outbox/    GOES OUT. values -> bytes
    flow/      THE WORK, STEP BY STEP. ask the store, ask the rules, record the change
    console/   WHAT YOU SEE. the only package that imports textual

    demo/      a made-up company at work: set up through import, played through the verbs

    verbs      one table of what can be typed; cli the commands
    desk       who acts, on which store, at what time
    printing   what commands print; opening a home's store and a desk at it
    settings places clock errors doctor    leaves
"""

__version__ = "0.1.0"
