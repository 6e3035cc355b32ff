"""Where student code runs: a warm zygote, forked per submission into namespaces of its own.

`sandbox` holds the kernel's tools (namespaces, seccomp, limits), `zygote` imports and forks,
`supervisor` keeps the clock beside each job and never runs student code, `job` answers the checker,
`kernel` runs cells as a notebook does. Inside the jail this package is called `runner.jail`.
"""
