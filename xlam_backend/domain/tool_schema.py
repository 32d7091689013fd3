"""A tool's parameters in one shape, whatever form its source used.

Flat parameters (format 1.0, xlam-function-calling-60k), JSON Schema (format 2.0, OpenAI), BFCL's
`type: dict`, ToolBench's `optional` list, lists of named parameters, parameters as a JSON text: all
become a `ToolSchema`. Reading never raises; what cannot be read is a fault of the schema.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from xlam_backend.domain.json_pointer import join_pointer
from xlam_backend.domain.parameter_type import MISSING as MISSING
from xlam_backend.domain.parameter_type import ParameterType, is_plain
from xlam_backend.domain.shown_value import show_value
from xlam_backend.domain.tool import Tool
from xlam_backend.domain.type_spec import SpecReader

# Where a flat specification states a default and nothing else says whether the argument is needed:
# readers of the 60k form disagree. True = it may be left out (see settings.default_means_optional).
DEFAULT_MEANS_OPTIONAL = True


class Parameter(msgspec.Struct, frozen=True):
    """One parameter. `default` is `MISSING` when there is none; `spec` is the source's own text of it."""

    name: str
    type: ParameterType
    description: str = ""
    required: bool = False
    default: Any = MISSING
    enum: tuple[Any, ...] | None = None
    spec: Any = None


class ToolSchema(msgspec.Struct, frozen=True):
    """A tool with its parameters by name, in the source's order.

    required    the parameters a call must give (names that are no parameter are left out)
    undefined_required  required names that are no parameter, as (pointer to the list, name)
    open_ended  arguments beyond the named ones are allowed (additionalProperties, **kwargs)
    faults      what could not be read, as (pointer into the parameters, plain words)
    base        the pointer under which a parameter's spec stands: "/properties" or ""
    structured  the parameters whose types say more than a kind: choices, limits, what is inside
    """

    tool: Tool
    name: str
    parameters: dict[str, Parameter]
    required: frozenset[str] = frozenset()
    undefined_required: tuple[tuple[str, str], ...] = ()
    open_ended: bool = False
    faults: tuple[tuple[str, str], ...] = ()
    base: str = ""
    structured: tuple[Parameter, ...] = ()

    def pointer_of(self, name: str) -> str:
        """Return the place of a parameter's spec inside the tool's parameters."""
        return self.base + join_pointer([name])


class _Form(msgspec.Struct):
    """What was found about the form of a tool's parameters, before the parameters are read."""

    specs: dict[str, Any]
    root: Any = None
    required: list[str] | None = None
    optional: list[str] = []
    open_ended: bool = False
    is_flat: bool = False
    faults: list[tuple[str, str]] = []


def read_schema(tool: Tool, *, default_means_optional: bool = DEFAULT_MEANS_OPTIONAL) -> ToolSchema:
    """Read a tool's parameters; never raises.

    >>> tool = Tool("add", parameters={"a": {"type": "int"}, "b": {"type": "int, optional"}})
    >>> sorted(read_schema(tool).required)
    ['a']
    """
    form = _read_form(tool)
    reader = SpecReader(form.root)
    base = () if form.is_flat else ("properties",)
    types = {name: reader.read(spec, (*base, name)) for name, spec in form.specs.items()}
    defaults = {name: default_of(spec, types[name]) for name, spec in form.specs.items()}
    defaulted = {name for name, default in defaults.items() if default is not MISSING}
    required = _required_names(form, types, defaulted if default_means_optional else set())
    parameters = {
        name: _read_parameter(name, spec, types[name], defaults[name], is_required=name in required)
        for name, spec in form.specs.items()
    }
    undefined = [("/required", name) for name in form.required or () if name not in parameters]
    undefined += [(join_pointer(place), name) for place, name in reader.undefined]
    return ToolSchema(
        tool=tool,
        name=tool.name,
        parameters=parameters,
        required=frozenset(required.intersection(parameters)),
        undefined_required=tuple(undefined),
        open_ended=form.open_ended or any(name.startswith("**") or name == "kwargs" for name in parameters),
        faults=(*form.faults, *((join_pointer(place), words) for place, words in reader.faults)),
        base="" if form.is_flat else "/properties",
        structured=tuple([each for each in parameters.values() if not is_plain(each.type)]),
    )


def schemas_by_name(tools: Iterable[Tool]) -> dict[str, ToolSchema]:
    """Return the tools as read, by name; of equal names the first.

    >>> list(schemas_by_name([Tool("add"), Tool("add", "Add up."), Tool("sub")]))
    ['sub', 'add']
    """
    return {tool.name: read_schema(tool) for tool in reversed(list(tools))}


