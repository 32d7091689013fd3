"""Questions for the tests of the scorer."""

from xlam_backend.bfcl.question import Question


def function(name, required=(), **types):
    """A function; a type is its name, or (name, name of its items)."""
    properties = {
        argument: {"type": kind[0], "items": {"type": kind[1]}} if isinstance(kind, tuple) else {"type": kind}
        for argument, kind in types.items()
    }
    parameters = {"type": "dict", "properties": properties, "required": list(required)}
    return {"name": name, "description": "", "parameters": parameters}


def question(category, functions, answer=None):
    """A question that offers these functions, with its allowed calls."""
    listed = functions if isinstance(functions, list) else [functions]
    return Question(f"{category}_0", category, (), tuple(listed), None if answer is None else tuple(answer))
