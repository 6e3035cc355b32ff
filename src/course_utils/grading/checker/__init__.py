"""The checker: parses submissions, runs the instructor's checks, talks to the jail.

Its own sandbox has the references and the hidden checks but no network, no journal and no output
folder. `main` is the warm process, forked per submission; `notebook` reads what students sent,
`plan` decides what runs when, `cells` runs a check cell, `jail` is the checker's end of the wire,
`proxies` are its stand-ins for student objects, `grade` puts them together.
"""
