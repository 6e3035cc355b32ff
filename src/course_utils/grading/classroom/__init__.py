"""Makes whole classes of submissions, with what each should get: for tests, demo and benchmarks.

`kinds` says what one student may hand in, `generate` fills a folder.
"""
