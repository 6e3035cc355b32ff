"""The trusted process: files in, journal, files out. It never parses or renders a submission.

`intake` opens submissions, `worker` owns a checker and a zygote, `schedule` decides what runs where
and what runs again, `calibrate` refuses a batch that cannot be graded rightly, `journal` remembers.
"""
