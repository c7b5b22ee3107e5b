"""Shared: this store and the shared folder, exchanged until both have everything.

    folder     how the shared folder is read and written
    identity   who we are: key file and membership log
    roles      what a site of each role may write
    publish    ours -> the folder
    collect    the folder -> ours
    forks      two copies of one site wrote: both branches reach everyone
    exchange   one exchange, and the loop
    rollup     many small files of ours become few
    reopening  a restored or copied site takes back its tail and opens a new epoch
    snapshots  everything up to a point in one file: who joins starts from it
    blobs      trails and files, fetched when named
    founding   start a workspace, invite
    joining    join with an invitation's code
    members    remove a site
    status     what each site has, in words
    proof      the store is what its log says
    backup     safe copies, and putting one back

Always: a file in the folder is written once and only its author removes it; a missing file never means a deletion;
what cannot be taken is held and said in a sentence, and stops one site's stream, never the others.
"""
