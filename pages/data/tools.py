"""Tools: the list of tools with their error rates, and everything known about one of them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from pages.parts.argument_values import draw_arguments
from pages.parts.charts import draw_clickable
from pages.parts.levels import level_chip
from pages.parts.link_table import (
    LinkRow,
    draw_as_table,
    explore_address,
    name_html,
    table_html,
    tool_address,
)
from pages.parts.names import check_title
from pages.parts.page_head import Fact, draw_facts, draw_head, draw_note
from pages.parts.routes import link_to_explore, open_explore
from pages.parts.safe_text import one_line, show_hidden, text_html
from pages.parts.store_cache import read_cached
from pages.parts.tool_list import draw_list
from xlam_backend.charts.bars import Bar, count_bars
from xlam_backend.charts.levels import LEVEL_LOOKS
from xlam_backend.domain.json_pointer import show_pointer
from xlam_backend.domain.parameter_type import show_type
from xlam_backend.domain.tool_schema import ToolSchema
from xlam_backend.statistics.intervals import show_rate
from xlam_backend.explore.tool_dossier import (
    ArgumentFindings,
    PlacedFault,
    ToolDossier,
    ToolFault,
    open_tool,
)

MOST_BARS = 10
MOST_FAULTS = 8
MOST_SIBLINGS = 5
MOST_DESCRIPTIONS = 20


def draw_dossier(dossier: ToolDossier) -> None:
    """Draw everything about one tool."""
    if st.button("All tools", icon=":material/arrow_back:"):
        st.query_params.clear()
        st.rerun()
    st.html(f'<h2 class="xs-mono xs-tool-name">{name_html(dossier.name, 300)}</h2>')
    draw_facts(_facts(dossier))
    left, right = st.columns([3, 2], gap="large")
    with left:
        _draw_findings(dossier)
    with right:
        _draw_faults(dossier)
        _draw_siblings(dossier)
    _draw_arguments(dossier)
    _draw_descriptions(dossier)


def _facts(dossier: ToolDossier) -> list[Fact]:
    wrong, faults = dossier.wrong_calls, len(dossier.faults)
    return [
        Fact(f"{wrong.total:,}", "calls", "in current versions"),
        Fact(f"{wrong.hits:,}", "wrong calls", show_rate(wrong), "alarm" if wrong.hits else "fine"),
        Fact(
            f"{len(dossier.schemas):,}",
            "distinct descriptions",
            "" if dossier.schemas else "called, but never offered",
            "" if dossier.schemas else "alarm",
        ),
        Fact(f"{faults:,}", "faults in the descriptions", "", "alarm" if faults else "fine"),
    ]


def _draw_findings(dossier: ToolDossier) -> None:
    st.subheader("What is wrong with its calls", anchor=False)
    found = dossier.argument_findings
    if not found:
        draw_note("No check says anything about a call of this tool.")
    else:
        draw_note(
            "Calls with a finding, by check and argument. A click opens the trajectories they stand in."
        )
        _draw_finding_bars(dossier.name, found)
        draw_as_table(
            ("Check and argument", "Level", "Trajectories", "Calls"),
            [
                LinkRow(
                    _finding_label(one),
                    (
                        f"{LEVEL_LOOKS[one.level].mark} {one.level}",
                        f"{one.trajectory_count:,}",
                        f"{one.call_count:,}",
                    ),
                    _address(dossier.name, one),
                )
                for one in found
            ],
        )
    if dossier.wrong_calls.total and dossier.name:
        link_to_explore("All trajectories that call it", ":material/search:", tool=dossier.name)


def _draw_finding_bars(name: str, found: Sequence[ArgumentFindings]) -> None:
    bars = [
        Bar(
            key=f"{index}",
            label=_finding_label(one),
            count=one.call_count,
            note=LEVEL_LOOKS[one.level].mark,
            colour=LEVEL_LOOKS[one.level].fill,
        )
        for index, one in enumerate(found[:MOST_BARS])
    ]

    def open_found(key: str) -> None:
        one = found[int(key)]
        if name:
            open_explore(tool=name, check=one.check, level=one.level, argument=one.pointer)

    draw_clickable(count_bars(bars, unit="calls"), key="tool_findings", open_key=open_found)


def _finding_label(found: ArgumentFindings) -> str:
    title = check_title(found.check)
    return f"{title}: {show_hidden(show_pointer(found.pointer))}" if found.pointer else title


def _address(name: str, found: ArgumentFindings) -> str:
    if not name:  # Explore takes an empty name for any
        return ""
    return explore_address(tool=name, check=found.check, level=found.level, argument=found.pointer)


def _draw_faults(dossier: ToolDossier) -> None:
    st.subheader("Faults of its description", anchor=False)
    if not dossier.faults:
        draw_note("None found.")
    else:
        st.html(_faults_html(dossier, dossier.faults[:MOST_FAULTS]))
    if len(dossier.faults) > MOST_FAULTS:
        with st.expander(f"{len(dossier.faults) - MOST_FAULTS:,} more faults"):
            st.html(_faults_html(dossier, dossier.faults[MOST_FAULTS:]))
    if dossier.mendable:
        with st.expander(f"Normalised or safe to mend: {len(dossier.mendable):,}"):
            st.html(_faults_html(dossier, dossier.mendable))


def _faults_html(dossier: ToolDossier, faults: Sequence[PlacedFault]) -> str:
    return "".join(_fault_html(fault, index if len(dossier.schemas) > 1 else None) for index, fault in faults)


def _fault_html(fault: ToolFault, index: int | None) -> str:
    which = "" if index is None else f" · description {index + 1}"
    return (
        f'<div class="xs-finding xs-{fault.level}">{level_chip(fault.level)} '
        f"{escape(check_title(fault.check))}<p>{text_html(fault.message, 1000)}</p>"
        f'<span class="xs-where">{text_html(show_pointer(fault.pointer), 200)}{which}</span></div>'
    )


def _draw_siblings(dossier: ToolDossier) -> None:
    st.subheader("Easily taken for", anchor=False)
    if not dossier.siblings:
        draw_note("No other tool has a name near this one.")
        return
    draw_note(
        "Tools with a name near this one (Jaro-Winkler: 1 is the same but for case). A click opens one."
    )
    rows = [
        LinkRow(
            sibling.name,
            (f"{sibling.similarity:.2f}", f"{sibling.call_count:,}"),
            tool_address(sibling.name),
            one_line(sibling.description, 140),
        )
        for sibling in dossier.siblings
    ]
    heads = ("Tool", "Nearness", "Calls")
    st.html(table_html(heads, rows[:MOST_SIBLINGS]))
    if len(rows) > MOST_SIBLINGS:
        draw_as_table(heads, rows[MOST_SIBLINGS:], label=f"{len(rows) - MOST_SIBLINGS} more")


def _draw_arguments(dossier: ToolDossier) -> None:
    st.subheader("Its arguments", anchor=False)
    if not dossier.arguments:
        draw_note("It takes no arguments.")
        return
    if dossier.read_count < dossier.wrong_calls.total:
        draw_note(
            f"Values of {dossier.read_count:,} calls, spread evenly over all {dossier.wrong_calls.total:,}."
        )
    draw_arguments(dossier.arguments)


def _draw_descriptions(dossier: ToolDossier) -> None:
    if not dossier.schemas:
        return
    st.subheader("How it is described", anchor=False)
    count = len(dossier.schemas)
    for index, schema in enumerate(dossier.schemas[:MOST_DESCRIPTIONS]):
        title = f"Description {index + 1} of {count}" if count > 1 else "Description"
        with st.expander(title, expanded=index == 0):
            _draw_schema(schema)
    if count > MOST_DESCRIPTIONS:
        draw_note(f"{count - MOST_DESCRIPTIONS:,} more descriptions are not shown.")


def _draw_schema(schema: ToolSchema) -> None:
    words = text_html(schema.tool.description, 4_000) or '<i class="xs-cut">It has no description.</i>'
    st.html(f'<div class="xs-trace"><p class="xs-text">{words}</p></div>')
    if schema.parameters:
        parameters = schema.parameters.values()
        st.dataframe(
            {
                "Parameter": [one_line(parameter.name, 80) for parameter in parameters],
                "Type": [one_line(show_type(parameter.type), 80) for parameter in parameters],
                "Required": [parameter.name in schema.required for parameter in parameters],
                "Description": [one_line(parameter.description, 300) for parameter in parameters],
            },
            hide_index=True,
            column_config={"Description": st.column_config.TextColumn(width="large")},
        )
    with st.popover("As the source wrote it"):
        st.json({"name": schema.tool.name, "parameters": schema.tool.parameters, **schema.tool.extra})


draw_head(
    "Tools",
    "Which tools are called, how often wrongly, with which values; and the faults of their descriptions.",
)
if "tool" in st.query_params:
    draw_dossier(read_cached("tool", open_tool, st.query_params["tool"]))
else:
    draw_list()