def _read_form(tool: Tool) -> _Form:
    given = tool.parameters
    if isinstance(given, str) and given.strip():
        try:
            given = msgspec.json.decode(given)
        except (msgspec.DecodeError, RecursionError):
            return _Form({}, faults=[("", "the parameters are a text that is no JSON")], open_ended=True)
    if isinstance(given, list):
        form = _read_list(given)
    elif isinstance(given, dict):
        form = _read_json_schema(given) if is_json_schema(given) else _read_flat(given)
    else:
        faults = [] if given in (None, "") else [("", f"the parameters are {show_value(given)}, no object")]
        form = _Form({}, faults=faults, open_ended=bool(faults), is_flat=True)
    form.root = given
    beside = tool.extra.get("required")
    if form.required is None and isinstance(beside, list):
        form.required = _texts(beside)
    form.optional = [*form.optional, *_texts(tool.extra.get("optional"))]
    return form


def is_json_schema(parameters: dict[str, Any]) -> bool:
    """Tell a JSON Schema from flat parameters: one of those may itself be named `type` or `properties`.

    >>> is_json_schema({"type": "dict", "properties": {}}), is_json_schema({"type": {"type": "str"}})
    (True, False)
    """
    named, properties = parameters.get("type"), parameters.get("properties")
    if isinstance(properties, dict):
        return isinstance(named, str) or (named is None and isinstance(parameters.get("required"), list))
    return properties is None and named in ("object", "dict") and not _has_named_specs(parameters)


def _has_named_specs(parameters: dict[str, Any]) -> bool:
    return any(
        isinstance(spec, dict) and ("type" in spec or "description" in spec) for spec in parameters.values()
    )


def _read_json_schema(given: dict[str, Any]) -> _Form:
    faults: list[tuple[str, str]] = []
    required = given.get("required")
    if required is not None and not isinstance(required, (list, bool)):
        faults.append(("/required", "is no list of names"))
    properties = given.get("properties") or {}
    return _Form(
        specs=properties if isinstance(properties, dict) else {},
        required=_texts(required) if isinstance(required, list) else None,
        optional=_texts(given.get("optional")),
        open_ended=bool(given.get("additionalProperties")),
        faults=faults,
    )


def _read_flat(given: dict[str, Any]) -> _Form:
    """Read {param: spec}; a `required` or `optional` list beside the parameters is not one of them."""
    specs = dict(given)
    required = _take_names(specs, "required")
    optional = _take_names(specs, "optional") or []
    return _Form(specs=specs, required=required, optional=optional, is_flat=True)


def _take_names(specs: dict[str, Any], key: str) -> list[str] | None:
    if isinstance(specs.get(key), list) and all(isinstance(name, str) for name in specs[key]):
        return list(specs.pop(key))
    return None


def _read_list(given: list[Any]) -> _Form:
    """Read a list of {name, type, ...}, as RapidAPI writes parameters."""
    specs: dict[str, Any] = {}
    faults: list[tuple[str, str]] = []
    for at, spec in enumerate(given):
        if isinstance(spec, dict) and isinstance(spec.get("name"), str):
            specs[spec["name"]] = spec
        else:
            faults.append((join_pointer([at]), "is no parameter with a name"))
    return _Form(specs=specs, is_flat=True, faults=faults)


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _required_names(form: _Form, types: dict[str, ParameterType], defaulted: set[str]) -> set[str]:
    """Decide which parameters a call must give, from whichever mark the source uses.

    `defaulted` are those that may be left out because they have a default.
    """
    names = set(form.required or ())
    unneeded = set(form.optional)
    unmarked = []
    is_marked = False
    for name, spec in form.specs.items():
        mark = _stated_inside(spec)
        if mark is None:
            unmarked.append(name)
        elif mark:
            names.add(name)
            is_marked = True
        else:
            unneeded.add(name)
    if form.is_flat and form.required is None and not is_marked:
        names.update(name for name in unmarked if name not in defaulted)
    return {name for name in names - unneeded if name not in types or not types[name].optional}


def _stated_inside(spec: Any) -> bool | None:
    """Return what a parameter's own spec says about being required, None when it says nothing."""
    if not isinstance(spec, dict) or ("required" not in spec and "optional" not in spec):
        return None
    stated = spec.get("required")
    if isinstance(stated, bool):
        return stated
    if isinstance(stated, str) and stated.lower() in {"true", "false", "yes", "no"}:
        return stated.lower() in {"true", "yes"}
    return False if spec.get("optional") is True else None


def default_of(spec: Any, declared: ParameterType) -> Any:
    """Return a parameter's default, MISSING when none is stated.

    An empty text means "none" wherever the type is not a text: sources write it for every parameter.
    """
    if not isinstance(spec, dict) or "default" not in spec:
        return declared.default
    default = spec["default"]
    if default == "" and isinstance(default, str) and declared.kind not in {"string", "any", "unknown"}:
        return MISSING
    return default


def _read_parameter(
    name: str, spec: Any, declared: ParameterType, default: Any, *, is_required: bool
) -> Parameter:
    described = spec.get("description") if isinstance(spec, dict) else ""
    return Parameter(
        name=name,
        type=declared if declared.kind != "null" else msgspec.structs.replace(declared, kind="unknown"),
        description=described if isinstance(described, str) else "",
        required=is_required,
        default=default,
        enum=declared.choices,
        spec=spec,
    )
