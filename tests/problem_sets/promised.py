"""The forms in which a set's text lets results be returned, as answers."""

from in_process import auto_tasks, reference

from course_utils.grading.answers import Answer

FORMS = {
    "float32": "np.float32(value)",
    "float64": "np.float64(value)",
    "lists": "np.asarray(value).tolist()",
}
"""How an array or a number may be returned; a pair is returned as a list."""

RESULTS = """
def _in_form(value):
    if isinstance(value, dict):
        return {{key: _in_form(part) for key, part in value.items()}}
    if isinstance(value, tuple):
        return [_in_form(part) for part in value]
    return {form}
"""

WRAPPED = """
_right_{name} = {name}

def {name}(*args):
    return _in_form(_right_{name}(*args))
"""


def answers(set_name: str, form: str) -> list[Answer]:
    """The right solution to each task that defines functions, with its results in this form."""
    wrapped = []
    for task in auto_tasks(set_name):
        source = reference(set_name, task.name)
        functions = [name for name in task.defines if f"\ndef {name}(" in f"\n{source}"]
        helpers = RESULTS.format(form=FORMS[form])
        parts = [source, helpers, *(WRAPPED.format(name=name) for name in functions)]
        if functions:
            wrapped.append(Answer(f"{task.name}_{form}", task.name, "\n".join(parts)))
    return wrapped
