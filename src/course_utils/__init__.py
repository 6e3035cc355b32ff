"""The code under *Learning to Remember*: numerics, tasks, checks, figures, authoring and grading.

Eight rooms, arrows only downwards: ``cli`` > ``grading`` > ``authoring`` > ``figures`` >
``experiments`` > ``checks`` > ``data`` > ``nn``. Importing this module imports none of them.
"""
